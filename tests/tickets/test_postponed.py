"""Postponed tickets come back by themselves, on the minute, once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from deskbell.clock import now
from deskbell.errors import BadInput
from deskbell.people.actors import CLOCK
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Ticket
from deskbell.work import timetable
from deskbell.work.jobs import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again

MINUTE = timedelta(minutes=1)


def woken(ticket: Ticket) -> int:
    return Entry.objects.filter(ticket=ticket, kind="ticket.woken").count()


def the_clock_turns() -> None:
    timetable.tick()
    run_due()


def test_it_comes_back_as_its_minute_begins_and_once(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime(2026, 3, 2, 11, 58, 40, tzinfo=UTC))
    the_clock_turns()
    ticket = a_ticket(cast.support, cast.emil)
    actions.postpone(ticket, datetime(2026, 3, 2, 12, tzinfo=UTC), by=by(cast.bela))
    clock.move_to(datetime(2026, 3, 2, 11, 59, 59, tzinfo=UTC))
    the_clock_turns()
    assert woken(ticket) == 0
    clock.move_to(datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC))
    the_clock_turns()
    the_clock_turns()
    assert woken(ticket) == 1
    clock.shift(MINUTE)
    the_clock_turns()
    assert woken(ticket) == 1


def test_the_timetable_says_when_the_next_minute_begins(
    db: None, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime(2026, 3, 2, 11, 58, 40, tzinfo=UTC))
    assert timetable.tick() == datetime(2026, 3, 2, 11, 59, tzinfo=UTC)


def test_after_a_stop_of_hours_it_comes_back_once(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.postpone(ticket, now() + MINUTE, by=by(cast.bela))
    the_clock_turns()
    clock.shift(timedelta(hours=9))
    the_clock_turns()
    assert woken(ticket) == 1
    entry = Entry.objects.get(ticket=ticket, kind="ticket.woken")
    assert (entry.by_kind, entry.cause and entry.cause.kind) == (CLOCK.kind, "ticket.postponed")


def test_it_comes_back_new_where_nobody_had_answered_and_open_else(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    new, answered = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.emil)
    actions.reply(answered, Content("Hello."), by=by(cast.bela))
    for ticket in (new, answered):
        actions.postpone(ticket, now() + MINUTE, by=by(cast.bela))
        actions.postpone(ticket, now() + 2 * MINUTE, by=by(cast.bela))
    clock.shift(2 * MINUTE)
    assert actions.wake_when_due() == 2
    new.refresh_from_db()
    answered.refresh_from_db()
    assert (new.status, answered.status) == ("new", "open")
    assert new.postponed_until is None


def test_a_customer_who_writes_fetches_it_back(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.postpone(ticket, now() + MINUTE, by=by(cast.bela))
    ticket = writes_again(ticket, cast.emil).ticket
    assert (ticket.status, ticket.postponed_until) == ("open", None)


def test_an_agent_fetches_it_back_before_its_time(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.postpone(ticket, now() + MINUTE, by=by(cast.bela))
    actions.wake(ticket, by=by(cast.bela))
    assert ticket.status == "new"


def test_the_past_is_no_moment_to_postpone_to(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    with pytest.raises(BadInput, match="ahead"):
        actions.postpone(ticket, now(), by=by(cast.bela))
    with pytest.raises(BadInput, match="come back"):
        actions.reply(ticket, Content("Hello."), by=by(cast.bela), then="postponed")


def test_a_slip_in_the_year_puts_no_ticket_where_nobody_looks(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    with pytest.raises(BadInput):
        actions.postpone(ticket, now().replace(year=9999), by=by(cast.bela))
    actions.postpone(ticket, now() + timedelta(days=3650), by=by(cast.bela))


def test_answer_and_postpone_are_one_act(cast: Cast) -> None:
    ticket, until = a_ticket(cast.support, cast.emil), now() + MINUTE
    actions.reply(ticket, Content("Hello."), by=by(cast.bela), then="postponed", until=until)
    assert (ticket.status, ticket.postponed_until) == ("postponed", until)

"""What a department promises is kept by clocks: since when a customer waits, until when, and why."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from deskbell.people.actors import CLOCK
from deskbell.sla.clocks import answer_clock
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.state import Clock, from_json, state_of
from tests.cast import Cast, by
from tests.conftest import NOON
from tests.desk import a_ticket, writes_again

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("promised")


@pytest.fixture
def promised(cast: Cast, clock: time_machine.Traveller) -> None:
    """Support answers within an hour, Billing within four; it is noon."""
    for department, hours in ((cast.support, 1), (cast.billing, 4)):
        department.answer_within_minutes = hours * 60
        department.save()


def running(ticket: Ticket) -> tuple[str, datetime] | None:
    """Return what is due on the ticket, and when; None when no clock runs."""
    ticket.refresh_from_db()
    found = answer_clock(state_of(ticket))
    if found is None or found.rests:
        assert ticket.due_at is ticket.warns_at is None
        return None
    assert found.due_at is not None
    assert ticket.due_at == found.due_at
    return found.kind, found.due_at


def clocks_said(ticket: Ticket) -> list[str]:
    entries = Entry.objects.filter(ticket=ticket, kind__startswith="clock.").order_by("step")
    return [entry.data.get("reason", entry.kind.removeprefix("clock.")) for entry in entries]


def test_a_customer_is_to_be_answered_within_what_the_department_promises(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    assert running(ticket) == ("first_answer", NOON + HOUR)
    assert ticket.warns_at == NOON + 45 * MINUTE
    [entry] = Entry.objects.filter(ticket=ticket, kind="clock.started")
    assert entry.data["minutes"] == 60
    assert entry.data["department_id"] == cast.support.pk
    assert entry.cause is not None
    assert entry.cause.kind == "message.received"


def test_the_clock_counts_from_when_the_letter_reached_our_door(cast: Cast) -> None:
    ticket = actions.open_ticket(
        by=by(cast.emil),
        subject="It lay in the queue",
        content=Content("For half an hour."),
        department=cast.support,
        customer=cast.emil,
        channel="mail",
        occurred_at=NOON - 30 * MINUTE,
    )
    assert running(ticket) == ("first_answer", NOON + 30 * MINUTE)


def test_writing_once_more_does_not_start_the_clock_again(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(10 * MINUTE)
    writes_again(ticket, cast.emil)
    assert running(ticket) == ("first_answer", NOON + HOUR)
    assert clocks_said(ticket) == ["started"]


def test_an_answer_stops_it_and_the_customers_next_word_starts_the_next(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(10 * MINUTE)
    actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    assert running(ticket) is None
    stopped = Entry.objects.get(ticket=ticket, kind="clock.stopped")
    assert (stopped.data["reason"], stopped.data["left_seconds"]) == ("answered", 50 * 60)
    clock.shift(10 * MINUTE)
    writes_again(ticket, cast.emil)
    assert running(ticket) == ("next_answer", NOON + 20 * MINUTE + HOUR)


def test_an_answer_that_leaves_it_as_it_was_is_an_answer(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(10 * MINUTE)
    actions.reply(ticket, Content("We look into it."), by=by(cast.bela), then="as_it_was")
    assert running(ticket) == ("next_answer", NOON + 10 * MINUTE + HOUR)


@pytest.mark.parametrize("verb", ["mark_answered", "resolve", "close"])
def test_it_stops_without_a_message_too(cast: Cast, verb: str) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    getattr(actions, verb)(ticket, by=by(cast.anna))
    assert running(ticket) is None
    assert state_of(ticket).clocks == ()


def test_time_in_postponed_is_not_counted(cast: Cast, clock: time_machine.Traveller) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(20 * MINUTE)
    actions.postpone(ticket, NOON + 24 * HOUR, by=by(cast.bela))
    assert running(ticket) is None
    clock.move_to(NOON + 24 * HOUR)
    actions.wake(ticket, by=by(cast.bela))
    assert running(ticket) == ("first_answer", NOON + 24 * HOUR + 40 * MINUTE)


def test_what_was_late_before_it_was_postponed_is_as_late_afterwards(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(90 * MINUTE)
    actions.postpone(ticket, NOON + 24 * HOUR, by=by(cast.bela))
    clock.move_to(NOON + 24 * HOUR)
    writes_again(ticket, cast.emil)
    assert running(ticket) == ("first_answer", NOON + 24 * HOUR - 30 * MINUTE)


def test_who_comes_back_after_an_answer_waits_anew(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    for opens in ("reopen", "deny", "fails"):
        ticket = a_ticket(cast.support, cast.emil)
        actions.reply(ticket, Content("Send it in."), by=by(cast.bela), then="resolved")
        clock.shift(HOUR)
        now = NOON + HOUR
        match opens:
            case "reopen":
                actions.reopen(ticket, by=by(cast.anna))
            case "deny":
                actions.deny(ticket, by=by(cast.emil))
            case _:
                message = Message.objects.get(ticket=ticket, kind="reply")
                actions.fail_delivery(
                    ticket, message=message, address=cast.emil.value, reason="bounced", by=CLOCK
                )
        assert running(ticket) == ("next_answer", now + HOUR), opens
        clock.move_to(NOON)


@pytest.mark.parametrize(("hide", "bring"), [("spam", "not_spam"), ("delete", "restore")])
def test_what_is_brought_back_is_due_when_it_was(
    cast: Cast, clock: time_machine.Traveller, hide: str, bring: str
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    getattr(actions, hide)(ticket, by=by(cast.anna))
    assert running(ticket) is None
    clock.shift(10 * MINUTE)
    getattr(actions, bring)(ticket, by=by(cast.anna))
    assert running(ticket) == ("first_answer", NOON + HOUR)


def test_what_was_taken_for_spam_at_the_door_has_waited_since_it_came(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = actions.open_ticket(
        by=by(cast.emil),
        subject="A prize",
        content=Content("For the best tent."),
        department=cast.support,
        customer=cast.emil,
        channel="mail",
        is_spam=True,
    )
    clock.shift(10 * MINUTE)
    assert running(ticket) is None
    actions.not_spam(ticket, by=by(cast.bela))
    assert running(ticket) == ("first_answer", NOON + HOUR)


def test_a_part_is_watched_where_it_was_merged_into(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    survivor, part = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.emil)
    actions.mark_answered(survivor, by=by(cast.anna))
    clock.shift(10 * MINUTE)
    actions.merge(part, survivor, by=by(cast.anna))
    assert running(part) is None
    assert running(survivor) == ("next_answer", NOON + HOUR)
    actions.unmerge(part, by=by(cast.anna))
    assert running(part) == ("first_answer", NOON + HOUR)


def test_another_department_promises_something_else_from_the_same_moment_on(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(10 * MINUTE)
    entry = actions.transfer(ticket, cast.billing, by=by(cast.anna))
    assert running(ticket) == ("first_answer", NOON + 4 * HOUR)
    assert entry is not None
    actions.undo(ticket, entry.step, by=by(cast.anna))
    assert running(ticket) == ("first_answer", NOON + HOUR)


def test_a_department_that_promises_nothing_stops_it(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    cast.billing.answer_within_minutes = None
    cast.billing.save()
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(10 * MINUTE)
    actions.transfer(ticket, cast.billing, by=by(cast.anna))
    assert running(ticket) is None
    actions.transfer(ticket, cast.support, by=by(cast.anna))
    assert running(ticket) == ("first_answer", NOON + HOUR)


def test_taking_an_act_back_takes_back_what_it_did_to_the_clock(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(10 * MINUTE)
    entry = actions.postpone(ticket, NOON + 24 * HOUR, by=by(cast.bela))
    clock.shift(5 * MINUTE)
    actions.undo(ticket, entry.step, by=by(cast.bela))
    assert running(ticket) == ("first_answer", NOON + HOUR)


def test_nobody_waits_on_an_internal_ticket_nor_where_an_agent_writes_first(cast: Cast) -> None:
    internal = actions.open_ticket(
        by=by(cast.bela),
        subject="Order more zips",
        content=Content("Twelve."),
        department=cast.support,
        customer=None,
        channel="web",
        kind="note",
    )
    assert running(internal) is None
    first = actions.open_ticket(
        by=by(cast.bela),
        subject="Your tent",
        content=Content("It is ready."),
        department=cast.support,
        customer=cast.emil,
        channel="web",
        kind="reply",
    )
    assert running(first) is None
    writes_again(first, cast.emil)
    assert running(first) == ("next_answer", NOON + HOUR)


def test_a_clock_of_todays_shape_is_read_by_releases_that_know_more_of_it() -> None:
    [short] = from_json(
        "clocks",
        [["first_answer", NOON.isoformat(), (NOON + HOUR).isoformat(), None, 60, 3, 4]],
    )
    assert short == Clock("first_answer", NOON, NOON + HOUR, None, 60, 3, 4)

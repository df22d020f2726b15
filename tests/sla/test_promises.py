"""Agents hear in time what is due, once; and another promise holds for those who wait already."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from deskbell.notices import reading
from deskbell.notices.models import Notice
from deskbell.notices.wishing import keep_wish
from deskbell.people.departments import Decisions, change_department
from deskbell.people.models import Agent, Department
from deskbell.sla.renewing import renew_clocks
from deskbell.sla.warnings import warn_when_due
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.settle import settle
from deskbell.work import timetable
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.conftest import NOON
from tests.desk import a_ticket, writes_again

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("_promised")


@pytest.fixture
def _promised(cast: Cast, clock: time_machine.Traveller) -> None:
    """Support answers within an hour; it is noon."""
    promise(cast.support, 60)


def promise(department: Department, minutes: int | None) -> None:
    change_department(
        department, name=department.name, decisions=Decisions(answer_within_minutes=minutes)
    )
    run_due()


def told(agent: Agent, why: str = "due_soon") -> int:
    run_due()
    return Notice.objects.filter(agent=agent, why=why, read_at=None).count()


def the_minute_turns() -> None:
    timetable.tick()
    run_due()


def warned(ticket: Ticket) -> int:
    return Entry.objects.filter(ticket=ticket, kind="clock.warned").count()


def belas(cast: Cast) -> Ticket:
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    return ticket


def test_the_assignee_hears_once_that_a_ticket_is_due_soon(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = belas(cast)
    clock.move_to(NOON + 44 * MINUTE)
    the_minute_turns()
    assert told(cast.bela) == 0
    for minute in (45, 46, 47):
        clock.move_to(NOON + minute * MINUTE)
        the_minute_turns()
    assert (told(cast.bela), told(cast.anna), told(cast.dora)) == (1, 0, 0)
    assert warned(ticket) == 1


def test_what_is_due_is_said_in_the_readers_zone(cast: Cast, clock: time_machine.Traveller) -> None:
    belas(cast)
    clock.move_to(NOON + 50 * MINUTE)
    the_minute_turns()
    with timezone.override("Europe/Budapest"):
        said = [one.sentence for one in reading.told(by(cast.bela))[0]]
    assert "Due at 14:00" in said


def test_an_answer_takes_the_warning_away(cast: Cast, clock: time_machine.Traveller) -> None:
    ticket = belas(cast)
    clock.move_to(NOON + 50 * MINUTE)
    the_minute_turns()
    assert told(cast.bela) == 1
    actions.note(ticket, Content("I am at it."), by=by(cast.bela))
    assert told(cast.bela) == 1
    actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    assert told(cast.bela) == 0


def test_an_answer_of_nobodys_ticket_is_awaited_from_those_who_hear_of_new_ones(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    keep_wish(cast.anna, ways={"due_soon": ["page"]}, gather_minutes=60, answer=False)
    a_ticket(cast.support, cast.emil)
    clock.move_to(NOON + 50 * MINUTE)
    the_minute_turns()
    assert told(cast.bela) == 1
    assert told(cast.anna) == 0, "she wishes to hear of no new ones"
    assert told(cast.cecil) == told(cast.dora) == 0, "who could not take it"


def test_each_new_wait_warns_anew_but_a_rest_does_not(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = belas(cast)
    clock.move_to(NOON + 50 * MINUTE)
    warn_when_due()
    actions.postpone(ticket, NOON + 5 * HOUR, by=by(cast.bela))
    clock.move_to(NOON + 6 * HOUR)
    actions.wake(ticket, by=by(cast.bela))
    warn_when_due()
    assert warned(ticket) == 1
    actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    writes_again(ticket, cast.emil)
    clock.shift(HOUR)
    warn_when_due()
    assert warned(ticket) == 2


def test_a_long_promise_warns_an_hour_before(cast: Cast) -> None:
    promise(cast.support, 24 * 60)
    ticket = a_ticket(cast.support, cast.emil)
    assert ticket.warns_at == NOON + 23 * HOUR


def test_an_act_is_taken_back_with_the_warning_that_it_brought(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    promise(cast.billing, 10)
    ticket = a_ticket(cast.support, cast.emil)
    clock.move_to(NOON + 5 * MINUTE)
    entry = actions.transfer(ticket, cast.billing, by=by(cast.anna), agent=cast.dora)
    clock.move_to(NOON + 9 * MINUTE)
    the_minute_turns()
    assert told(cast.dora) == 1
    assert entry is not None
    actions.undo(ticket, entry.step, by=by(cast.anna))
    assert told(cast.dora) == 0
    assert ticket.due_at == NOON + HOUR


def test_another_promise_holds_for_those_who_wait_already(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket, answered = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.emil)
    actions.mark_answered(answered, by=by(cast.anna))
    run_due()
    before = Entry.objects.count()
    clock.shift(5 * MINUTE)
    promise(cast.support, 30)
    ticket.refresh_from_db()
    assert ticket.due_at == NOON + 30 * MINUTE
    assert Entry.objects.count() == before + 1
    for _ in range(2):
        renew_clocks(department_id=cast.support.pk)
    assert Entry.objects.count() == before + 1


def test_a_first_promise_counts_from_when_they_began_to_wait(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.billing, cast.emil)
    assert ticket.due_at is None
    clock.shift(5 * MINUTE)
    writes_again(ticket, cast.emil)
    promise(cast.billing, 30)
    ticket.refresh_from_db()
    assert ticket.due_at == NOON + 30 * MINUTE
    promise(cast.billing, None)
    ticket.refresh_from_db()
    assert ticket.due_at is None


def test_nobody_hears_of_what_was_answered_before_it_was_told(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = belas(cast)
    clock.move_to(NOON + 50 * MINUTE)
    warn_when_due()
    actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    settle(ticket.pk)
    assert told(cast.bela) == 0

"""The time machine: tickets and queues as they stood."""

from datetime import datetime, timedelta

import pytest
import time_machine

from deskbell.clock import now
from deskbell.errors import BadInput, NoSuchTicket
from deskbell.tickets import actions, history, queries
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again

HOUR = timedelta(hours=1)


def codes(rows: queries.ListPage) -> list[str]:
    return [row.code for row in rows.rows]


def a_day_of(cast: Cast, clock: time_machine.Traveller) -> tuple[Ticket, list[datetime]]:
    """Let a ticket live through a day; return it, and a moment inside each of its statuses."""
    ticket, moments = a_ticket(cast.support, cast.emil), []
    for act in (
        lambda: actions.reply(ticket, Content("Send it in."), by=by(cast.bela)),
        lambda: writes_again(ticket, cast.emil, "It is on its way."),
        lambda: actions.resolve(ticket, by=by(cast.bela)),
    ):
        clock.shift(HOUR)
        moments.append(now())
        clock.shift(HOUR)
        act()
    clock.shift(HOUR)
    return ticket, [*moments, now()]


def test_a_ticket_is_seen_as_it_stood(cast: Cast, clock: time_machine.Traveller) -> None:
    began = now()
    ticket, moments = a_day_of(cast, clock)
    stood = [history.state_at(ticket, moment) for moment in moments]
    assert [state.status for state in stood] == ["new", "answered", "open", "resolved"]
    assert [state.assignee_id for state in stood[:2]] == [None, cast.bela.pk]
    with pytest.raises(NoSuchTicket):
        history.state_at(ticket, began - HOUR)


def test_a_queue_is_seen_as_it_stood(cast: Cast, clock: time_machine.Traveller) -> None:
    ticket, (new, answered, opened, resolved) = a_day_of(cast, clock)
    anna = by(cast.anna)
    assert codes(history.queue(anna, "new", new)) == [ticket.code]
    assert codes(history.queue(anna, "new", answered)) == []
    assert codes(history.queue(anna, "unassigned", new)) == [ticket.code]
    assert codes(history.queue(by(cast.bela), "mine", opened)) == [ticket.code]
    assert codes(history.queue(anna, "resolved", resolved)) == [ticket.code]
    [row] = history.queue(anna, "inbox", opened).rows
    assert (row.status, row.assignee, row.preview) == ("open", "Bela Kerekes", "It is on its way.")
    assert row.last_activity_at == opened - HOUR
    [row] = history.queue(anna, "inbox", answered).rows
    assert (row.preview, row.last_kind) == ("Send it in.", "reply")


def test_nobody_sees_in_the_past_what_they_may_not_see_today(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    _ticket, (new, *_later) = a_day_of(cast, clock)
    assert codes(history.queue(by(cast.dora), "inbox", new)) == []
    assert len(codes(history.queue(by(cast.bela), "inbox", new))) == 1


def test_a_part_of_another_ticket_is_in_the_queue_until_it_was_merged(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket, other = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.emil)
    clock.shift(HOUR)
    apart = now()
    clock.shift(HOUR)
    actions.merge(ticket, other, by=by(cast.anna))
    clock.shift(HOUR)
    merged = now()
    clock.shift(HOUR)
    actions.unmerge(ticket, by=by(cast.anna))
    anna = by(cast.anna)
    assert set(codes(history.queue(anna, "new", apart))) == {ticket.code, other.code}
    assert codes(history.queue(anna, "new", merged)) == [other.code]
    assert set(codes(history.queue(anna, "new", now()))) == {ticket.code, other.code}


def test_a_long_queue_of_the_past_is_read_page_by_page(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    made = []
    for _ in range(5):
        made.append(a_ticket(cast.support, cast.emil).code)
        clock.shift(HOUR)
    at, seen, after = now(), [], None
    while True:
        part = history.queue(by(cast.anna), "new", at, after=after, limit=2)
        seen += codes(part)
        if (after := part.next) is None:
            break
    assert seen == made[::-1]
    with pytest.raises(BadInput):
        history.queue(by(cast.anna), "nonsense", at)

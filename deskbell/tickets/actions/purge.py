"""A deleted or spam ticket is gone for good: its words, files and letters.

Its row and timeline stay, without a word in them, so that reports of the past keep their numbers.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access, clock
from deskbell.errors import Conflict
from deskbell.people.actors import CLOCK
from deskbell.people.models import Desk
from deskbell.tickets import blanking, lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.queries import with_parts
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from deskbell.people.actors import Actor

# What the timetable purges in one go; the rest follows with the next tick.
MOST_AT_ONCE = 500
# Which entries put a ticket where it is purged from.
HIDES = ("ticket.opened", "ticket.marked_spam", "ticket.deleted", "ticket.restored", "act.undone")


@event(
    "ticket.purged",
    v=1,
    writes=("purged_at", "participants", "followers", "checklist", "description_id"),
)
class TicketPurged(Event):
    """Nothing of what was said is left.  messages: how many there were."""

    messages: int
    sentence = _("{by} purged the ticket")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state without anybody and any words in it."""
        return state.but(
            purged_at=happened.at,
            participants=(),
            followers=(),
            checklist=(),
            description_id=None,
        )


def purge(ticket: Ticket, *, by: Actor) -> Entry:
    """Remove what was said on the ticket and on those merged into it, for good.

    Raises NotAllowed, WrongStatus; MergedAway for one that is a part of another, with which it goes; Conflict when one
    was merged into it at this very moment.
    """
    with transaction.atomic():
        held = _hold(ticket.pk)
        fresh = held.pop(ticket.pk)
        access.require(by, "purge", fresh)
        lifecycle.require("purge", fresh, by)
        parts = [part for part in held.values() if part.purged_at is None]
        said = blanking.blank_tickets(one.pk for one in (fresh, *parts))
        entry = timeline.record(fresh, TicketPurged(messages=said[fresh.pk]), by=by)
        with timeline.caused_by(entry):
            for part in parts:
                timeline.record(part, TicketPurged(messages=said[part.pk]), by=by)
    timeline.show(fresh, on=ticket)
    return entry


def purge_when_due() -> int:
    """Purge what has lain in Deleted or Spam for longer than the desk keeps it; return how many.

    The timetable calls it.
    """
    desk, now = Desk.get(), clock.now()
    return sum(
        _purge_if_still_there(ticket, since=now - timedelta(days=days))
        for status, days in (
            ("deleted", desk.purge_deleted_after_days),
            ("spam", desk.purge_spam_after_days),
        )
        if days is not None
        for ticket in _lain_since(status, now - timedelta(days=days))
    )


def _hold(ticket_id: int) -> dict[int, Ticket]:
    """Return the ticket and its parts, each held.  What was taken out of it while we waited is none of them.

    Raises Conflict when something was merged into it meanwhile: to hold that too could mean to wait for each other.
    """
    held = timeline.lock_all(with_parts(ticket_id))
    now = with_parts(ticket_id)
    if now - held.keys():
        raise Conflict
    return {number: held[number] for number in sorted(now)}


def _lain_since(status: str, since: datetime) -> list[Ticket]:
    lain = Ticket.objects.filter(
        status=status, hidden_at__lte=since, purged_at=None, merged_into=None
    )
    return list(lain.order_by("hidden_at")[:MOST_AT_ONCE])


def _purge_if_still_there(ticket: Ticket, *, since: datetime) -> bool:
    """Look again under the lock: somebody may have restored it, or purged it by hand."""
    try:
        with transaction.atomic():
            fresh = _hold(ticket.pk)[ticket.pk]
            if fresh.hidden_at is None or fresh.hidden_at > since or fresh.purged_at is not None:
                return False
            hid = Entry.objects.filter(ticket=fresh, kind__in=HIDES).latest("step")
            with timeline.caused_by(hid):
                purge(fresh, by=CLOCK)
    except Conflict:
        return False  # the next tick finds it
    return True

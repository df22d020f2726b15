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

    Raises NotAllowed, WrongStatus; MergedAway for one that is a part of another, with which it goes.
    """
    with transaction.atomic():
        held = timeline.lock_all(with_parts(ticket.pk))
        fresh = held[ticket.pk]
        access.require(by, "purge", fresh)
        lifecycle.require("purge", fresh, by)
        entry = _purge_one(fresh, by=by)
        with timeline.caused_by(entry):
            for number, source in held.items():
                if number != fresh.pk and source.purged_at is None:
                    _purge_one(source, by=by)
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


def _purge_one(ticket: Ticket, *, by: Actor) -> Entry:
    return timeline.record(ticket, TicketPurged(messages=blanking.blank_ticket(ticket)), by=by)


def _lain_since(status: str, since: datetime) -> list[Ticket]:
    lain = Ticket.objects.filter(
        status=status, hidden_at__lte=since, purged_at=None, merged_into=None
    )
    return list(lain.order_by("hidden_at")[:MOST_AT_ONCE])


def _purge_if_still_there(ticket: Ticket, *, since: datetime) -> bool:
    """Look again under the lock: somebody may have restored it, or purged it by hand."""
    with transaction.atomic():
        fresh = timeline.lock_all(with_parts(ticket.pk))[ticket.pk]
        if fresh.hidden_at is None or fresh.hidden_at > since or fresh.purged_at is not None:
            return False
        hid = Entry.objects.filter(ticket=fresh, kind__in=HIDES).latest("step")
        with timeline.caused_by(hid):
            purge(fresh, by=CLOCK)
    return True

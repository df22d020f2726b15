"""A postponed ticket comes back: when its moment has come, or sooner when somebody fetches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access, clock
from deskbell.people.actors import CLOCK
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from deskbell.people.actors import Actor


@event("ticket.woken", v=1, writes=("status", "postponed_until", "was_new"))
class TicketWoken(Event):
    """It is to be seen to again."""

    sentence = _("{by} brought it back")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state New where it had never been answered, else Open."""
        return state.but(
            status="new" if state.was_new else "open",
            postponed_until=None,
            was_new=False,
            last_activity_at=happened.at,
        )


@timeline.action
def wake(ticket: Ticket, *, by: Actor) -> Entry:
    """Bring a postponed ticket back now.  Raises NotAllowed, WrongStatus."""
    access.require(by, "wake", ticket)
    lifecycle.require("wake", ticket, by)
    return timeline.record(ticket, TicketWoken(), by=by)


def wake_when_due() -> int:
    """Wake all tickets whose moment has come; return how many.  The timetable calls it."""
    due = Ticket.objects.filter(
        status="postponed", postponed_until__lte=clock.now(), merged_into=None
    ).order_by("postponed_until")
    return sum(_wake_if_still_due(ticket) for ticket in list(due))


@timeline.action
def _wake_if_still_due(ticket: Ticket) -> bool:
    """Look again under the lock: somebody may have fetched it, or postponed it once more."""
    if ticket.status != "postponed" or ticket.merged_into_id is not None:
        return False
    postponed = Entry.objects.filter(ticket=ticket, kind="ticket.postponed")
    return wake_if_past(ticket, because=postponed.latest("step"))


def wake_if_past(ticket: Ticket, *, because: Entry) -> bool:
    """Wake the locked ticket if it is postponed to a moment that has passed; return whether it was.

    because  the entry that brings it about: the postponement, or what fetched a ticket back whose moment has gone by
    """
    if ticket.postponed_until is None or ticket.postponed_until > clock.now():
        return False
    with timeline.caused_by(because):
        timeline.record(ticket, TicketWoken(), by=CLOCK)
    return True

"""A ticket counts as answered without a message: the answer went another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket


@event("ticket.marked_answered", v=1, writes=("status", "opened_aside"))
class TicketMarkedAnswered(Event):
    """It waits for the customer now; counts as an answer."""

    sentence = _("{by} marked it as answered")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state answered."""
        return state.but(status="answered", opened_aside=False, last_activity_at=happened.at)


@timeline.action
def mark_answered(ticket: Ticket, *, by: Actor) -> Entry:
    """Say that the customer has been answered.  Raises NotAllowed, WrongStatus."""
    access.require(by, "mark_answered", ticket)
    lifecycle.require("mark_answered", ticket, by)
    return timeline.record(ticket, TicketMarkedAnswered(), by=by)

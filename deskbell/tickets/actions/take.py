"""An agent makes a ticket their own."""

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


@event("ticket.taken", v=1, writes=("assignee_id",))
class TicketTaken(Event):
    """An agent took it."""

    agent_id: int
    sentence = _("{by} took it")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the new assignee."""
        return state.but(assignee_id=self.agent_id)


@timeline.action
def take(ticket: Ticket, *, by: Actor) -> Entry | None:
    """Make the acting agent responsible.  Returns None when they already are.

    Raises NotAllowed, WrongStatus.
    """
    access.require(by, "take", ticket)
    lifecycle.require("take", ticket, by)
    if ticket.assignee_id == by.id:
        return None
    return timeline.record(ticket, TicketTaken(agent_id=by.id or 0), by=by)

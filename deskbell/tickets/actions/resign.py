"""An agent hands a ticket back that was theirs."""

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


@event("ticket.resigned", v=1, writes=("assignee_id",))
class TicketResigned(Event):
    """Its agent is no longer responsible; the department is."""

    sentence = _("{by} handed it back")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state without an assignee."""
        return state.but(assignee_id=None)


@timeline.action
def resign(ticket: Ticket, *, by: Actor) -> Entry:
    """Hand one's own ticket back to the department.

    Raises NotAllowed (also to somebody whose ticket it is not), WrongStatus.
    """
    access.require(by, "resign", ticket)
    lifecycle.require("resign", ticket, by)
    return timeline.record(ticket, TicketResigned(), by=by)

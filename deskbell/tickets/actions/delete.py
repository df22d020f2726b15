"""A ticket is thrown away; until it is purged it can be restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import PUTS_ASIDE, TicketState

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket


@event("ticket.deleted", v=1, writes=PUTS_ASIDE)
class TicketDeleted(Event):
    """It was thrown away."""

    sentence = _("{by} deleted the ticket")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state in Deleted, which remembers where it stood."""
        return state.put_aside("deleted", happened.at)


@timeline.action
def delete(ticket: Ticket, *, by: Actor) -> Entry:
    """Throw the ticket away.  Raises NotAllowed, WrongStatus."""
    access.require(by, "delete", ticket)
    lifecycle.require("delete", ticket, by)
    return timeline.record(ticket, TicketDeleted(), by=by)

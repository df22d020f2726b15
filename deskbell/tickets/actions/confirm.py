"""The customer says: yes, it is solved."""

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


@event("resolution.confirmed", v=1, writes=("status", "closed_at", "closes_at", "confirmed_at"))
class ResolutionConfirmed(Event):
    """The customer's yes, which closes."""

    sentence = _("{by} said that it is solved; the ticket is closed")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state closed, with the moment of the yes."""
        return state.but(
            status="closed", closed_at=happened.at, closes_at=None, confirmed_at=happened.at
        )


@timeline.action
def confirm(ticket: Ticket, *, by: Actor) -> Entry:
    """Take the customer's yes.  Raises NotAllowed, WrongStatus."""
    access.require(by, "confirm", ticket)
    lifecycle.require("confirm", ticket, by)
    return timeline.record(ticket, ResolutionConfirmed(), by=by)

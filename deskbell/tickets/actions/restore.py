"""A deleted ticket is fetched back: it stands where it stood before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.actions.wake import wake_if_past
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import PUTS_ASIDE, TicketState

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket


@event("ticket.restored", v=1, writes=PUTS_ASIDE)
class TicketRestored(Event):
    """It was thrown away by mistake."""

    sentence = _("{by} restored the ticket")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as it was before."""
        return state.brought_back()


@timeline.action
def restore(ticket: Ticket, *, by: Actor) -> Entry:
    """Fetch the ticket back.  One whose postponement has run out meanwhile wakes at once.

    Raises NotAllowed, WrongStatus.
    """
    access.require(by, "restore", ticket)
    lifecycle.require("restore", ticket, by)
    entry = timeline.record(ticket, TicketRestored(), by=by)
    wake_if_past(ticket, because=entry)
    return entry

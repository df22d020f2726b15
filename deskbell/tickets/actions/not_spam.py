"""A ticket was called spam and is none: it stands where it stood before."""

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


@event("ticket.not_spam", v=1, writes=PUTS_ASIDE)
class TicketNotSpam(Event):
    """It is somebody's concern after all; what settling skipped meanwhile is settled now."""

    sentence = _("{by} said that it is no spam")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as it was before; a ticket that was judged spam at the door is New."""
        return state.brought_back()


@timeline.action
def not_spam(ticket: Ticket, *, by: Actor) -> Entry:
    """Say that the ticket is no spam.  One whose postponement has run out meanwhile wakes at once.

    Raises NotAllowed, WrongStatus.
    """
    access.require(by, "not_spam", ticket)
    lifecycle.require("not_spam", ticket, by)
    entry = timeline.record(ticket, TicketNotSpam(), by=by)
    wake_if_past(ticket, because=entry)
    return entry

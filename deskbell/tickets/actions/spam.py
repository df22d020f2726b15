"""A ticket is nobody's concern: it leaves every list but one."""

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


@event("ticket.marked_spam", v=1, writes=PUTS_ASIDE)
class TicketMarkedSpam(Event):
    """It was unwanted mail."""

    sentence = _("{by} marked it as spam")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state in Spam, which remembers where it stood."""
        return state.put_aside("spam", happened.at)


@timeline.action
def spam(ticket: Ticket, *, by: Actor) -> Entry:
    """Say that the ticket is spam.  Raises NotAllowed, WrongStatus."""
    access.require(by, "spam", ticket)
    lifecycle.require("spam", ticket, by)
    return timeline.record(ticket, TicketMarkedSpam(), by=by)

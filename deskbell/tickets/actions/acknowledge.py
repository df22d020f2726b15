"""The customer is told by mail that their letter has come and which code it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Entry
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Ticket

# The step of a ticket's first message; whoever opens a ticket writes it.
FIRST_MESSAGE = 2


@event("ticket.acknowledged", v=1)
class TicketAcknowledged(Event):
    """The acknowledgement is on its way, in the delivery of this number."""

    delivery_id: int
    sentence = _("The customer is told that the letter has come")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as it was: nobody has to do anything about it."""
        return state


@timeline.action
def mark_acknowledged(ticket: Ticket, *, delivery_id: int, by: Actor) -> Entry:
    """Note that the customer is told that their letter has come.  Raises NotAllowed, WrongStatus."""
    lifecycle.require("acknowledge", ticket, by)
    because = Entry.objects.filter(ticket=ticket, step__lte=FIRST_MESSAGE).latest("step")
    with timeline.caused_by(because):
        return timeline.record(ticket, TicketAcknowledged(delivery_id=delivery_id), by=by)

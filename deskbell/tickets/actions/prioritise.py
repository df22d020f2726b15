"""How urgent a ticket is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Ticket
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry

SENTENCES: dict[int, str | _StrPromise] = {
    1: _("{by} set its priority to low"),
    2: _("{by} set its priority to normal"),
    3: _("{by} set its priority to high"),
    4: _("{by} set its priority to urgent"),
}


@event("ticket.prioritised", v=1, writes=("priority",))
class TicketPrioritised(Event):
    """Its place in the queue: 1 low, 2 normal, 3 high, 4 urgent."""

    priority: int
    sentence = _("{by} changed its priority")
    can_be_undone = True

    @override
    def words(self) -> str | _StrPromise:
        """Return the sentence of this priority."""
        return SENTENCES.get(self.priority, self.sentence)

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state of this priority."""
        return state.but(priority=self.priority)


@timeline.action
def prioritise(ticket: Ticket, priority: int, *, by: Actor) -> Entry | None:
    """Set the priority, 1 (low) to 4 (urgent).  Returns None when it is so already.

    Raises NotAllowed, WrongStatus, BadInput.
    """
    access.require(by, "prioritise", ticket)
    lifecycle.require("prioritise", ticket, by)
    require_priority(priority)
    if ticket.priority == priority:
        return None
    return timeline.record(ticket, TicketPrioritised(priority=priority), by=by)


def require_priority(priority: int) -> None:
    """Raise BadInput for a number that is no priority."""
    if priority not in Ticket.PRIORITIES:
        raise BadInput("priority", _("Priority is a number from 1 (low) to 4 (urgent)."))

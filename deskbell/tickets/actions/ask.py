"""The customer is asked whether it is solved, once for each resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.state import TicketState, state_of

if TYPE_CHECKING:
    from deskbell.people.actors import Actor


@event("resolution.asked", v=1, writes=("asked_step",))
class ResolutionAsked(Event):
    """The question is on its way, in the delivery of this number."""

    delivery_id: int
    sentence = _("The customer is asked whether it is solved")
    can_be_undone = True  # while its letter has not left; see actions/undo.py

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state that remembers having asked."""
        return state.but(asked_step=happened.step)


@timeline.action
def mark_asked(ticket: Ticket, *, delivery_id: int, by: Actor) -> Entry | None:
    """Note that the question was put.  Returns None when this resolution was asked about before.

    Raises WrongStatus when the ticket is no longer resolved.
    """
    lifecycle.require("ask", ticket, by)
    state = state_of(ticket)
    if state.asked_step is not None:
        return None
    because = Entry.objects.get(ticket=ticket, step=state.resolved_step or 0)
    with timeline.caused_by(because):
        return timeline.record(ticket, ResolutionAsked(delivery_id=delivery_id), by=by)

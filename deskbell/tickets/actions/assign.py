"""Somebody becomes responsible for a ticket, or nobody does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.people.actors import Actor
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from deskbell.people.models import Agent
    from deskbell.tickets.models import Entry, Ticket


@event("ticket.assigned", v=1, writes=("assignee_id",))
class TicketAssigned(Event):
    """An agent became responsible."""

    agent_id: int
    sentence = _("{by} assigned it to {agent}")
    can_be_undone = True
    refs: ClassVar[dict[str, tuple[str, str]]] = {"agent": ("agent_id", "agent")}

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the new assignee."""
        return state.but(assignee_id=self.agent_id)


@event("ticket.unassigned", v=1, writes=("assignee_id",))
class TicketUnassigned(Event):
    """Nobody is responsible any more; the department is."""

    sentence = _("{by} took the assignee away")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state without an assignee."""
        return state.but(assignee_id=None)


@timeline.action
def assign(ticket: Ticket, agent: Agent | None, *, by: Actor) -> Entry | None:
    """Make `agent` responsible; None leaves it to the department.  Returns None when it already was so.

    Raises NotAllowed, WrongStatus, BadInput for an agent who cannot see or answer the ticket.
    """
    access.require(by, "assign", ticket)
    lifecycle.require("assign", ticket, by)
    if ticket.assignee_id == (None if agent is None else agent.pk):
        return None
    if agent is None:
        return timeline.record(ticket, TicketUnassigned(), by=by)
    require_able(agent, ticket)
    return timeline.record(ticket, TicketAssigned(agent_id=agent.pk), by=by)


def require_able(agent: Agent, ticket: Ticket) -> None:
    """Raise BadInput unless `agent` could answer this ticket."""
    if not access.may(Actor.agent(agent), "reply", ticket):
        raise BadInput(
            "agent",
            _("{name} does not work in the department of this ticket, or may only write notes."),
            name=agent.name,
        )

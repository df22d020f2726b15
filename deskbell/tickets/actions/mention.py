"""A note calls a colleague by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.people.actors import Actor
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from deskbell.people.models import Agent
    from deskbell.tickets.models import Entry


@event("agent.mentioned", v=1)
class AgentMentioned(Event):
    """They are told of the note."""

    agent_id: int
    message_id: int
    sentence = _("{by} called {agent}")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"agent": ("agent_id", "agent")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as it was: a mention only tells."""
        return state


@timeline.action
def mention(ticket: Ticket, agent: Agent, note: Message, *, by: Actor) -> Entry:
    """Call `agent` to a note of this ticket.  Raises NotAllowed, WrongStatus, BadInput."""
    access.require(by, "mention", ticket)
    lifecycle.require("mention", ticket, by)
    if note.ticket_id != ticket.pk or note.kind != Message.Kind.NOTE:
        raise BadInput("message", _("Only a note of this ticket calls colleagues."))
    require_sees(agent, ticket)
    return timeline.record(ticket, AgentMentioned(agent_id=agent.pk, message_id=note.pk), by=by)


def require_sees(agent: Agent, ticket: Ticket) -> None:
    """Raise BadInput for somebody who could not read what they are called to."""
    if not access.may(Actor.agent(agent), "see", ticket):
        raise BadInput(
            "mentions", _("{name} may not see this ticket and would not know why."), name=agent.name
        )

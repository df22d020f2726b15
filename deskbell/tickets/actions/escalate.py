"""A ticket needs more than its agent can give: a higher priority, and another department or agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.actions.assign import TicketAssigned, require_able
from deskbell.tickets.actions.transfer import TicketTransferred, require_open
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.messages import keep_words
from deskbell.tickets.models import Ticket
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.people.models import Agent, Department
    from deskbell.tickets.models import Entry

HIGHEST = max(Ticket.PRIORITIES)


@event("ticket.escalated", v=1, writes=("priority", "escalations"))
class TicketEscalated(Event):
    """Somebody asked for more.

    reason_id  the words that say why
    priority   what it is from now on
    """

    reason_id: int
    priority: int
    sentence = _("{by} escalated it")
    texts = ("reason_id",)
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the priority raised, counted."""
        return state.but(priority=self.priority, escalations=state.escalations + 1)


@timeline.action
def escalate(
    ticket: Ticket,
    reason: str,
    *,
    by: Actor,
    department: Department | None = None,
    agent: Agent | None = None,
) -> Entry:
    """Raise the ticket's priority by one, and hand it to `department` and `agent` where they are named.

    reason  why; must be said
    Raises NotAllowed, WrongStatus, BadInput.
    """
    access.require(by, "escalate", ticket)
    lifecycle.require("escalate", ticket, by)
    words = keep_words(reason)
    if words is None:
        raise BadInput("reason", _("Say why: whoever gets it next begins with this."))
    raised = min(ticket.priority + 1, HIGHEST)
    entry = timeline.record(ticket, TicketEscalated(reason_id=words, priority=raised), by=by)
    with timeline.caused_by(entry):
        if department is not None and department.pk != ticket.department_id:
            require_open(department)
            timeline.record(ticket, TicketTransferred(department_id=department.pk), by=by)
        if agent is not None and agent.pk != ticket.assignee_id:
            require_able(agent, ticket)
            timeline.record(ticket, TicketAssigned(agent_id=agent.pk), by=by)
    return entry

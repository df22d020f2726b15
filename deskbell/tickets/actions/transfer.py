"""A ticket goes to another department."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.actions.assign import TicketAssigned, require_able
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.people.models import Agent, Department
    from deskbell.tickets.models import Entry, Ticket


@event("ticket.transferred", v=1, writes=("department_id", "assignee_id"))
class TicketTransferred(Event):
    """Another department is responsible; nobody there has it yet."""

    department_id: int
    sentence = _("{by} transferred it to {department}")
    can_be_undone = True
    refs: ClassVar[dict[str, tuple[str, str]]] = {"department": ("department_id", "department")}

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state in the other department."""
        return state.but(department_id=self.department_id, assignee_id=None)


@timeline.action
def transfer(
    ticket: Ticket, department: Department, *, by: Actor, agent: Agent | None = None
) -> Entry | None:
    """Hand the ticket to `department`, and there to `agent` if one is named.

    Returns None when it lies there already and nobody is named.
    Raises NotAllowed, WrongStatus, BadInput.
    """
    access.require(by, "transfer", ticket)
    lifecycle.require("transfer", ticket, by)
    require_open(department)
    entry = None
    if ticket.department_id != department.pk:
        entry = timeline.record(ticket, TicketTransferred(department_id=department.pk), by=by)
    if agent is not None and ticket.assignee_id != agent.pk:
        require_able(agent, ticket)
        with timeline.caused_by(entry):
            assigned = timeline.record(ticket, TicketAssigned(agent_id=agent.pk), by=by)
        entry = entry or assigned
    return entry


def require_open(department: Department) -> None:
    """Raise BadInput for a department that takes no tickets any more."""
    if department.archived_at is not None:
        raise BadInput("department", _("This department is archived and takes no tickets."))

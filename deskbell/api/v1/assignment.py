"""/tickets/CODE/assignment: who is responsible."""

from __future__ import annotations

from ninja import Router

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Named, Shape, named
from deskbell.api.v1.asked import WhichAgent, agent_of, ticket_of
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket

router = Router()


class AssignmentShape(Shape):
    """Who is responsible; nobody: the department."""

    agent: Named | None
    department: Named | None
    status: str
    step: int


class NewAssignment(Asked):
    """Who is to be responsible."""

    agent: WhichAgent


@router.get("/tickets/{code}/assignment", response=AssignmentShape)
def show_assignment(request: ApiRequest, code: str) -> AssignmentShape:
    """Show who is responsible for a ticket."""
    return assignment_shape(ticket_of(request, code))


@router.put("/tickets/{code}/assignment", response=AssignmentShape)
def assign_ticket(request: ApiRequest, code: str, new: NewAssignment) -> AssignmentShape:
    """Make an agent responsible; naming yourself takes the ticket."""
    ticket, agent, by = ticket_of(request, code), agent_of(request, new.agent), request.auth.actor
    if agent.pk == request.auth.agent.pk:
        actions.take(ticket, by=by)
    else:
        actions.assign(ticket, agent, by=by)
    return assignment_shape(ticket)


@router.delete("/tickets/{code}/assignment", response={204: None})
def unassign_ticket(request: ApiRequest, code: str) -> None:
    """Leave the ticket to its department: hand your own back, or take it off a colleague's hands."""
    ticket, by = ticket_of(request, code), request.auth.actor
    if ticket.assignee_id == request.auth.agent.pk:
        actions.resign(ticket, by=by)
    else:
        actions.assign(ticket, None, by=by)


def assignment_shape(ticket: Ticket) -> AssignmentShape:
    """Return who is responsible for `ticket`."""
    return AssignmentShape(
        agent=named(ticket.assignee),
        department=named(ticket.department),
        status=ticket.status,
        step=ticket.last_step,
    )

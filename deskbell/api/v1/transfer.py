"""/tickets/CODE/department: handing a ticket to another department."""

from __future__ import annotations

from ninja import Router

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked
from deskbell.api.v1.asked import (
    WhichAgent,
    WhichDepartment,
    agent_of,
    department_of,
    ticket_of,
)
from deskbell.api.v1.assignment import AssignmentShape, assignment_shape
from deskbell.tickets import actions

router = Router()


class NewDepartment(Asked):
    """Where the ticket goes, and to whom there."""

    department: WhichDepartment
    agent: WhichAgent | None = None


@router.get("/tickets/{code}/department", response=AssignmentShape)
def show_department_of_ticket(request: ApiRequest, code: str) -> AssignmentShape:
    """Show where a ticket lies."""
    return assignment_shape(ticket_of(request, code))


@router.put("/tickets/{code}/department", response=AssignmentShape)
def transfer_ticket(request: ApiRequest, code: str, new: NewDepartment) -> AssignmentShape:
    """Hand a ticket to another department, and there to an agent if one is named."""
    ticket = ticket_of(request, code)
    actions.transfer(
        ticket,
        department_of(new.department),
        by=request.auth.actor,
        agent=None if new.agent is None else agent_of(request, new.agent),
    )
    return assignment_shape(ticket)

"""/tickets/CODE/escalation: a ticket needs more than its agent can give."""

from __future__ import annotations

from datetime import datetime

from ninja import Router
from pydantic import Field

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Named, Shape, Text, named
from deskbell.api.shapes.entry import Author, author
from deskbell.api.v1.asked import (
    WhichAgent,
    WhichDepartment,
    agent_of,
    department_of,
    ticket_of,
)
from deskbell.tickets import actions, thread
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.state import state_of

router = Router()


class EscalationShape(Shape):
    """How often a ticket was escalated, and why the last time."""

    count: int
    at: datetime | None = Field(description="The last time; null while it never was.")
    by: Author | None
    reason: str | None
    priority: int
    department: Named | None
    assignee: Named | None
    status: str
    step: int


class NewEscalation(Asked):
    """Why a ticket is escalated, and to whom."""

    reason: Text = Field(description="Whoever gets it next begins with this.")
    department: WhichDepartment | None = None
    agent: WhichAgent | None = None


@router.get("/tickets/{code}/escalation", response=EscalationShape)
def show_escalation(request: ApiRequest, code: str) -> EscalationShape:
    """Show whether a ticket was escalated."""
    return _shape(ticket_of(request, code))


@router.post("/tickets/{code}/escalation", response={201: EscalationShape})
def escalate_ticket(request: ApiRequest, code: str, new: NewEscalation) -> Made:
    """Raise a ticket's priority by one, and hand it over where a department or an agent is named."""
    ticket = ticket_of(request, code)
    entry = actions.escalate(
        ticket,
        new.reason,
        by=request.auth.actor,
        department=None if new.department is None else department_of(new.department),
        agent=None if new.agent is None else agent_of(request, new.agent),
    )
    return Made(_shape(ticket), f"/tickets/{ticket.code}/timeline/{entry.step}")


def _shape(ticket: Ticket) -> EscalationShape:
    count = state_of(ticket).escalations
    last = _last(ticket) if count else None
    return EscalationShape(
        count=count,
        at=last.at if last else None,
        by=author(last.by, last.name) if last else None,
        reason=last.document.get("reason", "") if last else None,
        priority=ticket.priority,
        department=named(ticket.department),
        assignee=named(ticket.assignee),
        status=ticket.status,
        step=ticket.last_step,
    )


def _last(ticket: Ticket) -> thread.Item | None:
    """Return the last escalation that was not taken back."""
    told = Entry.objects.filter(ticket=ticket, kind__in=("ticket.escalated", "act.undone"))
    items = thread.items(told.select_related("cause").order_by("step"))
    standing = [one for one in items if one.kind == "ticket.escalated" and not one.undone]
    return standing[-1] if standing else None

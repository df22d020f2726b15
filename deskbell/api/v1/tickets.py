"""/tickets: the list, a new one, one of them."""

from __future__ import annotations

from typing import Annotated, Literal

from django.db import transaction
from ninja import Query, Router
from pydantic import Field, StringConstraints

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Line, Listed, Part, Text
from deskbell.api.shapes.ticket import TicketShape, for_shapes, ticket_shape
from deskbell.api.v1.asked import WhichDepartment, department_of, ticket_of
from deskbell.api.v1.content import UploadTokens, content_of
from deskbell.api.v1.customers import Who, address_of
from deskbell.search import tickets as search
from deskbell.tickets import actions
from deskbell.tickets.queries import Order

router = Router()

ORDERS = {
    "": Order("last_activity_at"),
    "-activity": Order("last_activity_at"),
    "activity": Order("last_activity_at", newest_first=False),
    "-created": Order("created_at"),
    "created": Order("created_at", newest_first=False),
}


class Wanted(Part):
    """Which tickets are asked for, and in what order."""

    q: Annotated[str, StringConstraints(max_length=500)] = Field(
        "",
        description="`status:open,new dept:NAME assignee:me|none|ID|MAIL from:MAIL CODE words`",
        examples=["status:open,new assignee:me zip"],
    )
    sort: Literal["", "-activity", "activity", "-created", "created"] = Field(
        "-activity", description="`-` puts the newest first."
    )


class NewTicket(Asked):
    """A ticket to be: its first message, where it goes and whom it is about."""

    subject: Line = ""
    text: Text = ""
    html: Text = ""
    department: WhichDepartment
    customer: Who | None = None
    kind: Literal["customer", "reply", "note"] = Field(
        "customer",
        description="Whose words: the customer's, ours to them, or a note about a call or visit.",
    )
    channel: Literal["api"] = "api"
    priority: Annotated[int, Field(ge=1, le=4, strict=True)] = Field(
        2, description="1 low, 2 normal, 3 high, 4 urgent."
    )
    attachments: UploadTokens = ()


@router.get("/tickets", response=Listed[TicketShape])
def list_tickets(request: ApiRequest, wanted: Query[Wanted]) -> Listed[TicketShape]:
    """List the tickets that you may see; spam and deleted ones only when `status:` asks for them."""
    order = ORDERS[wanted.sort]
    found = search.find(request.auth.actor, wanted.q)
    if wanted.after:
        found = order.after(found, wanted.after)
    rows = list(order.apply(for_shapes(found))[: wanted.limit + 1])
    return Listed(
        items=[ticket_shape(ticket) for ticket in rows[: wanted.limit]],
        next=order.cursor(rows[wanted.limit - 1]) if len(rows) > wanted.limit else None,
    )


@router.post("/tickets", response={201: TicketShape})
def open_ticket(request: ApiRequest, new: NewTicket) -> Made:
    """Open a ticket."""
    with transaction.atomic():  # a customer is met only together with their ticket
        ticket = actions.open_ticket(
            by=request.auth.actor,
            subject=new.subject,
            content=content_of(request, new.text, new.html, new.attachments),
            department=department_of(new.department),
            customer=None if new.customer is None else address_of(new.customer),
            channel=new.channel,
            kind=new.kind,
            priority=new.priority,
        )
    return Made(ticket_shape(ticket), f"/tickets/{ticket.code}")


@router.get("/tickets/{code}", response=TicketShape)
def show_ticket(request: ApiRequest, code: str) -> TicketShape:
    """Show a ticket; its code may come in small letters and without dashes."""
    return ticket_shape(ticket_of(request, code))

"""A ticket as the API shows it; the names of its fields are a promise to others."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch
from pydantic import Field

from deskbell.api.shapes.base import Named, Shape, named
from deskbell.people.models import Address, Customer
from deskbell.tickets.models import Ticket

if TYPE_CHECKING:
    from django.db.models import QuerySet


class TicketCustomer(Shape):
    """The customer of a ticket."""

    id: int
    name: str
    email: str | None


class TicketShape(Shape):
    """A ticket."""

    id: int
    code: str = Field(examples=["ABC-DEFGH-123"])
    subject: str
    status: str = Field(description=f"One of {', '.join(Ticket.Status.values)}.")
    priority: int = Field(description="1 low, 2 normal, 3 high, 4 urgent.")
    channel: str
    department: Named
    assignee: Named | None
    customer: TicketCustomer | None
    tags: list[str]
    fields: dict[str, Any]
    created_at: datetime
    last_activity_at: datetime
    due_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    step: int = Field(description="The number of its last entry; send it back as `seen_step`.")


def for_shapes(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Return `tickets` so that shapes of any number of them cost two queries."""
    addresses = Address.objects.filter(kind="mail").order_by("id")
    return tickets.select_related("subject", "department", "assignee", "customer").prefetch_related(
        Prefetch("customer__addresses", addresses, to_attr="mail_addresses")
    )


def ticket_shape(ticket: Ticket) -> TicketShape:
    """Return the shape of a ticket."""
    department = named(ticket.department)
    assert department is not None
    return TicketShape(
        id=ticket.pk,
        code=ticket.code,
        subject=ticket.subject.plain,
        status=ticket.status,
        priority=ticket.priority,
        channel=ticket.channel,
        department=department,
        assignee=named(ticket.assignee),
        customer=_customer(ticket.customer),
        tags=[],
        fields={},
        created_at=ticket.created_at,
        last_activity_at=ticket.last_activity_at,
        due_at=None,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
        step=ticket.last_step,
    )


def _customer(customer: Customer | None) -> TicketCustomer | None:
    if customer is None:
        return None
    addresses: list[Address] | None = getattr(customer, "mail_addresses", None)
    if addresses is None:
        addresses = list(customer.addresses.filter(kind="mail").order_by("id")[:1])
    email = addresses[0].value if addresses else None
    return TicketCustomer(id=customer.pk, name=customer.name, email=email)

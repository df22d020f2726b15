"""/tickets/CODE/customer: whose ticket it is."""

from __future__ import annotations

from django.db import transaction
from ninja import Router
from pydantic import Field

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Shape
from deskbell.api.shapes.ticket import TicketCustomer, customer_of_ticket
from deskbell.api.v1.asked import ticket_of
from deskbell.api.v1.customers import Who, address_of
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket

router = Router()


class CustomerOfTicketShape(Shape):
    """Whose ticket it is."""

    customer: TicketCustomer | None = Field(description="null for an internal ticket")
    status: str
    step: int


@router.get("/tickets/{code}/customer", response=CustomerOfTicketShape)
def show_customer_of_ticket(request: ApiRequest, code: str) -> CustomerOfTicketShape:
    """Show whose ticket it is."""
    return _shape(ticket_of(request, code))


@router.put("/tickets/{code}/customer", response=CustomerOfTicketShape)
def change_customer_of_ticket(request: ApiRequest, code: str, new: Who) -> CustomerOfTicketShape:
    """Make it a ticket of somebody else, who is made known when they are new; the one before hears no more of it."""
    ticket = ticket_of(request, code)
    with transaction.atomic():  # a customer is met only together with their ticket
        actions.change_customer(ticket, address_of(new, ""), by=request.auth.actor)
    return _shape(ticket)


def _shape(ticket: Ticket) -> CustomerOfTicketShape:
    return CustomerOfTicketShape(
        customer=customer_of_ticket(ticket.customer), status=ticket.status, step=ticket.last_step
    )

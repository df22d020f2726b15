"""/tickets/CODE/splits: a message goes on in a ticket of its own."""

from __future__ import annotations

from ninja import Router
from pydantic import Field

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Line, Number
from deskbell.api.shapes.ticket import TicketShape, ticket_shape
from deskbell.api.v1.asked import message_of, ticket_of
from deskbell.tickets import actions

router = Router()


class NewSplit(Asked):
    """Which message goes on by itself."""

    message: Number = Field(description="The number of a customer's message of this ticket.")
    subject: Line = Field("", description="Of the new ticket; empty: the message's own.")


@router.post("/tickets/{code}/splits", response={201: TicketShape})
def split_ticket(request: ApiRequest, code: str, new: NewSplit) -> Made:
    """Begin a new ticket with a customer's message of this one; the two are linked."""
    ticket = ticket_of(request, code)
    opened = actions.split(
        ticket, message_of(ticket, new.message), by=request.auth.actor, subject=new.subject
    )
    return Made(ticket_shape(opened), f"/tickets/{opened.code}")

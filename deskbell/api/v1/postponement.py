"""/tickets/CODE/postponement: when a ticket comes back.  PUT postpones, DELETE fetches it back now."""

from __future__ import annotations

from datetime import datetime

from ninja import Router
from pydantic import Field

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Moment, Shape
from deskbell.api.v1.asked import ticket_of
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket

router = Router()


class PostponementShape(Shape):
    """The postponement of a ticket."""

    until: datetime | None = Field(
        description="When it comes back; null while it is not postponed."
    )
    status: str
    step: int


class NewPostponement(Asked):
    """Until when a ticket rests."""

    until: Moment


@router.get("/tickets/{code}/postponement", response=PostponementShape)
def show_postponement(request: ApiRequest, code: str) -> PostponementShape:
    """Show whether a ticket is postponed, and until when."""
    return _shape(ticket_of(request, code))


@router.put("/tickets/{code}/postponement", response=PostponementShape)
def postpone_ticket(request: ApiRequest, code: str, new: NewPostponement) -> PostponementShape:
    """Let a ticket rest until a moment that lies ahead; it comes back by itself, on the minute."""
    ticket = ticket_of(request, code)
    actions.postpone(ticket, new.until, by=request.auth.actor)
    return _shape(ticket)


@router.delete("/tickets/{code}/postponement", response={204: None})
def wake_ticket(request: ApiRequest, code: str) -> None:
    """Fetch a postponed ticket back now."""
    actions.wake(ticket_of(request, code), by=request.auth.actor)


def _shape(ticket: Ticket) -> PostponementShape:
    return PostponementShape(
        until=ticket.postponed_until, status=ticket.status, step=ticket.last_step
    )

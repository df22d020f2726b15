"""/tickets/CODE/spam: whether it is unwanted mail.  PUT says so, DELETE says that it is none."""

from __future__ import annotations

from datetime import datetime

from ninja import Router
from pydantic import Field

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Shape
from deskbell.api.v1.asked import ticket_of
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket

router = Router()


class SpamShape(Shape):
    """Whether a ticket is spam."""

    since: datetime | None = Field(description="Since when; null while it is none.")
    status: str
    step: int


@router.get("/tickets/{code}/spam", response=SpamShape)
def show_spam(request: ApiRequest, code: str) -> SpamShape:
    """Show whether a ticket is spam."""
    return _shape(ticket_of(request, code))


@router.put("/tickets/{code}/spam", response=SpamShape)
def mark_spam(request: ApiRequest, code: str) -> SpamShape:
    """Say that a ticket is spam: it leaves every list but that of spam."""
    ticket = ticket_of(request, code)
    actions.spam(ticket, by=request.auth.actor)
    return _shape(ticket)


@router.delete("/tickets/{code}/spam", response={204: None})
def mark_not_spam(request: ApiRequest, code: str) -> None:
    """Say that a ticket is no spam: it stands where it stood before."""
    actions.not_spam(ticket_of(request, code), by=request.auth.actor)


def _shape(ticket: Ticket) -> SpamShape:
    return SpamShape(
        since=ticket.hidden_at if ticket.status == "spam" else None,
        status=ticket.status,
        step=ticket.last_step,
    )

"""/tickets/CODE/deletion: whether it was thrown away.  PUT deletes, DELETE restores."""

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


class DeletionShape(Shape):
    """Whether a ticket is deleted."""

    since: datetime | None = Field(description="Since when; null while it is not.")
    status: str
    step: int


@router.get("/tickets/{code}/deletion", response=DeletionShape)
def show_deletion(request: ApiRequest, code: str) -> DeletionShape:
    """Show whether a ticket is deleted."""
    return _shape(ticket_of(request, code))


@router.put("/tickets/{code}/deletion", response=DeletionShape)
def delete_ticket(request: ApiRequest, code: str) -> DeletionShape:
    """Throw a ticket away; until it is purged it can be restored."""
    ticket = ticket_of(request, code)
    actions.delete(ticket, by=request.auth.actor)
    return _shape(ticket)


@router.delete("/tickets/{code}/deletion", response={204: None})
def restore_ticket(request: ApiRequest, code: str) -> None:
    """Fetch a deleted ticket back: it stands where it stood before."""
    actions.restore(ticket_of(request, code), by=request.auth.actor)


def _shape(ticket: Ticket) -> DeletionShape:
    return DeletionShape(since=ticket.deleted_at, status=ticket.status, step=ticket.last_step)

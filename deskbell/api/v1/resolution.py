"""/tickets/CODE/resolution: whether the work is done.  PUT resolves, DELETE reopens."""

from __future__ import annotations

from datetime import datetime

from ninja import Router
from pydantic import Field

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Flag, Shape
from deskbell.api.shapes.entry import Author, author
from deskbell.api.v1.asked import ticket_of
from deskbell.people.actors import Actor, names_of
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.tickets.state import state_of

router = Router()


class ResolutionShape(Shape):
    """The resolution of a ticket; everything is null while there is none."""

    resolved_at: datetime | None
    by: Author | None
    asked: bool = Field(description="Whether the customer was asked if it is solved.")
    confirmed_at: datetime | None = Field(description="When the customer said yes.")
    closes_at: datetime | None = Field(description="When it closes by itself; null: never.")
    status: str
    step: int


class NewResolution(Asked):
    """How a ticket is resolved."""

    silent: Flag = Field(
        default=False, description="The customer is not asked whether it is solved."
    )


@router.get("/tickets/{code}/resolution", response=ResolutionShape)
def show_resolution(request: ApiRequest, code: str) -> ResolutionShape:
    """Show whether and by whom a ticket was resolved."""
    return _shape(ticket_of(request, code))


@router.put("/tickets/{code}/resolution", response=ResolutionShape)
def resolve_ticket(
    request: ApiRequest, code: str, new: NewResolution | None = None
) -> ResolutionShape:
    """Say that the work is done; the customer is asked next, unless silent."""
    ticket = ticket_of(request, code)
    actions.resolve(ticket, by=request.auth.actor, silent=new is not None and new.silent)
    return _shape(ticket)


@router.delete("/tickets/{code}/resolution", response={204: None})
def reopen_resolved_ticket(request: ApiRequest, code: str) -> None:
    """Take the ticket up again; you become responsible for it."""
    actions.reopen(ticket_of(request, code), by=request.auth.actor)


def _shape(ticket: Ticket) -> ResolutionShape:
    state = state_of(ticket)
    return ResolutionShape(
        resolved_at=ticket.resolved_at,
        by=_resolver(ticket),
        asked=state.asked_step is not None,
        confirmed_at=state.confirmed_at,
        closes_at=ticket.closes_at,
        status=ticket.status,
        step=ticket.last_step,
    )


def _resolver(ticket: Ticket) -> Author | None:
    if ticket.resolved_at is None:
        return None
    actor = Actor(ticket.resolved_by_kind, ticket.resolved_by_id)  # type: ignore[arg-type]
    return author(actor, names_of({actor})[actor])

"""/tickets/CODE/merge: a ticket is a part of another.  PUT merges, DELETE takes it out again."""

from __future__ import annotations

from ninja import Router
from pydantic import Field

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Shape
from deskbell.api.v1.asked import Name, other_ticket, ticket_of
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket

router = Router()


class MergeShape(Shape):
    """What a ticket is a part of, and what its own parts are; by their codes."""

    into: str | None = Field(description="null while it stands for itself")
    parts: list[str] = Field(description="What was merged into it.")
    status: str
    step: int


class NewMerge(Asked):
    """What a ticket becomes a part of."""

    into: Name = Field(description="The code of a ticket; of a part, the whole is meant.")


@router.get("/tickets/{code}/merge", response=MergeShape)
def show_merge(request: ApiRequest, code: str) -> MergeShape:
    """Show what a ticket is a part of, and what its parts are."""
    return _shape(ticket_of(request, code))


@router.put("/tickets/{code}/merge", response=MergeShape)
def merge_ticket(request: ApiRequest, code: str, new: NewMerge) -> MergeShape:
    """Make a ticket a part of another: what comes to it goes there, and is read there."""
    ticket = ticket_of(request, code)
    actions.merge(ticket, other_ticket(request, new.into, "into"), by=request.auth.actor)
    return _shape(ticket)


@router.delete("/tickets/{code}/merge", response={204: None})
def unmerge_ticket(request: ApiRequest, code: str) -> None:
    """Take a part out: both tickets stand for themselves again."""
    actions.unmerge(ticket_of(request, code), by=request.auth.actor)


def _shape(ticket: Ticket) -> MergeShape:
    parts = Ticket.objects.filter(merged_into=ticket).order_by("pk")
    return MergeShape(
        into=None if ticket.merged_into is None else ticket.merged_into.code,
        parts=list(parts.values_list("code", flat=True)),
        status=ticket.status,
        step=ticket.last_step,
    )

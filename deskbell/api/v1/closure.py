"""/tickets/CODE/closure: the end, and what was learned.  PUT closes, DELETE reopens."""

from __future__ import annotations

from datetime import datetime

from ninja import Router
from pydantic import Field

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Shape, Text
from deskbell.api.shapes.entry import Author, author
from deskbell.api.v1.asked import ticket_of
from deskbell.tickets import actions, thread
from deskbell.tickets.models import Entry, Ticket

router = Router()

# Every kind of entry that closes a ticket.
CLOSINGS = ("ticket.closed", "resolution.confirmed")


class ClosureShape(Shape):
    """The closing of a ticket; everything is null while it is not closed."""

    closed_at: datetime | None
    by: Author | None = Field(description="Who closed it; the customer, when their yes did.")
    solution: str | None
    root_cause: str | None
    lessons: str | None
    status: str
    step: int


class NewClosure(Asked):
    """What is written down at the end; empty texts are left out."""

    solution: Text = ""
    root_cause: Text = ""
    lessons: Text = ""


@router.get("/tickets/{code}/closure", response=ClosureShape)
def show_closure(request: ApiRequest, code: str) -> ClosureShape:
    """Show whether a ticket is closed, and what was learned."""
    return _shape(ticket_of(request, code))


@router.put("/tickets/{code}/closure", response=ClosureShape)
def close_ticket(request: ApiRequest, code: str, new: NewClosure | None = None) -> ClosureShape:
    """End a ticket, resolving it silently on the way where that has not been done."""
    ticket, words = ticket_of(request, code), new or NewClosure()
    actions.close(
        ticket,
        by=request.auth.actor,
        solution=words.solution,
        root_cause=words.root_cause,
        lessons=words.lessons,
    )
    return _shape(ticket)


@router.delete("/tickets/{code}/closure", response={204: None})
def reopen_closed_ticket(request: ApiRequest, code: str) -> None:
    """Take the ticket up again; you become responsible for it."""
    actions.reopen(ticket_of(request, code), by=request.auth.actor)


def _shape(ticket: Ticket) -> ClosureShape:
    closing = _closing(ticket) if ticket.closed_at is not None else None
    words = closing.document if closing else {}
    return ClosureShape(
        closed_at=ticket.closed_at,
        by=author(closing.by, closing.name) if closing else None,
        solution=words.get("solution"),
        root_cause=words.get("root_cause"),
        lessons=words.get("lessons"),
        status=ticket.status,
        step=ticket.last_step,
    )


def _closing(ticket: Ticket) -> thread.Item | None:
    entries = Entry.objects.filter(ticket=ticket, kind__in=CLOSINGS).select_related("cause")
    last = entries.order_by("-step")[:1]
    return next(iter(thread.items(last)), None)

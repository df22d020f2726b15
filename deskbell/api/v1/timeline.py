"""/tickets/CODE/timeline: everything that happened to a ticket, in order; and taking an act back.

Undo is a POST that makes something, not a DELETE of the step: the step stays, and one more entry tells of it.  So an
Idempotency-Key also holds for it.
"""

from __future__ import annotations

from ninja import Query, Router
from pydantic import Field

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import LARGEST, Listed, Moment, Part, by_number
from deskbell.api.shapes.entry import EntryShape, entry_shapes
from deskbell.api.v1.asked import ticket_of, ticket_of_act
from deskbell.errors import NotFound
from deskbell.tickets import actions
from deskbell.tickets.models import Entry

router = Router()

# The entries by which a ticket tells that something was taken back; one that the act had opened is deleted.
TELLS = ("act.undone", "ticket.deleted")


class Wanted(Part):
    """Which entries are asked for."""

    at: Moment | None = Field(None, description="Only what had happened by this moment.")


@router.get("/tickets/{code}/timeline", response=Listed[EntryShape])
def list_entries(request: ApiRequest, code: str, wanted: Query[Wanted]) -> Listed[EntryShape]:
    """List the entries of a ticket, oldest first; `after` is the step that you have already."""
    ticket = ticket_of(request, code)
    entries = Entry.objects.filter(ticket=ticket).select_related("cause")
    if wanted.at is not None:
        entries = entries.filter(at__lte=wanted.at)
    rows, after = by_number(entries, wanted, column="step")
    return Listed(items=entry_shapes(rows), next=after)


@router.get("/tickets/{code}/timeline/{int:step}", response=EntryShape)
def show_entry(request: ApiRequest, code: str, step: int) -> EntryShape:
    """Show one entry of a ticket."""
    ticket = ticket_of(request, code)
    found = Entry.objects.filter(ticket=ticket, step=min(step, LARGEST)).select_related("cause")
    shapes = entry_shapes(found)
    if not shapes:
        raise NotFound
    return shapes[0]


@router.post("/tickets/{code}/timeline/{int:step}/undo", response={201: EntryShape})
def undo(request: ApiRequest, code: str, step: int) -> Made:
    """Take back what you did yourself within the last ten minutes, with all that it caused."""
    ticket = ticket_of_act(request, code, min(step, LARGEST))
    actions.undo(ticket, min(step, LARGEST), by=request.auth.actor)
    told = Entry.objects.filter(ticket=ticket, kind__in=TELLS).select_related("cause")
    [shape] = entry_shapes(told.order_by("-step")[:1])
    return Made(shape, f"/tickets/{ticket.code}/timeline/{shape.step}")

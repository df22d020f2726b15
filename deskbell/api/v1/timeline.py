"""/tickets/CODE/timeline: everything that happened to a ticket, in order."""

from __future__ import annotations

from ninja import Query, Router

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Listed, Part, by_number
from deskbell.api.shapes.entry import EntryShape, entry_shapes
from deskbell.api.v1.asked import ticket_of
from deskbell.tickets.models import Entry

router = Router()


@router.get("/tickets/{code}/timeline", response=Listed[EntryShape])
def list_entries(request: ApiRequest, code: str, part: Query[Part]) -> Listed[EntryShape]:
    """List the entries of a ticket, oldest first; `after` is the step that you have already."""
    ticket = ticket_of(request, code)
    entries = Entry.objects.filter(ticket=ticket).select_related("cause")
    rows, after = by_number(entries, part, column="step")
    return Listed(items=entry_shapes(rows), next=after)

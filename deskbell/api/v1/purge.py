"""/tickets/CODE/purge: a deleted or spam ticket goes for good."""

from __future__ import annotations

from ninja import Router

from deskbell.api.bearer import ApiRequest
from deskbell.api.v1.asked import ticket_of
from deskbell.tickets import actions

router = Router()


@router.post("/tickets/{code}/purge", response={204: None})
def purge_ticket(request: ApiRequest, code: str) -> None:
    """Remove what was said on a deleted or spam ticket, and on its parts, for good; nobody finds it afterwards."""
    actions.purge(ticket_of(request, code), by=request.auth.actor)

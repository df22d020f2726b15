"""Files for agents: of a message whoever may see its ticket may have them, of a draft only its writer."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from deskbell import access
from deskbell.errors import NotFound
from deskbell.tickets import drafts, queries
from deskbell.tickets.models import Attachment, Ticket
from deskbell.web.giving import give
from deskbell.web.visit import AgentRequest, for_agents


@require_safe
@for_agents
def file(request: AgentRequest, token: str) -> HttpResponse:
    """Give a file to somebody who may see its ticket; a picture inline, all else as a download."""
    found = Attachment.objects.select_related("message").filter(token=token).first()
    if found is not None and not _may_see(request, found):
        raise NotFound
    return give(
        found or drafts.file_of(request.agent, token), as_download="download" in request.GET
    )


def _may_see(request: AgentRequest, found: Attachment) -> bool:
    """Whether the agent may see the ticket of the file, or the one that it was merged into."""
    own = found.message.ticket_id
    tickets = Ticket.objects.filter(pk__in={own, queries.survivor_id(own)})
    return access.visible(request.by, tickets).exists()

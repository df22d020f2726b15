"""Files of messages.  Whoever may see the ticket may have them; nothing in them runs in our pages."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from deskbell import access
from deskbell.errors import NotFound
from deskbell.tickets import files, queries
from deskbell.tickets.models import Attachment, Ticket
from deskbell.web.csp import HEADER
from deskbell.web.visit import AgentRequest, for_agents

# Pictures that browsers draw and never run; an SVG may hold scripts and is only ever downloaded.
DRAWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})


@require_safe
@for_agents
def file(request: AgentRequest, token: str) -> HttpResponse:
    """Give a file to somebody who may see its ticket; a picture inline, all else as a download."""
    found = Attachment.objects.select_related("message").filter(token=token).first()
    if found is None or not _may_see(request, found):
        raise NotFound
    content_type = found.content_type.partition(";")[0].strip().lower()
    is_drawn = content_type in DRAWN
    response = HttpResponse(content_type=content_type if is_drawn else "application/octet-stream")
    disposition = content_disposition_header(
        as_attachment=not is_drawn or "download" in request.GET, filename=found.name
    )
    response.headers["Content-Disposition"] = disposition or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers[HEADER] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.headers["X-Deskbell-File"] = str(files.path_of(found.sha256))
    return response


def _may_see(request: AgentRequest, found: Attachment) -> bool:
    """Whether the agent may see the ticket of the file, or the one that it was merged into."""
    own = found.message.ticket_id
    tickets = Ticket.objects.filter(pk__in={own, queries.survivor_id(own)})
    return access.visible(request.by, tickets).exists()

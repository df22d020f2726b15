"""Giving a file to somebody who may have it; nothing in it runs in our pages.  Who may, its callers decide."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from deskbell.knowledge.models import CannedFile
from deskbell.tickets import files
from deskbell.tickets.models import Attachment, DraftFile
from deskbell.web.csp import HEADER

# Pictures that browsers draw and never run; an SVG may hold scripts and is only ever downloaded.
DRAWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})


def give(found: Attachment | DraftFile | CannedFile, *, as_download: bool) -> HttpResponse:
    """Return the answer by which the front sends a file to somebody who may have it."""
    content_type = found.content_type.partition(";")[0].strip().lower()
    is_drawn = content_type in DRAWN
    response = HttpResponse(content_type=content_type if is_drawn else "application/octet-stream")
    disposition = content_disposition_header(
        as_attachment=as_download or not is_drawn, filename=found.name
    )
    response.headers["Content-Disposition"] = disposition or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers[HEADER] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.headers["X-Deskbell-File"] = str(files.path_of(found.sha256))
    return response

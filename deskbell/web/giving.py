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


# A larger one is fetched when somebody asks for it.
DRAWN_BYTES = 10_000_000


def is_drawn(found: Attachment | DraftFile | CannedFile) -> bool:
    """Return whether pages show the file itself: a picture, as its sender says, and not too large."""
    return _type_of(found) in DRAWN and found.size_bytes <= DRAWN_BYTES


def give(found: Attachment | DraftFile | CannedFile, *, as_download: bool) -> HttpResponse:
    """Return the answer by which the front sends a file to somebody who may have it."""
    content_type = _type_of(found)
    is_picture = content_type in DRAWN
    response = HttpResponse(content_type=content_type if is_picture else "application/octet-stream")
    disposition = content_disposition_header(
        as_attachment=as_download or not is_picture, filename=found.name
    )
    response.headers["Content-Disposition"] = disposition or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers[HEADER] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.headers["X-Deskbell-File"] = str(files.path_of(found.sha256))
    return response


def _type_of(found: Attachment | DraftFile | CannedFile) -> str:
    return found.content_type.partition(";")[0].strip().lower()

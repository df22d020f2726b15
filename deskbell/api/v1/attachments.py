"""/tickets/CODE/attachments and /attachments: files of messages, and files that wait for one."""

from __future__ import annotations

from typing import BinaryIO, cast

from django.http import HttpResponse
from ninja import File, Query, Router, UploadedFile

from deskbell import access
from deskbell.api import uploads
from deskbell.api.answers import A_FILE, Made, file_answer
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.attachment import (
    AttachmentShape,
    UploadShape,
    attachment_shape,
    upload_shape,
)
from deskbell.api.shapes.base import Listed, Part, by_number
from deskbell.api.v1.asked import ticket_of
from deskbell.channels.sent_files import safe_type
from deskbell.errors import NotFound
from deskbell.tickets import files
from deskbell.tickets.models import Attachment, Ticket
from deskbell.tickets.queries import survivor_id, with_parts

router = Router()


@router.get("/tickets/{code}/attachments", response=Listed[AttachmentShape])
def list_attachments(request: ApiRequest, code: str, part: Query[Part]) -> Listed[AttachmentShape]:
    """List the files of a ticket and of its parts, oldest first."""
    ticket = ticket_of(request, code)
    files_of = Attachment.objects.filter(message__ticket__in=with_parts(ticket.pk))
    rows, after = by_number(files_of, part)
    return Listed(items=[attachment_shape(file) for file in rows], next=after)


@router.post("/tickets/{code}/attachments", response={201: UploadShape})
def send_attachment_ahead(request: ApiRequest, code: str, file: File[UploadedFile]) -> Made:
    """Send a file ahead; name its token in a message of this ticket within 24 hours."""
    ticket = ticket_of(request, code)
    access.require(request.auth.actor, "note", ticket)
    return _waiting(request, file)


@router.post("/attachments", response={201: UploadShape})
def send_file_ahead(request: ApiRequest, file: File[UploadedFile]) -> Made:
    """Send a file ahead; name its token in a new ticket or a message within 24 hours."""
    return _waiting(request, file)


@router.get("/attachments/{token}", response={200: None}, openapi_extra=A_FILE)
def fetch_attachment(request: ApiRequest, token: str) -> HttpResponse:
    """Fetch the bytes of a file whose message you may see; always as a download."""
    found = _attachment(token)
    # Whoever reads a ticket reads what was merged into it.
    whole = survivor_id(found.message.ticket_id)
    of_message = Ticket.objects.filter(pk__in=(found.message.ticket_id, whole))
    if not access.visible(request.auth.actor, of_message).exists():
        raise NotFound
    return file_answer(
        files.path_of(found.sha256),
        name=found.name,
        content_type=safe_type(found.content_type),
    )


def _attachment(token: str) -> Attachment:
    """Return the file of this token, whoever may see it.  Raises NotFound."""
    files_of = Attachment.objects.select_related("message")
    found = files_of.filter(token=token).first() if token.isprintable() else None
    if found is None:
        raise NotFound
    return found


def _waiting(request: ApiRequest, file: UploadedFile) -> Made:
    # An uploaded file reads like any other; its type only does not say so.
    upload = uploads.take(
        request.auth.agent,
        cast("BinaryIO", file),
        name=file.name or "",
        content_type=file.content_type or "",
    )
    return Made(upload_shape(upload), f"/attachments/{upload.token}")

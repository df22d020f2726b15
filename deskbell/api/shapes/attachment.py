"""A file of a message as the API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from deskbell.api.answers import ROOT
from deskbell.api.shapes.base import Shape

if TYPE_CHECKING:
    from deskbell.api.models import Upload
    from deskbell.tickets.models import Attachment


class AttachmentShape(Shape):
    """A file."""

    name: str
    type: str = Field(description="What its sender says it is.")
    size: int = Field(description="In bytes.")
    sha256: str
    url: str = Field(description="Where its bytes are, for the same key.")
    inline: bool = Field(description="Whether the HTML shows it.")
    content_id: str | None = Field(description="How the HTML calls it, after `cid:`.")


class UploadShape(Shape):
    """A file that waits to be named in a message."""

    token: str
    name: str
    type: str
    size: int
    sha256: str


def attachment_shape(attachment: Attachment) -> AttachmentShape:
    """Return the shape of a file."""
    return AttachmentShape(
        name=attachment.name,
        type=attachment.content_type,
        size=attachment.size_bytes,
        sha256=attachment.sha256,
        url=f"{ROOT}/attachments/{attachment.token}",
        inline=attachment.inline,
        content_id=attachment.content_id or None,
    )


def upload_shape(upload: Upload) -> UploadShape:
    """Return the shape of a file that waits."""
    return UploadShape(
        token=upload.token,
        name=upload.name,
        type=upload.content_type,
        size=upload.size_bytes,
        sha256=upload.sha256,
    )

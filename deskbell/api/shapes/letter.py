"""A letter as the API shows it: a mail exactly as it came, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import Field

from deskbell.api.answers import ROOT
from deskbell.api.shapes.base import Mailed, Shape
from deskbell.channels.mail import reasons
from deskbell.channels.mail.models import Letter

if TYPE_CHECKING:
    from django.db.models import QuerySet


class LetterShape(Shape):
    """A letter."""

    id: int
    state: str = Field(description=f"One of {', '.join(Letter.State.values)}.")
    reason: str | None = Field(description="A code; why it is in this state.")
    sentence: str | None = Field(description="The reason in words, in the caller's language.")
    detail: str | None
    what: str | None = Field(description=f"One of {', '.join(Letter.What.values)}.")
    authentication: str | None = Field(
        description="Whether the sender's domain stands for it: pass, fail, none or unknown."
    )
    mute: str | None = Field(description="A code; why no machine may answer it.")
    sha256: str
    source: str = Field(description="smtp, pipe or found")
    size: int = Field(description="In bytes.")
    received_at: datetime
    read_at: datetime | None
    sealed_at: datetime | None = Field(
        description="Since when its bytes are gone: words were taken out, or a rule masked some."
    )
    message_id: str | None = Field(description="Its Message-ID, without < >.")
    sender: Mailed | None = Field(serialization_alias="from")
    mail_from: str = Field(description="The sender of its envelope.")
    rcpt: list[str] = Field(description="The recipients of its envelope.")
    ticket: str | None = Field(description="The code of the ticket that it became part of.")
    message: int | None = Field(description="The number of the message that it became.")
    url: str = Field(description="Where its bytes are, for the same key.")


def for_shapes(letters: QuerySet[Letter]) -> QuerySet[Letter]:
    """Return `letters` so that shapes of any number of them cost one query."""
    return letters.select_related("ticket", "message__address")


def letter_shape(letter: Letter) -> LetterShape:
    """Return the shape of a letter."""
    return LetterShape(
        id=letter.pk,
        state=letter.state,
        reason=letter.reason or None,
        sentence=reasons.sentence_of(letter) or None,
        detail=letter.detail or None,
        what=letter.what or None,
        authentication=letter.authentication or None,
        mute=letter.mute or None,
        sha256=letter.sha256,
        source=letter.source,
        size=letter.size_bytes,
        received_at=letter.received_at,
        read_at=letter.read_at,
        sealed_at=letter.sealed_at,
        message_id=letter.rfc_message_id or None,
        sender=_sender(letter),
        mail_from=letter.mail_from,
        rcpt=letter.rcpt,
        ticket=None if letter.ticket is None else letter.ticket.code,
        message=letter.message_id,
        url=f"{ROOT}/letters/{letter.pk}/source",
    )


def _sender(letter: Letter) -> Mailed | None:
    """Return who wrote it; before it is read only the envelope knows."""
    if letter.message is not None and letter.message.address is not None:
        address = letter.message.address
        return Mailed(email=address.value, name=address.name)
    return Mailed(email=letter.mail_from) if letter.mail_from else None

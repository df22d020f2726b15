"""Writes the rows of a message, its words, recipients and files; the action then records the entry that names it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deskbell import clock
from deskbell.database import written
from deskbell.tickets.models import Attachment, Message, MessageRecipient, Text, new_token

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from deskbell.people.actors import Actor
    from deskbell.people.models import Address
    from deskbell.tickets.content import Content, NewFile, Recipient
    from deskbell.tickets.models import Ticket

PREVIEW_LENGTH = 160
SUBJECT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands on a message beside its content.

    message_id  of its letter, without < >; "" when it did not come by mail
    references  Message-IDs of the letters before it, in order, separated by spaces
    sent_at     as the writer's clock says; None is now
    trust       "participant" or "new_sender" for what customers write; "" else
    side        the forward that began its side thread; None in the customer's thread
    """

    address: Address | None = None
    subject: str = ""
    message_id: str = ""
    references: str = ""
    sent_at: datetime | None = None
    recipients: Sequence[Recipient] = field(default_factory=tuple)
    trust: str = ""
    answers_question: bool = False
    side: Message | None = None


def write(
    ticket: Ticket, kind: Message.Kind, content: Content, envelope: Envelope, *, by: Actor
) -> Message:
    """Write a message on `ticket`, in the caller's transaction, and return it."""
    now = clock.now()
    text = Text(plain=content.text, quoted=content.quoted, html=content.html)
    written.insert(text)
    message = Message(
        ticket=ticket,
        kind=kind,
        author_kind=by.kind,
        author_id=by.id,
        address=envelope.address,
        side=envelope.side,
        text=text,
        subject=envelope.subject[:SUBJECT_LENGTH],
        preview=preview_of(content.text or content.quoted),
        message_id=envelope.message_id,
        references=envelope.references,
        sent_at=envelope.sent_at or now,
        received_at=now,
        trust=envelope.trust,
        answers_question=envelope.answers_question,
        facts=dict(content.facts),
    )
    written.insert(message)
    _write_recipients(message, envelope.recipients)
    _write_files(message, content.files)
    return message


def keep_words(words: str) -> int | None:
    """Write words that are no message (a reason, a solution) and return the number of their Text; None for none."""
    return Text.objects.create(plain=words.strip()).pk if words.strip() else None


def one_line(subject: str) -> str:
    """Return a subject without line breaks, at most as long as one may be.

    Marks that turn the reading direction around, or that nobody sees, go: in one line they only deceive.
    """
    return " ".join(_UNSEEN.sub("", subject).split())[:SUBJECT_LENGTH]


# Not those that join letters and emoji, for they are part of the words.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)


def bare_subject(subject: str) -> str:
    """Return a subject without what mail programs put before it; ours has one "Re:" or "Fwd:", in any language."""
    return _PREFIXES.sub("", subject).strip()


_PREFIXES = re.compile(
    r"^\s*((re|aw|antw|sv|vs|vá|odp|ответ|fwd?|wg)\s*(\[\d+\])?\s*:\s*)+", re.IGNORECASE
)


def preview_of(text: str) -> str:
    """Return the first words of `text` in one line."""
    return " ".join(text[: PREVIEW_LENGTH * 8].split())[:PREVIEW_LENGTH]


def copy_to(ticket: Ticket, message: Message) -> Message:
    """Write `message` once more, on another ticket: the same words (the very Text), recipients and files."""
    copy = Message.objects.get(pk=message.pk)
    copy.pk, copy.ticket = None, ticket
    copy.save(force_insert=True)
    MessageRecipient.objects.bulk_create(
        MessageRecipient(message=copy, role=one.role, address=one.address, name=one.name)
        for one in message.recipients.all()
    )
    Attachment.objects.bulk_create(
        Attachment(
            message=copy,
            name=one.name,
            content_type=one.content_type,
            size_bytes=one.size_bytes,
            sha256=one.sha256,
            content_id=one.content_id,
            inline=one.inline,
        )
        for one in message.attachments.all()
    )
    return copy


def _write_recipients(message: Message, recipients: Sequence[Recipient]) -> None:
    for one in recipients:
        written.insert(
            MessageRecipient(
                message=message, role=one.role, address=one.address[:320], name=one.name[:200]
            )
        )


def _write_files(message: Message, files: Sequence[NewFile]) -> None:
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            name=file.name[:255],
            content_type=file.content_type[:150],
            size_bytes=file.kept.size_bytes,
            sha256=file.kept.sha256,
            content_id=file.content_id[:500],
            inline=file.inline,
            token=file.token or new_token(),
        )
        for file in files
    )

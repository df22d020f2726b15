"""Takes words and files out of their rows, for good; redaction, purge and erasure call it inside their transaction.

The entries that name those rows stay, so the timeline still replays.  Files go a little later, by a job.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models.functions import Lower

from deskbell import clock
from deskbell.tickets import events, files
from deskbell.tickets.models import Attachment, Entry, Message, MessageRecipient, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from deskbell.people.models import Address
    from deskbell.tickets.models import Ticket


def blank_ticket(ticket: Ticket) -> int:
    """Blank everything that was said on `ticket`, its subject and reasons too; return how many messages that were."""
    messages = list(Message.objects.filter(ticket=ticket))
    blank_messages(messages)
    blank_texts(text_ids(ticket))
    return len(messages)


def blank_messages(messages: Sequence[Message]) -> None:
    """Blank messages: words, subject, addresses, files, and by which ids other mails might name them."""
    numbers = [message.pk for message in messages]
    MessageRecipient.objects.filter(message__in=numbers).delete()
    attachments = Attachment.objects.filter(message__in=numbers)
    sums = set(attachments.values_list("sha256", flat=True))
    attachments.delete()
    for sum_of_file in sorted(sums):
        files.shred_later(sum_of_file)
    Message.objects.filter(pk__in=numbers).update(
        subject="", preview="", message_id="", references=""
    )
    texts = {message.text_id for message in messages}
    others = Message.objects.filter(text__in=texts).exclude(pk__in=numbers)
    shared = set(others.values_list("text", flat=True))
    blank_texts(texts - shared)
    # A copy that was split off stands on its own ticket, and keeps its words: these let go of them.
    for message in messages:
        if message.text_id in shared:
            empty = Text.objects.create(redacted_at=clock.now())
            Message.objects.filter(pk=message.pk).update(text=empty)


def recipients(addresses: Iterable[Address]) -> QuerySet[MessageRecipient]:
    """Return where these addresses stand on messages, in whatever case they were typed there."""
    values = [address.value for address in addresses]
    return MessageRecipient.objects.annotate(lower=Lower("address")).filter(lower__in=values)


def blank_texts(numbers: Iterable[int]) -> None:
    """Blank these texts, and say since when."""
    Text.objects.filter(pk__in=list(numbers), redacted_at=None).update(
        plain="", quoted="", html="", redacted_at=clock.now()
    )


def text_ids(ticket: Ticket) -> set[int]:
    """Return the numbers of all texts that the timeline of `ticket` names, but for those of messages."""
    read = (
        events.read(entry.kind, entry.v, entry.data)
        for entry in Entry.objects.filter(ticket=ticket)
    )
    named = {getattr(event, field) for event in read for field in event.texts}
    return {number for number in named if number}

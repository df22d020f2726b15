"""Takes words and files out of their rows, for good; redaction, purge and erasure call it inside their transaction.

The entries that name those rows stay, so the timeline still replays.  Files go a little later, by a job.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskbell import clock
from deskbell.tickets import events, files
from deskbell.tickets.models import Attachment, Entry, Message, MessageRecipient, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    # A copy that was split off stands on its own ticket, and keeps its words.
    shared = Message.objects.filter(text__in=[message.text_id for message in messages]).exclude(
        pk__in=numbers
    )
    blank_texts(
        {message.text_id for message in messages} - set(shared.values_list("text", flat=True))
    )


def blank_recipients(ticket: Ticket, addresses: Iterable[str]) -> None:
    """Remove these addresses from what stood on the messages of `ticket`."""
    for address in addresses:
        MessageRecipient.objects.filter(message__ticket=ticket, address__iexact=address).delete()


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

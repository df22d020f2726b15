"""Takes words and files out of their rows, for good; redaction, purge and erasure call it inside their transaction.

The entries that name those rows stay, so the timeline still replays.  Files go a little later, by a job.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models.functions import Lower

from deskbell import clock
from deskbell.tickets import drafts, events, files
from deskbell.tickets.models import Attachment, Entry, Message, MessageRecipient, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from deskbell.people.models import Address


def hold_words(ticket_ids: Iterable[int]) -> None:
    """Hold every text of these tickets until the transaction ends: of their messages, and that their timelines name."""
    numbers = set(ticket_ids)
    said = Message.objects.filter(ticket__in=numbers).values_list("text", flat=True)
    hold_texts({*said, *text_ids(numbers)})


def hold_texts(numbers: Iterable[int]) -> None:
    """Hold these texts until the transaction ends, in the order of their numbers, so that no two wait for each other.

    A message and its copy on another ticket have one text: who takes words out holds the text before reading it, or
    who did so elsewhere at the same moment is overwritten.
    """
    if connection.features.has_select_for_update:
        held = Text.objects.filter(pk__in=set(numbers)).order_by("pk")
        list(held.select_for_update(no_key=True).values_list("pk"))


def blank_tickets(ticket_ids: Iterable[int]) -> Counter[int]:
    """Blank everything that was said on these tickets, their subjects and reasons too.

    Returns how many messages each of them has.
    """
    numbers = set(ticket_ids)
    hold_words(numbers)
    drafts.forget_on(numbers)
    messages = list(Message.objects.filter(ticket__in=numbers))
    blank_messages(messages)
    blank_texts(text_ids(numbers))
    return Counter(message.ticket_id for message in messages)


def blank_messages(messages: Sequence[Message]) -> None:
    """Blank messages: words, subject, addresses, files, and by which ids other mails might name them.

    Their words are held, and they were read since.
    """
    numbers = [message.pk for message in messages]
    MessageRecipient.objects.filter(message__in=numbers).delete()
    attachments = Attachment.objects.filter(message__in=numbers)
    sums = set(attachments.values_list("sha256", flat=True))
    attachments.delete()
    for sum_of_file in sorted(sums):
        files.shred_later(sum_of_file)
    Message.objects.filter(pk__in=numbers).update(
        subject="", preview="", message_id="", references="", facts={}
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


def forget_facts(ticket_id: int, addresses: Iterable[Address]) -> None:
    """Blank what the messages of a ticket tell beside their words where it names one of these addresses."""
    values = [address.value for address in addresses]
    for message in Message.objects.filter(ticket=ticket_id).exclude(facts={}):
        told = json.dumps(message.facts, ensure_ascii=False).lower()
        if any(value in told for value in values):
            Message.objects.filter(pk=message.pk).update(facts={})


def blank_texts(numbers: Iterable[int]) -> None:
    """Blank these texts, and say since when."""
    Text.objects.filter(pk__in=list(numbers), redacted_at=None).update(
        plain="", quoted="", html="", redacted_at=clock.now()
    )


def text_ids(ticket_ids: Iterable[int]) -> set[int]:
    """Return the numbers of all texts that the timelines of these tickets name, but for those of messages."""
    return named_in(Entry.objects.filter(ticket__in=set(ticket_ids)))


def named_in(entries: Iterable[Entry]) -> set[int]:
    """Return the numbers of the texts that these entries name, but for those of messages."""
    read = (events.read(entry.kind, entry.v, entry.data) for entry in entries)
    named = {getattr(event, field) for event in read for field in event.texts}
    return {number for number in named if number}

"""The thread of a ticket: its entries in order, each with its sentence, and the messages in full.

Worded when read, in the reader's language.  The number of queries does not depend on its length.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Q
from django.utils import timezone

from deskbell import languages
from deskbell.database.prepared import Prepared
from deskbell.errors import NotFound
from deskbell.masking import rules
from deskbell.people.actors import Actor, names_of
from deskbell.people.models import Address, Department
from deskbell.tickets import events
from deskbell.tickets.models import (
    Attachment,
    Entry,
    Message,
    MessageRecipient,
    Tag,
    Text,
    Ticket,
)
from deskbell.tickets.queries import numbers_of, with_parts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import QuerySet

    from deskbell.tickets.events import Event

# How many of an old, long ticket's entries one page shows before it asks for the earlier ones.
MOST_ENTRIES = 500

# The entries that are a message; others are about one.
TOLD = frozenset(
    {
        "message.received",
        "message.replied",
        "message.forwarded",
        "message.answered_aside",
        "note.added",
    }
)

OfMessage = TypeVar("OfMessage", MessageRecipient, Attachment)
Names = dict[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a thread.

    ticket_id  whose entry it is: the ticket's own, or one that was merged into it
    by         author of the entry; `name` as shown
    sentence   what happened, in words
    moments    those that the sentence tells, by the words that it has for each
    message    the message that the entry is about, with its text and address; None for quiet lines
    recipients, files  of the message
    document   what was written down with it (solution, reason, description …); empty texts left out
    undone     it was taken back since
    """

    id: int
    ticket_id: int
    step: int
    at: datetime
    occurred_at: datetime | None
    kind: str
    v: int
    data: dict[str, object]
    by: Actor
    name: str
    sentence: str
    moments: dict[str, datetime]
    message: Message | None
    recipients: tuple[MessageRecipient, ...]
    files: tuple[Attachment, ...]
    document: dict[str, str]
    cause_step: int | None
    undone: bool

    @property
    def is_quiet(self) -> bool:
        """Whether it is one line rather than a letter."""
        return self.message is None


def thread(
    ticket: Ticket, *, since: int = 0, until: datetime | None = None, before: Entry | None = None
) -> tuple[Item, ...]:
    """Return the newest things of the thread after step `since`, oldest first, up to the moment `until`.

    before  one of its entries: only what stands above that
    The thread of a ticket holds that of those merged into it.  Whoever asks has got the ticket from
    queries.ticket_for, so they may see it; customers are never shown this.
    """
    if before is not None:
        return items(reversed(_newest(_above(ticket, before))), _undone(ticket))
    sources = _sources(ticket, since, until)
    if not sources and until is None:
        return items(reversed(_own(ticket.pk, since)))
    shown = Q(ticket=ticket, step__gt=since) | Q(ticket__in=sources)
    if until is not None:
        shown &= Q(at__lte=until)
    return items(reversed(_newest(Entry.objects.filter(shown))))


def earlier(ticket: Ticket, shown: tuple[Item, ...]) -> int | None:
    """Return the number of the entry above which more of the thread stands than is `shown`; None where no more does.

    shown  as `thread` gave it
    """
    if len(shown) < MOST_ENTRIES:
        return None
    first = Entry(pk=shown[0].id, at=shown[0].at)
    return first.pk if _above(ticket, first).exists() else None


def entry_of(ticket: Ticket, number: int) -> Entry:
    """Return an entry of the ticket or its parts.  Raises NotFound."""
    found = Entry.objects.filter(pk=number, ticket__in=numbers_of(ticket)).first()
    if found is None:
        raise NotFound
    return found


def messages_of(ticket: Ticket, message: int | None = None) -> tuple[Item, ...]:
    """Return every message of the thread, oldest first, however long it is; with a number that message alone."""
    said = Entry.objects.filter(ticket__in=numbers_of(ticket), kind__in=TOLD)
    if message is not None:
        said = said.filter(data__message_id=message)
    return items(said.select_related("cause").order_by("at", "id"), _undone(ticket))


def _above(ticket: Ticket, entry: Entry) -> QuerySet[Entry]:
    is_above = Q(at__lt=entry.at) | Q(at=entry.at, pk__lt=entry.pk)
    return Entry.objects.filter(is_above, ticket__in=numbers_of(ticket))


def _undone(ticket: Ticket) -> set[tuple[int, int]]:
    """Return all of the thread that was taken back: what says so may stand below what is read."""
    return undone_among(
        Entry.objects.filter(ticket__in=numbers_of(ticket), kind="act.undone").order_by()
    )


def _newest(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    return entries.select_related("cause").order_by("-at", "-id")[:MOST_ENTRIES]


_own = Prepared(lambda ticket, since: _newest(Entry.objects.filter(ticket=ticket, step__gt=since)))


def items(entries: Iterable[Entry], undone: Collection[tuple[int, int]] = ()) -> tuple[Item, ...]:
    """Return `entries` as things of a thread.

    undone  ticket and step of what was taken back, where not all that says so is among `entries`
    """
    read = [(entry, events.read(entry.kind, entry.v, entry.data)) for entry in entries]
    said = [entry.data["message_id"] for entry, _ in read if _is_told(entry)]
    known = _Known(
        messages={one.pk: one for one in _messages(said)},
        recipients=_by_message(_recipients(said)),
        files=_by_message(_files(said)),
        texts=_texts(event for entry, event in read if entry.step > 1),
        names=_names([event for _, event in read]),
        authors=names_of({_author(entry) for entry, _ in read}),
        undone=undone_among(entry for entry, _ in read) | set(undone),
    )
    return tuple(_item(entry, event, known) for entry, event in read)


@dataclass(frozen=True, slots=True)
class _Known:
    """All that the entries of a thread point at, loaded at once."""

    messages: dict[int, Message]
    recipients: dict[int, tuple[MessageRecipient, ...]]
    files: dict[int, tuple[Attachment, ...]]
    texts: dict[int, str]
    names: Names
    authors: dict[Actor, str]
    undone: set[tuple[int, int]]


def _sources(ticket: Ticket, since: int, until: datetime | None) -> set[int]:
    """Return the tickets whose entries belong into the thread: all sources, or those that came after `since`."""
    absorbed = Entry.objects.filter(kind="ticket.absorbed")
    if until is not None:
        absorbed = absorbed.filter(at__lte=until)
    now = absorbed.filter(ticket=ticket, step__gt=since) if ticket.extra.get("sources") else ()
    return with_parts(
        *{entry.data["source_id"] for entry in now} & set(ticket.extra.get("sources", ()))
    )


def _item(entry: Entry, event: Event, known: _Known) -> Item:
    by = _author(entry)
    number = entry.data["message_id"] if _is_told(entry) else 0
    words = {
        placeholder: _named(what, getattr(event, field), known.names)
        for placeholder, (field, what) in event.refs.items()
    }
    return Item(
        id=entry.pk,
        ticket_id=entry.ticket_id,
        step=entry.step,
        at=entry.at,
        occurred_at=entry.occurred_at,
        kind=entry.kind,
        v=entry.v,
        data=entry.data,
        by=by,
        name=known.authors[by],
        sentence=str(event.words()).format(by=known.authors[by], **words),
        moments={
            words[placeholder]: value
            for placeholder, (field, _what) in event.refs.items()
            if isinstance(value := getattr(event, field), datetime)
        },
        message=known.messages.get(number),
        recipients=known.recipients.get(number, ()),
        files=known.files.get(number, ()),
        document=_document(entry, event, known.texts),
        cause_step=None if entry.cause is None else entry.cause.step,
        undone=(entry.ticket_id, entry.step) in known.undone,
    )


def _named(what: str, value: object, names: Names) -> str:
    """Return what a sentence says of a reference: a name, several, or a moment in the reader's zone."""
    match value:
        case datetime():
            local = timezone.localtime(value)
            return f"{languages.day(local, with_year=True)} {languages.time_of_day(local)}"
        case tuple():
            return ", ".join(names.get((what, number), "") for number in value)
        case int():
            return names.get((what, value), "")
        case _:
            return ""


def _is_told(entry: Entry) -> bool:
    """Whether the entry is a message itself, not just about one."""
    return entry.kind in TOLD


def _author(entry: Entry) -> Actor:
    return Actor(entry.by_kind, entry.by_id)  # type: ignore[arg-type]


_messages = Prepared(
    lambda ids: Message.objects.filter(pk__in=ids).select_related("text", "address").order_by()
)
_recipients = Prepared(lambda ids: MessageRecipient.objects.filter(message__in=ids))
_files = Prepared(lambda ids: Attachment.objects.filter(message__in=ids))


def _by_message(found: Iterable[OfMessage]) -> dict[int, tuple[OfMessage, ...]]:
    sorted_out: dict[int, list[OfMessage]] = {}
    for one in found:
        sorted_out.setdefault(one.message_id, []).append(one)
    return {number: tuple(ones) for number, ones in sorted_out.items()}


def undone_among(entries: Iterable[Entry]) -> set[tuple[int, int]]:
    """Return ticket and step of what was taken back; the entry that says so comes after it, so it is among these."""
    return {
        (entry.ticket_id, step)
        for entry in entries
        if entry.kind == "act.undone"
        for step in entry.data["steps"]
    }


def _texts(read: Iterable[Event]) -> dict[int, str]:
    ids: set[int] = {getattr(event, field) or 0 for event in read for field in event.texts} - {0}
    return dict(Text.objects.filter(pk__in=ids).values_list("pk", "plain")) if ids else {}


def _document(entry: Entry, event: Event, texts: dict[int, str]) -> dict[str, str]:
    """Return the words that stand below the sentence; those that the sentence or the head says are left out."""
    said = {field for field, _ in event.refs.values()}
    fields = () if entry.step == 1 else (field for field in event.texts if field not in said)
    written = {
        field.removesuffix("_id"): texts.get(getattr(event, field) or 0, "") for field in fields
    }
    return {name: words for name, words in written.items() if words}


def _names(read: list[Event]) -> Names:
    """Return the names of all that the events point at; one query for each sort of thing there is."""
    wanted: dict[str, set[int]] = {}
    for event in read:
        for field, what in event.refs.values():
            value = getattr(event, field)
            numbers = value if isinstance(value, tuple) else (value,)
            wanted.setdefault(what, set()).update(n for n in numbers if isinstance(n, int))
    return {
        (what, number): name
        for what, numbers in wanted.items()
        if numbers
        for number, name in _look_up(what, numbers)
    }


def _look_up(what: str, numbers: set[int]) -> list[tuple[int, str]]:
    match what:
        case "agent":
            named = names_of({Actor("agent", number) for number in numbers})
            return [(actor.id or 0, name) for actor, name in named.items()]
        case "masking_rule":
            return rules.names_of(numbers)
        case _:
            return _NAMED.get(what, _codes)(numbers)


# What else a sentence may name, and what it is called there.
_codes = Prepared(lambda numbers: Ticket.objects.filter(pk__in=numbers).values_list("pk", "code"))
_NAMED: dict[str, Prepared[tuple[int, str]]] = {
    "department": Prepared(
        lambda numbers: Department.objects.filter(pk__in=numbers).values_list("pk", "name")
    ),
    "address": Prepared(
        lambda numbers: Address.objects.filter(pk__in=numbers).values_list("pk", "value")
    ),
    "tag": Prepared(lambda numbers: Tag.objects.filter(pk__in=numbers).values_list("pk", "name")),
    "text": Prepared(
        lambda numbers: Text.objects.filter(pk__in=numbers).values_list("pk", "plain")
    ),
}

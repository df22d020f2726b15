"""The thread of a ticket: its entries in order, each with its sentence, and the messages in full.

Worded when read, in the reader's language.  The number of queries does not depend on its length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskbell.people.actors import Actor, names_of
from deskbell.people.models import Address, Department
from deskbell.tickets import events
from deskbell.tickets.models import Entry, Message, Text, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from deskbell.tickets.events import Event

# How many of an old, long ticket's entries one page shows before it asks for the earlier ones.
MOST_ENTRIES = 500

Names = dict[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a thread.

    by        author of the entry; `name` as shown
    sentence  what happened, in words
    message   the message that the entry is about, with recipients and attachments loaded; None for quiet lines
    document  what was written down at the closing: solution, root cause, lessons; empty texts left out
    """

    id: int
    step: int
    at: datetime
    occurred_at: datetime | None
    kind: str
    v: int
    data: dict[str, object]
    by: Actor
    name: str
    sentence: str
    message: Message | None
    document: dict[str, str]
    cause_step: int | None

    @property
    def is_quiet(self) -> bool:
        """Whether it is one line rather than a letter."""
        return self.message is None


def thread(ticket: Ticket, *, since: int = 0, limit: int = MOST_ENTRIES) -> tuple[Item, ...]:
    """Return the newest `limit` things of the thread after step `since`, oldest first.

    Whoever asks has got the ticket from queries.ticket_for, so they may see it; customers are never shown this.
    """
    newest = (
        Entry.objects.filter(ticket=ticket, step__gt=since)
        .select_related("cause")
        .order_by("-step")[:limit]
    )
    return items(reversed(newest))


def items(entries: Iterable[Entry]) -> tuple[Item, ...]:
    """Return `entries` as things of a thread."""
    read = [(entry, events.read(entry.kind, entry.v, entry.data)) for entry in entries]
    known = _Known(
        messages=_messages(entry.data["message_id"] for entry, _ in read if _is_told(entry)),
        texts=_texts(event for _, event in read),
        names=_names([event for _, event in read]),
        authors=names_of({_author(entry) for entry, _ in read}),
    )
    return tuple(_item(entry, event, known) for entry, event in read)


@dataclass(frozen=True, slots=True)
class _Known:
    """All that the entries of a thread point at, loaded at once."""

    messages: dict[int, Message]
    texts: dict[int, str]
    names: Names
    authors: dict[Actor, str]


def _item(entry: Entry, event: Event, known: _Known) -> Item:
    by = _author(entry)
    words = {
        placeholder: known.names.get((what, getattr(event, field) or 0), "")
        for placeholder, (field, what) in event.refs.items()
    }
    return Item(
        id=entry.pk,
        step=entry.step,
        at=entry.at,
        occurred_at=entry.occurred_at,
        kind=entry.kind,
        v=entry.v,
        data=entry.data,
        by=by,
        name=known.authors[by],
        sentence=str(event.sentence).format(by=known.authors[by], **words),
        message=known.messages.get(entry.data["message_id"]) if _is_told(entry) else None,
        document=_document(event, known.texts),
        cause_step=None if entry.cause is None else entry.cause.step,
    )


def _is_told(entry: Entry) -> bool:
    """Whether the entry is a message itself, not just about one."""
    return entry.kind in {"message.received", "message.replied", "note.added"}


def _author(entry: Entry) -> Actor:
    return Actor(entry.by_kind, entry.by_id)  # type: ignore[arg-type]


def _messages(ids: Iterable[int]) -> dict[int, Message]:
    found = (
        Message.objects.filter(pk__in=list(ids))
        .select_related("text", "address")
        .prefetch_related("recipients", "attachments")
    )
    return {message.pk: message for message in found}


DOCUMENTS = ("solution", "root_cause", "lessons")


def _texts(read: Iterable[Event]) -> dict[int, str]:
    ids: set[int] = {
        getattr(event, f"{name}_id", None) or 0 for event in read for name in DOCUMENTS
    } - {0}
    return dict(Text.objects.filter(pk__in=ids).values_list("pk", "plain")) if ids else {}


def _document(event: Event, texts: dict[int, str]) -> dict[str, str]:
    written = {name: texts.get(getattr(event, f"{name}_id", None) or 0, "") for name in DOCUMENTS}
    return {name: words for name, words in written.items() if words}


def _names(read: list[Event]) -> Names:
    """Return the names of all that the events point at; one query for each sort of thing there is."""
    wanted: dict[str, set[int]] = {}
    for event in read:
        for field, what in event.refs.values():
            wanted.setdefault(what, set()).add(getattr(event, field) or 0)
    return {
        (what, number): name
        for what, numbers in wanted.items()
        for number, name in _look_up(what, numbers)
    }


def _look_up(what: str, numbers: set[int]) -> list[tuple[int, str]]:
    match what:
        case "agent":
            named = names_of({Actor("agent", number) for number in numbers})
            return [(actor.id or 0, name) for actor, name in named.items()]
        case "department":
            return list(Department.objects.filter(pk__in=numbers).values_list("pk", "name"))
        case "address":
            return list(Address.objects.filter(pk__in=numbers).values_list("pk", "value"))
        case _:
            return list(Ticket.objects.filter(pk__in=numbers).values_list("pk", "code"))

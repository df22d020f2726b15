"""Rows of a slice of a large seeded desk, encoded for the database that takes them; runs in processes of its own."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from deskbell.search.index import Said as ToBeFound
from deskbell.search.index import documents_of, documents_of_text
from deskbell.search.models import Document, Words
from deskbell.seeding import lives, plan, words
from deskbell.tickets import bulk
from deskbell.tickets.codes import DIGITS, LETTERS, MIXED
from deskbell.tickets.messages import preview_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from deskbell.seeding.lives import Life, Said
    from deskbell.seeding.plan import Plan
    from deskbell.seeding.words import Phrases

SLICE = 1000  # tickets made together
# Numbers that the documents of one message may take; a ticket's own stand before its first.
DOCUMENTS_OF_ONE = 3
# Free numbers that a slice may use up for its messages, entries and other texts.
MESSAGES, ENTRIES, TEXTS = SLICE * plan.MOST_MESSAGES, SLICE * (plan.MOST_MESSAGES + 15), SLICE * 3

TEXT = ("id", "plain", "quoted", "html", "redacted_at")
MESSAGE = (
    "id",
    "ticket_id",
    "kind",
    "author_kind",
    "author_id",
    "address_id",
    "text_id",
    "subject",
    "preview",
    "message_id",
    "references",
    "sent_at",
    "received_at",
    "trust",
    "answers_question",
    "taken_back_at",
    "facts",
)
RECIPIENT = ("message_id", "role", "address", "name")
DOCUMENT = ("id", "ticket_id", "origin_id", "message_id", "kind", "part", "words")

# Table → its columns, in the order in which tables are filled: what is pointed at comes first.
TABLES: dict[str, tuple[str, ...]] = {
    "tickets_text": TEXT,
    "tickets_ticket": bulk.TICKET,
    "tickets_message": MESSAGE,
    "tickets_messagerecipient": RECIPIENT,
    "tickets_entry": bulk.ENTRY,
    "tickets_stretch": bulk.STRETCH,
    "tickets_participant": bulk.PARTICIPANT,
    "tickets_tagging": bulk.TAGGING,
    "search_document": DOCUMENT,
}

Row = tuple[Any, ...]
# By table: rows as SQLite takes them, or the text that COPY takes.
Slice = dict[str, list[Row] | bytes]


@dataclass(frozen=True)
class Order:
    """What a process has to make: slice `number` (from 0) of a plan, for a database of `vendor`."""

    plan: Plan
    number: int
    vendor: str


def make(order: Order) -> tuple[int, Slice]:
    """Return how many tickets the slice has, and its rows."""
    first = order.number * SLICE + 1
    last = min(first + SLICE - 1, order.plan.size)
    rows = _rows(order.plan, order.number, range(first, last + 1))
    encode = _for_postgres if order.vendor == "postgresql" else _for_sqlite
    return last - first + 1, {table: encode(rows[table], table) for table in TABLES}


def address_of(customer: int) -> str:
    """Return the mail address of a seeded customer."""
    return f"customer{customer}@mail{customer % 97}.example"


def code_of(number: int) -> str:
    """Return the code of seeded ticket `number`: each its own, and none that could be guessed from the one before."""
    rest = number * 99_999_989_999 % (len(LETTERS) ** 3 * len(MIXED) ** 5 * len(DIGITS) ** 3)
    parts = []
    for alphabet, length in ((DIGITS, 3), (MIXED, 5), (LETTERS, 3)):
        part = ""
        for _ in range(length):
            rest, place = divmod(rest, len(alphabet))
            part += alphabet[place]
        parts.append(part)
    return "-".join(reversed(parts))


@cache
def _phrases(seed: int) -> Phrases:
    return words.phrases(seed)


@cache
def _customers(many: int) -> Any:
    return plan.zipf(many, 0.6)


def _rows(desk: Plan, number: int, tickets: range) -> dict[str, list[Row]]:
    rng = random.Random(f"slice {desk.seed} {number}")  # noqa: S311  no secret hangs on it
    phrases = _phrases(desk.seed)
    told = bulk.Rows()
    found: dict[str, list[Row]] = {table: [] for table in TABLES}
    message, entry = number * MESSAGES + 1, number * ENTRIES + 1
    text = (desk.size // SLICE + 1) * MESSAGES + number * TEXTS + 1
    writers = rng.choices(
        range(1, desk.customers + 1), cum_weights=_customers(desk.customers), k=len(tickets)
    )
    for ticket, customer in zip(tickets, writers, strict=True):
        life = lives.live(
            desk, ticket, rng, customer=customer, next_message=message, next_text=text
        )
        bulk.add_life(
            told, life.entries, ticket_id=ticket, code=code_of(ticket), first_entry_id=entry
        )
        _add_words(found, ticket, life, phrases, rng)
        message, text = life.next_message, life.next_text
        entry += len(life.entries)
    found |= {
        "tickets_ticket": told.tickets,
        "tickets_entry": told.entries,
        "tickets_stretch": told.stretches,
        "tickets_participant": told.participants,
        "tickets_tagging": told.taggings,
    }
    return found


def _add_words(
    found: dict[str, list[Row]], ticket: int, life: Life, phrases: Phrases, rng: random.Random
) -> None:
    subject = phrases.subject(rng)
    others = []
    for number, text in enumerate(life.texts):
        words_of_it = phrases.text(rng) if number else subject
        others += [words_of_it] if number else []
        found["tickets_text"].append((text, words_of_it, "", "", None))
    _add_case(found, ticket, life, subject, "\n".join(others))
    for said in life.said:
        text_of_it = phrases.text(rng)
        # A message's text has the message's number.
        found["tickets_text"].append((said.number, text_of_it, "", "", None))
        found["tickets_message"].append(_message(ticket, life, said, subject, text_of_it))
        _add_document(found, ticket, life, said, text_of_it)
        if said.kind != "note":
            found["tickets_messagerecipient"].append(_recipient(life, said))


def _add_case(
    found: dict[str, list[Row]], ticket: int, life: Life, subject: str, others: str
) -> None:
    """Let the subject and other texts be found; they stand before the first message."""
    first = DOCUMENTS_OF_ONE * life.said[0].number
    for before, kind, text in (
        (1, Document.Kind.SUBJECT, subject),
        (2, Document.Kind.CASE, others),
    ):
        for _, part, words_of_it in documents_of_text(kind, text):
            row = (first - before, ticket, ticket, None, str(kind), part, words_of_it)
            found["search_document"].append(row)


def _add_document(
    found: dict[str, list[Row]], ticket: int, life: Life, said: Said, text: str
) -> None:
    is_theirs = said.kind == "customer"
    address = address_of(life.customer)
    told = ToBeFound(
        said.kind,
        text,
        names=["", address] if said.kind == "reply" else [],
        by=f"Customer {life.customer} {address}" if is_theirs else "",
    )
    for kind, part, words_of_it in documents_of(told):
        row = (DOCUMENTS_OF_ONE * said.number, ticket, ticket, said.number, kind, part, words_of_it)
        found["search_document"].append(row)


def _message(ticket: int, life: Life, said: Said, subject: str, text: str) -> Row:
    is_theirs = said.kind == "customer"
    return (
        said.number,
        ticket,
        said.kind,
        said.by.kind,
        said.by.id,
        life.customer if is_theirs else None,
        said.number,
        subject if is_theirs else "",
        preview_of(text),
        "" if said.kind == "note" else f"{said.number}.{ticket}@seed.example",
        "",
        said.at,
        said.at,
        "participant" if is_theirs else "",
        False,
        None,
        {},
    )


def _recipient(life: Life, said: Said) -> Row:
    to = "help@desk.example" if said.kind == "customer" else address_of(life.customer)
    return (said.number, "to", to, "")


def _for_sqlite(rows: Iterable[Row], table: str) -> list[Row]:
    special = [place for place, name in enumerate(TABLES[table]) if name in SPECIAL]
    encoded = []
    for row in rows:
        values = list(row)
        for place in special:
            value = values[place]
            if isinstance(value, datetime):
                values[place] = str(value.replace(tzinfo=None))
            elif isinstance(value, Words):
                values[place] = value.as_text()
            elif value is not None:
                values[place] = _json(value)
        encoded.append(tuple(values))
    return encoded


def _for_postgres(rows: Iterable[Row], _table: str) -> bytes:
    return "".join(
        ["\t".join([_POSTGRES[type(value)](value) for value in row]) + "\n" for row in rows]
    ).encode()


def _escaped(text: str) -> str:
    """Return text as COPY reads it (PostgreSQL manual, COPY, Text Format)."""
    return text.translate(_ESCAPES)


MOMENTS = {
    *("at", "occurred_at", "since", "till", "sent_at", "received_at", "taken_back_at"),
    *("created_at", "last_activity_at", "postponed_until", "resolved_at", "closed_at", "closes_at"),
    *("due_at", "warns_at"),
    *("hidden_at", "deleted_at", "purged_at", "redacted_at"),
}
JSON = {"data", "before", "extra", "facts"}
SPECIAL = MOMENTS | JSON | {"words"}
_json = json.JSONEncoder().encode
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_POSTGRES: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "\\N",
    bool: lambda value: "t" if value else "f",
    int: str,
    datetime: datetime.isoformat,
    dict: lambda value: _escaped(_json(value)),
    Words: Words.as_vector,
    str: _escaped,
}

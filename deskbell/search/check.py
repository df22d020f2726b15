"""Proof that what can be found is what was said, and nothing else; `bin/deskbell check` and the tests call it."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import connection

from deskbell.search.index import made_of_case, made_of_messages
from deskbell.search.models import Backlog, Document, Words
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.queries import survivor_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from deskbell.search.index import Made

BATCH = 500
_LEXEME = re.compile(r"'([^']+)'(?::([\d,]+))?")
# PostgreSQL keeps so many places of a word (manual, Text Search Limitations).
_MOST_PLACES = 255

# What a document is: its own ticket, message or None, kind, part.
_Key = tuple[int, int | None, str, int]


def check_documents(batch: int = BATCH) -> Iterator[str]:
    """Yield what is wrong, in a sentence for a log; nothing is good.

    It only reads.  What is still to be written (backlog.py) is left out.
    """
    backlog = Backlog.objects.first()
    last = backlog.of if backlog else 0
    while numbers := list(
        Ticket.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:batch]
    ):
        yield from _check(numbers)
        last = numbers[-1]


def _check(numbers: Sequence[int]) -> Iterator[str]:
    wanted, found = _wanted(numbers), _found(numbers)
    codes = dict(Ticket.objects.filter(pk__in=numbers).values_list("pk", "code"))
    for key in wanted.keys() | found.keys():
        what = f"{codes[key[0]]}: the words of {key[2]} {key[1] or ''} part {key[3]}"
        if key not in found:
            yield f"{what} cannot be found"
        elif key not in wanted:
            yield f"{what} are found, and were never said or are gone"
        elif not _is_same(found[key][1], wanted[key]):
            yield f"{what} are found as they no longer stand"
        elif found[key][0] != survivor_id(key[0]):
            yield f"{what} are found at ticket {found[key][0]}, where they are not"


def _wanted(numbers: Sequence[int]) -> dict[_Key, Words]:
    said = Message.objects.filter(ticket__in=numbers).values_list("pk", flat=True)
    made: list[tuple[int, int | None, Made]] = [
        (ticket_id, number, documents)
        for number, (ticket_id, documents) in made_of_messages(list(said)).items()
    ]
    made += [(number, None, made_of_case(number)) for number in numbers]
    return {
        (ticket_id, message, kind, part): words
        for ticket_id, message, documents in made
        for kind, part, words in documents
    }


def _found(numbers: Sequence[int]) -> dict[_Key, tuple[int, str]]:
    documents = Document.objects.filter(origin__in=numbers)
    return {
        (origin, message, kind, part): (ticket_id, words)
        for origin, message, kind, part, ticket_id, words in documents.values_list(
            "origin_id", "message_id", "kind", "part", "ticket_id", "words"
        )
    }


def _is_same(stored: str, words: Words) -> bool:
    if connection.vendor != "postgresql":
        return stored == words.as_text()
    return _places(stored) == _places(words.as_vector())


def _places(vector: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for lexeme, places in _LEXEME.findall(vector):
        found[lexeme] = [int(place) for place in places.split(",") if place][:_MOST_PLACES]
    return found

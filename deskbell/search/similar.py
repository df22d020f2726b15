"""Solved tickets that are about the same: by the rare words that both say; and how they were solved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from math import log
from typing import TYPE_CHECKING

from deskbell import access
from deskbell.search import hits
from deskbell.search.looked_for import LookedFor
from deskbell.search.models import Document
from deskbell.search.words import COMMON_ANYWHERE, words_of
from deskbell.tickets import events, queries
from deskbell.tickets.models import Entry, Message, Text, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from deskbell.people.actors import Actor
    from deskbell.tickets.queries import Row

# Words are looked up one by one: those of the subject first, then those with which the customer began.
MOST_ASKED, SHORTEST = 16, 4
# A word in more of the newest documents says nothing about any of them.
COMMON_FROM = 500
# As much has to be shared: two words that are not quite rare, or a single one that few ever wrote.
ENOUGH = 9.0
SOLVED = ("resolved", "closed")
# What the customer wrote at first is read so far.
READ = 2000


@dataclass(frozen=True, slots=True)
class Similar:
    """A solved ticket.

    because   the words that both say, the rarest first
    solution  what was written down when it was closed; "" for nothing
    """

    row: Row
    because: tuple[str, ...]
    solution: str


def similar(actor: Actor, ticket: Ticket, most: int = 5) -> list[Similar]:
    """Return at most `most` solved tickets that `actor` may see and that are like this one, the most alike first."""
    shared = _shared(ticket)
    weights = {number: sum(words.values()) for number, words in shared.items()}
    alike = [number for number, weight in weights.items() if weight >= ENOUGH]
    solved = Ticket.objects.filter(pk__in=alike, status__in=SOLVED, merged_into=None)
    seen = access.visible(actor, solved.exclude(pk=ticket.pk)).values_list("pk", flat=True)
    chosen = sorted(seen, key=lambda number: (-weights[number], -number))[:most]
    rows, solutions = queries.rows_by_number(chosen), _solutions(chosen)
    return [
        Similar(
            row=rows[number],
            because=tuple(sorted(shared[number], key=lambda word: -shared[number][word])),
            solution=solutions.get(number, ""),
        )
        for number in chosen
        if number in rows
    ]


def _shared(ticket: Ticket) -> Mapping[int, Mapping[str, float]]:
    """Return what other tickets share with this one: the words, each with a weight that is larger for rarer ones.

    One of the words has to stand in one of the subjects: greetings alone make nothing alike.
    """
    shared: dict[int, dict[str, float]] = defaultdict(dict)
    subject, about = set(words_of(ticket.subject.plain)), set[int]()
    for word in islice(_told_by(ticket), MOST_ASKED):
        found = hits.newest([LookedFor(word)], COMMON_FROM + 1)
        if len(found) > COMMON_FROM:
            continue
        weight = log(1 + COMMON_FROM / max(1, len(found)))
        for hit in found:
            shared[hit.ticket_id][word] = weight
            if word in subject or hit.kind == Document.Kind.SUBJECT:
                about.add(hit.ticket_id)
    return {number: words for number, words in shared.items() if number in about}


def _told_by(ticket: Ticket) -> Iterator[str]:
    """Yield the words, folded and each once, that may tell what a ticket is about."""
    told: set[str] = set()
    first = Message.objects.filter(ticket=ticket, kind="customer").order_by("id")
    for text in (ticket.subject.plain, first.values_list("text__plain", flat=True).first() or ""):
        for word in words_of(text[:READ]):
            if word not in told and len(word) >= SHORTEST and word not in COMMON_ANYWHERE:
                told.add(word)
                yield word


def _solutions(numbers: Sequence[int]) -> dict[int, str]:
    """Return what was written down at the last closing of these tickets; two queries."""
    closings = Entry.objects.filter(ticket__in=numbers, kind="ticket.closed").order_by("step")
    texts: dict[int, int] = {}
    for entry in closings:
        event = events.read(entry.kind, entry.v, entry.data)
        if number := getattr(event, "solution_id", None):
            texts[entry.ticket_id] = number
    plain = dict(Text.objects.filter(pk__in=texts.values()).values_list("pk", "plain"))
    return {ticket: plain[number] for ticket, number in texts.items() if plain.get(number)}

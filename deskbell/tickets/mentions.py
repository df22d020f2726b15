"""Who was called to a ticket by a note, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskbell.database.prepared import Prepared
from deskbell.people.actors import Actor, names_of
from deskbell.tickets.models import Entry
from deskbell.tickets.thread import undone_among

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

# More than anybody reads; the newest count.
MOST_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class Called:
    """A colleague who was called, by whom, and which entry says so."""

    name: str
    by: str
    entry: int
    at: datetime


def called_on(tickets: Collection[int]) -> list[Called]:
    """Return who was called on these tickets, each once by the newest call that stands, the newest first."""
    found = list(_told(tickets))
    undone = undone_among(found)
    newest: dict[int, Entry] = {}
    for one in found:
        if one.kind == "agent.mentioned" and (one.ticket_id, one.step) not in undone:
            newest.setdefault(one.data["agent_id"], one)
    if not newest:
        return []
    actors = {number: Actor("agent", number) for number in newest}
    authors = {number: Actor(one.by_kind, one.by_id) for number, one in newest.items()}  # type: ignore[arg-type]
    names = names_of({*actors.values(), *authors.values()})
    return [
        Called(names[actors[number]], names[authors[number]], one.pk, one.at)
        for number, one in newest.items()
    ]


_told = Prepared(
    lambda tickets: Entry.objects.filter(
        ticket__in=tickets, kind__in=("agent.mentioned", "act.undone")
    ).order_by("-id")[:MOST_ENTRIES]
)

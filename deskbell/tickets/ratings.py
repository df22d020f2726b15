"""How answers and tickets were rated, read from the states that hold it; for the API and customers' pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskbell.tickets.models import Text, Ticket
from deskbell.tickets.state import Rating, from_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from deskbell.tickets.models import Message


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating with its words, "" without any; step is that of the entry by which the customer said so."""

    score: str
    words: str
    step: int


def of_tickets(tickets: Iterable[Ticket]) -> dict[int, Rated]:
    """Return how the resolutions of these tickets were rated, by the number of the ticket; one query at the most."""
    found = {
        ticket.pk: one for ticket in tickets for one in _held(ticket.extra) if not one.message_id
    }
    return _with_words(found)


def of_messages(messages: Iterable[Message]) -> dict[int, Rated]:
    """Return how these answers were rated, by the number of the message.

    An answer on a ticket that was merged since is rated on the survivor, which has the last word.
    """
    wanted = {message.pk: message.ticket_id for message in messages if message.kind == "reply"}
    found: dict[int, Rating] = {}
    level, seen = set(wanted.values()), set[int]()
    while level:
        rows = list(Ticket.objects.filter(pk__in=level).values_list("extra", "merged_into_id"))
        for extra, _into in rows:
            found |= {one.message_id: one for one in _held(extra) if one.message_id in wanted}
        seen |= level
        level = {into for _extra, into in rows if into is not None} - seen
    return _with_words(found)


def _held(extra: dict[str, Any]) -> tuple[Rating, ...]:
    ratings: tuple[Rating, ...] = from_json("ratings", extra.get("ratings", ()))
    return ratings


def _with_words(found: dict[int, Rating]) -> dict[int, Rated]:
    numbers = {one.text_id for one in found.values() if one.text_id}
    texts = dict(Text.objects.filter(pk__in=numbers).values_list("pk", "plain")) if numbers else {}
    return {
        number: Rated(one.score, texts.get(one.text_id or 0, ""), one.step)
        for number, one in found.items()
    }

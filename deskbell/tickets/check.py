"""Proof that tickets are what their timelines say: the invariants of the lifecycle, checked on a live desk.

`bin/deskbell check` and the tests call it; it only reads.  Many tickets are looked at together; one in which something
seems wrong is looked at once more under its lock, for people work on the desk meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from deskbell.tickets import blanking, replay, timeline
from deskbell.tickets.models import (
    Attachment,
    Entry,
    Link,
    Message,
    MessageRecipient,
    Participant,
    Stretch,
    Tagging,
    Text,
    Ticket,
)
from deskbell.tickets.state import FIELDS, STRETCHED, TicketState, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

# So many tickets are read together: a few megabytes of entries.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that may not be: which ticket, and what is wrong with it, for a log."""

    code: str
    what: str


# Since when, till when (None while it lasts), and what stays the same in it.
_Stretched = tuple["datetime", "datetime | None", dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Seen:
    """All that is read of one ticket.

    parties, links, tags  companion rows as plain values
    stretches             in the order in which they were written
    sources               tickets that point at this one
    words                 what a purge should have blanked and has not
    """

    ticket: Ticket
    entries: list[Entry]
    parties: set[tuple[Any, ...]]
    links: set[tuple[Any, ...]]
    tags: set[int]
    stretches: list[_Stretched]
    sources: set[int]
    words: int


def check_tickets(batch: int = BATCH) -> Iterator[tuple[int, list[Problem]]]:
    """Check every ticket; yield, batch by batch, how many were looked at and what was found among them."""
    last = 0
    while numbers := list(
        Ticket.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:batch]
    ):
        suspects = [seen.ticket.pk for seen in _look(numbers) if _what_is_wrong(seen)]
        yield len(numbers), [problem for number in suspects for problem in check_ticket(number)]
        last = numbers[-1]


def check_ticket(ticket_id: int) -> list[Problem]:
    """Return what is wrong with one ticket, which nobody changes meanwhile; an empty list is good."""
    with transaction.atomic():
        timeline.lock(ticket_id)
        [seen] = _look([ticket_id])
        return [Problem(seen.ticket.code, what) for what in _what_is_wrong(seen)]


def _look(numbers: Sequence[int]) -> list[_Seen]:
    """Read these tickets and all that belongs to them; the number of queries is always the same."""
    of_these = {"ticket__in": numbers}
    tickets = Ticket.objects.filter(pk__in=numbers).order_by("pk")
    entries = _by_ticket(Entry.objects.filter(**of_these).order_by("ticket", "step"))
    parties = _values(
        Participant.objects.filter(**of_these), "address_id", "role", "since_step", "accepted"
    )
    links = _values(Link.objects.filter(**of_these), "kind", "other_id")
    tags = _values(Tagging.objects.filter(**of_these), "tag_id")
    stretches = _values(
        Stretch.objects.filter(**of_these).order_by("id"), "since", "till", *STRETCHED
    )
    sources = _values(Ticket.objects.filter(merged_into__in=numbers), "pk", by="merged_into_id")
    words = _words_left(numbers)
    return [
        _Seen(
            ticket=ticket,
            entries=entries[ticket.pk],
            parties=set(parties[ticket.pk]),
            links=set(links[ticket.pk]),
            tags={tag for (tag,) in tags[ticket.pk]},
            stretches=[
                (since, till, dict(zip(STRETCHED, same, strict=True)))
                for since, till, *same in stretches[ticket.pk]
            ],
            sources={source for (source,) in sources[ticket.pk]},
            words=words[ticket.pk],
        )
        for ticket in tickets
    ]


def _by_ticket(entries: Iterable[Entry]) -> dict[int, list[Entry]]:
    found: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.ticket_id].append(entry)
    return found


def _values(rows: Any, *columns: str, by: str = "ticket_id") -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for ticket_id, *values in rows.values_list(by, *columns):
        found[ticket_id].append(tuple(values))
    return found


def _words_left(numbers: Sequence[int]) -> dict[int, int]:
    """Return for the purged ones among these tickets how many rows still say something."""
    found: dict[int, int] = defaultdict(int)
    purged = list(
        Ticket.objects.filter(pk__in=numbers).exclude(purged_at=None).values_list("pk", flat=True)
    )
    if not purged:
        return found
    said = ~Q(subject="", preview="", message_id="", references="", text__plain="", text__html="")
    messages = Message.objects.filter(said, ticket__in=purged)
    files = Attachment.objects.filter(message__ticket__in=purged)
    recipients = MessageRecipient.objects.filter(message__ticket__in=purged)
    for number in (
        *messages.values_list("ticket_id", flat=True),
        *files.values_list("message__ticket_id", flat=True),
        *recipients.values_list("message__ticket_id", flat=True),
    ):
        found[number] += 1
    for number, texts in _named(purged).items():
        found[number] += Text.objects.filter(pk__in=texts).exclude(plain="", html="").count()
    return found


def _named(numbers: Sequence[int]) -> dict[int, set[int]]:
    """Return for each of these tickets the texts that its timeline names, its messages' apart."""
    entries = _by_ticket(Entry.objects.filter(ticket__in=numbers))
    return {number: blanking.named_in(of_one) for number, of_one in entries.items()}


def _what_is_wrong(seen: _Seen) -> list[str]:
    found = [*_numbering(seen.ticket, seen.entries), *_causes(seen.entries)]
    if found:
        return found
    replayed, stretches = _live(seen.entries)
    return [
        *_row(seen.ticket, replayed),
        *_companions(seen, replayed),
        *_stretches(seen, stretches),
        *_invariants(replayed),
        *_merging(seen.ticket),
    ]


def _numbering(ticket: Ticket, entries: list[Entry]) -> Iterator[str]:
    """Invariant 2."""
    if [entry.step for entry in entries] != list(range(1, ticket.last_step + 1)):
        yield f"entries are not numbered 1 to {ticket.last_step}"
    if any(a.at > b.at for a, b in pairwise(entries)):
        yield "times run backwards"


def _causes(entries: list[Entry]) -> Iterator[str]:
    """Invariant 5."""
    for entry in entries:
        if entry.by_kind in {"rule", "clock"} and entry.cause_id is None:
            yield f"step {entry.step} ({entry.kind}) happened by itself without a cause"


def _row(ticket: Ticket, replayed: TicketState) -> Iterator[str]:
    """Invariant 1."""
    row = state_of(ticket)
    if row == replayed and ticket.extra == replayed.extra():
        return
    for name in FIELDS:
        if getattr(row, name) != getattr(replayed, name):
            yield f"{name} is {getattr(row, name)!r}, its timeline says {getattr(replayed, name)!r}"
    if ticket.extra != replayed.extra():
        yield f"extra is {ticket.extra!r}, its timeline says {replayed.extra()!r}"


def _companions(seen: _Seen, replayed: TicketState) -> Iterator[str]:
    parties = {(p.address_id, p.role, p.since_step, p.accepted) for p in replayed.participants}
    if seen.parties != parties:
        yield "participants differ from the timeline"
    if seen.links != {(tie.kind, tie.other_id) for tie in replayed.links}:
        yield "links differ from the timeline"
    if seen.tags != set(replayed.tags):
        yield "tags differ from the timeline"
    if seen.sources != set(replayed.sources):
        yield "what was merged into it differs from the timeline"
    if seen.words:
        yield f"{seen.words} rows still hold words, though it was purged"


def _live(entries: list[Entry]) -> tuple[TicketState, list[_Stretched]]:
    """Go through the timeline; return the state at its end, and every stretch on the way."""
    state, now, found = TicketState(), None, list[_Stretched]()
    for entry in entries:
        state = replay.apply(state, entry)
        before, now = now, state.stretch()
        if before == now:
            continue
        if before is not None:
            since, _, same = found[-1]
            found[-1] = (since, entry.at, same)
        if now is not None:
            found.append((entry.at, None, now))
    return state, found


def _stretches(seen: _Seen, lived: list[_Stretched]) -> Iterator[str]:
    """Invariant 1, for the past: what the queues of any moment are read from."""
    for number, (stretch, live) in enumerate(zip_longest(seen.stretches, lived), start=1):
        if stretch != live:
            yield f"stretch {number} is {stretch}, its timeline says {live}"
            return


def _invariants(state: TicketState) -> Iterator[str]:
    """Invariants 3 and 4."""
    # A hidden ticket stands, underneath, where it stood before.
    below = state.aside[0].status if state.aside else state.status
    for name, belongs in (
        ("postponed_until", state.status == "postponed"),
        ("resolved_at", below in {"resolved", "closed"}),
        ("closed_at", state.status == "closed"),
        ("hidden_at", state.status in {"spam", "deleted"}),
        ("deleted_at", state.status == "deleted"),
    ):
        if (getattr(state, name) is not None) != belongs:
            yield f"{name} is {getattr(state, name)} in {state.status}"
    yield from _clocks(state)
    if state.closes_at is not None and state.status != "resolved":
        yield f"closes_at is {state.closes_at} in {state.status}"
    if state.was_new and "postponed" not in {state.status, *(one.status for one in state.aside)}:
        yield f"was_new in {state.status}"
    is_hidden = state.status in {"spam", "deleted"} or state.merged_into_id is not None
    if state.purged_at is not None and not is_hidden:
        yield f"purged in {state.status}"


def _clocks(state: TicketState) -> Iterator[str]:
    """Invariant 4, as far as it holds whatever a department promises: a clock runs only while somebody waits."""
    running = [one for one in state.clocks if not one.rests]
    if running and (state.status not in {"new", "open"} or state.merged_into_id is not None):
        yield f"a clock runs in {state.status}"
    if state.clocks and state.status in {"answered", "resolved", "closed"}:
        yield f"a clock is left in {state.status}"
    if state.due_at != min((one.due_at for one in running if one.due_at), default=None):
        yield f"due_at is {state.due_at}, its clocks say otherwise"


def _merging(ticket: Ticket) -> Iterator[str]:
    """Follow the pointer of a merged ticket to the end; there must be one."""
    seen, at = {ticket.pk}, ticket.merged_into_id
    while at is not None and at not in seen:
        seen.add(at)
        at = Ticket.objects.values_list("merged_into_id", flat=True).get(pk=at)
    if at is not None:
        yield "it was merged in a ring"

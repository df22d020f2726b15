"""Proof that tickets are what their timelines say: the invariants of the lifecycle, checked on a live desk.

`bin/deskbell check` and the tests call it; it only reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from deskbell.tickets.models import Entry, Link, Participant, Stretch, Tagging, Ticket
from deskbell.tickets.replay import fold
from deskbell.tickets.state import FIELDS, STRETCHED, TicketState, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that may not be: which ticket, and what is wrong with it, for a log."""

    code: str
    what: str


def check_tickets(batch: int = 200) -> Iterator[tuple[int, list[Problem]]]:
    """Check every ticket; yield, batch by batch, how many were looked at and what was found among them."""
    last = 0
    while numbers := list(
        Ticket.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:batch]
    ):
        yield len(numbers), [problem for number in numbers for problem in check_ticket(number)]
        last = numbers[-1]


def check_ticket(ticket_id: int) -> list[Problem]:
    """Return what is wrong with one ticket; an empty list is good."""
    entries = list(Entry.objects.filter(ticket=ticket_id).order_by("step"))
    # Read after the entries: an action in between shows as more steps on the row than were read.
    ticket = Ticket.objects.get(pk=ticket_id)
    if ticket.last_step > len(entries):
        entries = list(
            Entry.objects.filter(ticket=ticket_id, step__lte=ticket.last_step).order_by("step")
        )
    found = [*_numbering(ticket, entries), *_causes(entries)]
    if not found:
        replayed = fold(entries)
        found = [*_row(ticket, replayed), *_companions(ticket, replayed), *_invariants(replayed)]
    return [Problem(ticket.code, what) for what in found]


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
    for name in FIELDS:
        if getattr(row, name) != getattr(replayed, name):
            yield f"{name} is {getattr(row, name)!r}, its timeline says {getattr(replayed, name)!r}"
    if ticket.extra != replayed.extra():
        yield f"extra is {ticket.extra!r}, its timeline says {replayed.extra()!r}"


def _companions(ticket: Ticket, replayed: TicketState) -> Iterator[str]:
    parties = set(
        Participant.objects.filter(ticket=ticket).values_list(
            "address_id", "role", "since_step", "accepted"
        )
    )
    if parties != {(p.address_id, p.role, p.since_step, p.accepted) for p in replayed.participants}:
        yield "participants differ from the timeline"
    links = set(Link.objects.filter(ticket=ticket).values_list("kind", "other_id"))
    if links != {(tie.kind, tie.other_id) for tie in replayed.links}:
        yield "links differ from the timeline"
    tags = set(Tagging.objects.filter(ticket=ticket).values_list("tag_id", flat=True))
    if tags != set(replayed.tags):
        yield "tags differ from the timeline"
    sources = set(Ticket.objects.filter(merged_into=ticket).values_list("pk", flat=True))
    if sources != set(replayed.sources):
        yield "what was merged into it differs from the timeline"
    lasting = list(Stretch.objects.filter(ticket=ticket, till=None).values(*STRETCHED))
    if lasting != [stretch for stretch in (replayed.stretch(),) if stretch]:
        yield "the lasting stretch differs from the timeline"


def _invariants(state: TicketState) -> Iterator[str]:
    """Invariant 3."""
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
    if state.closes_at is not None and state.status != "resolved":
        yield f"closes_at is {state.closes_at} in {state.status}"
    if state.was_new and "postponed" not in {state.status, *(one.status for one in state.aside)}:
        yield f"was_new in {state.status}"
    is_hidden = state.status in {"spam", "deleted"} or state.merged_into_id is not None
    if state.purged_at is not None and not is_hidden:
        yield f"purged in {state.status}"

"""Reads the timeline back into a state: the ticket as it stood after any step or at any moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskbell.people.actors import Actor
from deskbell.tickets import events
from deskbell.tickets.events import Happened
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


def replay(ticket: Ticket, until: datetime | None = None) -> TicketState:
    """Return the state that the entries give, up to and including the moment `until` (all of them when None)."""
    entries = Entry.objects.filter(ticket=ticket).order_by("step")
    return fold(entries if until is None else entries.filter(at__lte=until))


def fold(entries: Iterable[Entry]) -> TicketState:
    """Return the state after `entries`, which start at step 1.  Pure."""
    state = TicketState()
    for entry in entries:
        state = apply(state, entry)
    return state


def apply(state: TicketState, entry: Entry) -> TicketState:
    """Return the state after one more entry.  Raises KeyError for a kind that this version does not know."""
    happened = Happened(entry.step, entry.at, Actor(entry.by_kind, entry.by_id))  # type: ignore[arg-type]
    after = events.read(entry.kind, entry.v, entry.data).apply(state, happened)
    return after.but(step=entry.step, at=entry.at)

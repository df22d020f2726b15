"""The freight entrance beside the door: whole lives of tickets, written in bulk, true to replay.

Seeds and imports bring a ticket's entries all at once.  They are folded as timeline.record() would, one after the
other, so that row, old values, stretches and companions are what the door would have written; nothing is settled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deskbell.tickets.events import Happened
from deskbell.tickets.state import COLUMNS, TicketState
from deskbell.tickets.timeline import old_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from deskbell.people.actors import Actor
    from deskbell.tickets.events import Event

# The columns of each table in the order in which rows stand in `Rows`.
TICKET = ("id", "code", *COLUMNS, "extra", "last_step", "settled_step")
ENTRY = (
    "id",
    "ticket_id",
    "step",
    "at",
    "occurred_at",
    "by_kind",
    "by_id",
    "kind",
    "v",
    "data",
    "before",
    "cause_id",
    "depth",
)
STRETCH = ("ticket_id", "status", "department_id", "assignee_id", "priority", "since", "till")
PARTICIPANT = ("ticket_id", "address_id", "role", "since_step", "accepted")
LINK = ("ticket_id", "other_id", "kind")
TAGGING = ("ticket_id", "tag_id")

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Dated:
    """One entry of a life to be: what happened, when, by whom, and the step that caused it, if one did."""

    event: Event
    at: datetime
    by: Actor
    cause: int | None = None


@dataclass(slots=True)
class Rows:
    """What is to be written, by table; columns in the orders above, values as Python has them."""

    tickets: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    stretches: list[Row] = field(default_factory=list)
    participants: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    taggings: list[Row] = field(default_factory=list)


def add_life(
    rows: Rows, life: Sequence[Dated], *, ticket_id: int, code: str, first_entry_id: int
) -> TicketState:
    """Fold a life, whose first event opens the ticket, and add its rows to `rows`; return the state at its end.

    ticket_id, first_entry_id  free numbers; the entries take as many as there are, one after the other
    Raises RuntimeError for an event that writes what it did not declare, ValueError for times that run backwards.
    """
    state, depths, stretch = TicketState(), [0], None
    for step, one in enumerate(life, 1):
        if state.at is not None and one.at < state.at:
            raise ValueError(f"step {step} of {code} lies before the one before it")
        after = one.event.apply(state, Happened(step, one.at, one.by)).but(step=step, at=one.at)
        cause = None if one.cause is None else first_entry_id + one.cause - 1
        depths.append(0 if one.cause is None else depths[one.cause] + 1)
        rows.entries.append(
            (
                first_entry_id + step - 1,
                ticket_id,
                step,
                one.at,
                None,
                one.by.kind,
                one.by.id,
                one.event.kind,
                one.event.v,
                one.event.to_data(),
                old_values(one.event, state, after) if step > 1 else {},
                cause,
                depths[step],
            )
        )
        now = after.stretch()
        if now != stretch:
            _turn(rows, ticket_id, now, one.at, is_first=stretch is None)
            stretch = now
        state = after
    _add_row(rows, state, ticket_id, code)
    return state


def _turn(
    rows: Rows, ticket_id: int, now: dict[str, Any] | None, at: datetime, *, is_first: bool
) -> None:
    """End the stretch that lasts and begin the next."""
    if not is_first:
        rows.stretches[-1] = (*rows.stretches[-1][:-1], at)
    if now is not None:
        rows.stretches.append((ticket_id, *now.values(), at, None))


def _add_row(rows: Rows, state: TicketState, ticket_id: int, code: str) -> None:
    columns = tuple(getattr(state, name) for name in COLUMNS)
    rows.tickets.append((ticket_id, code, *columns, state.extra(), state.step, state.step))
    rows.participants += [
        (ticket_id, party.address_id, party.role, party.since_step, party.accepted)
        for party in state.participants
    ]
    rows.links += [(ticket_id, tie.other_id, tie.kind) for tie in state.links]
    rows.taggings += [(ticket_id, tag) for tag in state.tags]

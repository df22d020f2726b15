"""TicketState: all that is true of a ticket after a number of entries, as one frozen value.

Events apply to it, and replay folds them over it.  It is pure: it reads no settings and no database,
so the same entries give the same state for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Ticket

# The columns of the ticket's row that the timeline writes, by their names in the database.
COLUMNS = (
    "subject_id",
    "status",
    "priority",
    "channel",
    "department_id",
    "assignee_id",
    "customer_id",
    "created_at",
    "last_activity_at",
    "last_message_id",
    "resolved_at",
    "resolved_by_kind",
    "resolved_by_id",
    "closed_at",
    "closes_at",
    "wrote_after_close",
    "merged_into_id",
)
# What resolved() changes, and what unresolved() takes back.
RESOLVES = ("status", "resolved_at", "resolved_by_kind", "resolved_by_id", "closes_at")
UNRESOLVES = (*RESOLVES, "closed_at", "wrote_after_close")

STRETCHED = ("status", "department_id", "assignee_id", "priority")


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who takes part.

    address_id  people.Address
    role        customer, cc or other
    since_step  the entry that brought them in
    accepted    False: is sent nothing until an agent accepts them
    """

    address_id: int
    role: str
    since_step: int
    accepted: bool


@dataclass(frozen=True, slots=True)
class Tie:
    """A link from this ticket to another."""

    kind: str
    other_id: int


@dataclass(frozen=True, slots=True)
class TicketState:
    """The ticket as its entries tell it.  `step` 0 is a ticket of which nothing is known yet."""

    step: int = 0
    at: datetime | None = None  # of the last entry
    subject_id: int = 0
    status: str = ""
    priority: int = 2
    channel: str = ""
    department_id: int = 0
    assignee_id: int | None = None
    customer_id: int | None = None
    created_at: datetime | None = None
    last_activity_at: datetime | None = None
    last_message_id: int | None = None
    resolved_at: datetime | None = None
    resolved_by_kind: str = ""
    resolved_by_id: int | None = None
    closed_at: datetime | None = None
    closes_at: datetime | None = None
    wrote_after_close: bool = False
    merged_into_id: int | None = None
    # Kept in the row's `extra`:
    participants: tuple[Party, ...] = ()
    links: tuple[Tie, ...] = ()
    resolved_step: int | None = None  # the entry of the resolution that now stands
    asked_step: int | None = None  # the entry by which the customer was asked about it
    confirmed_at: datetime | None = None  # when the customer said "solved"
    failed_messages: tuple[int, ...] = ()  # messages whose failure opened the ticket

    def but(self, **changes: Any) -> Self:
        """Return this state with some fields changed."""
        return replace(self, **changes)

    def spoken_on(self, message_id: int, at: datetime) -> Self:
        """Return the state after a message: it is the last one, and the ticket has stirred."""
        return self.but(last_message_id=message_id, last_activity_at=at)

    def resolved(self, by: Actor, at: datetime, step: int, closes_at: datetime | None) -> Self:
        """Return the state with the work done and the customer's word awaited."""
        return self.but(
            status="resolved",
            resolved_at=at,
            resolved_by_kind=by.kind,
            resolved_by_id=by.id,
            resolved_step=step,
            asked_step=None,
            closes_at=closes_at,
        )

    def unresolved(self, status: str) -> Self:
        """Return the state in `status`, with nothing left of a resolution or closing."""
        return self.but(
            status=status,
            resolved_at=None,
            resolved_by_kind="",
            resolved_by_id=None,
            resolved_step=None,
            asked_step=None,
            confirmed_at=None,
            closed_at=None,
            closes_at=None,
            wrote_after_close=False,
        )

    def party(self, address_id: int) -> Party | None:
        """Return how this address takes part, or None."""
        return next((p for p in self.participants if p.address_id == address_id), None)

    @property
    def customer_party(self) -> Party | None:
        """How the customer takes part: by the address they wrote from first; None on an internal ticket."""
        return next((party for party in self.participants if party.role == "customer"), None)

    def columns(self) -> dict[str, Any]:
        """Return the row's columns as they must stand."""
        return {name: getattr(self, name) for name in COLUMNS}

    def extra(self) -> dict[str, Any]:
        """Return what the row keeps in `extra`, as JSON; empty values are left out."""
        found = {name: _to_json(getattr(self, name)) for name in EXTRA}
        return {name: value for name, value in found.items() if value not in (None, [])}


EXTRA = tuple(
    field.name
    for field in fields(TicketState)
    if field.name not in COLUMNS and field.name != "step"
)


def state_of(ticket: Ticket) -> TicketState:
    """Return the state that the row stands for; invariant 1 says it equals the replay."""
    known = {name: getattr(ticket, name) for name in COLUMNS}
    extra = {name: _from_json(name, value) for name, value in ticket.extra.items()}
    return TicketState(step=ticket.last_step, **known, **extra)


def _to_json(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return [_to_json(item) for item in value]
        case Party():
            return [value.address_id, value.role, value.since_step, value.accepted]
        case Tie():
            return [value.kind, value.other_id]
        case _:
            return value


def _from_json(name: str, value: Any) -> Any:
    match name:
        case "at" | "confirmed_at":
            return datetime.fromisoformat(value)
        case "participants":
            return tuple(Party(*item) for item in value)
        case "links":
            return tuple(Tie(*item) for item in value)
        case "failed_messages":
            return tuple(value)
        case _:
            return value

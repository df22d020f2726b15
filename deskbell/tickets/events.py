"""What an event is, and the register of all kinds and versions that a timeline may hold.

An event is a small frozen dataclass declared beside the action that leaves it:

    @event("ticket.resolved", v=1, writes=("status", "resolved_at"))
    class TicketResolved(Event): ...

Shapes live for ever: entries are never migrated, so a released (kind, v) never leaves the register.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, dataclass_transform

from django.utils.translation import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.functional import _StrPromise

    from deskbell.people.actors import Actor
    from deskbell.tickets.state import TicketState

E = TypeVar("E", bound="Event")

REGISTER: dict[tuple[str, int], type[Event]] = {}

# A ticket's last activity moves with messages; every event may move it.
ALWAYS_WRITES = frozenset({"last_activity_at"})


@dataclass(frozen=True, slots=True)
class Happened:
    """What an event may know of the entry that carries it.

    step  its number on the ticket
    at    when it was recorded, aware UTC
    by    its author
    """

    step: int
    at: datetime
    by: Actor


@dataclass(frozen=True)
class Event:
    """Something that happened to a ticket.  Fields are numbers, codes and instants, never words."""

    kind: ClassVar[str]
    v: ClassVar[int]
    writes: ClassVar[frozenset[str]]
    # Worded when read; {by} is the author, other names are resolved through `refs`.
    sentence: ClassVar[str | _StrPromise] = gettext_noop("{by} did something")
    # placeholder → (field that holds the number, what it is a number of: agent, department, address, ticket)
    refs: ClassVar[dict[str, tuple[str, str]]] = {}

    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state after this event.  Pure."""
        raise NotImplementedError

    def to_data(self) -> dict[str, Any]:
        """Return the fields as JSON."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Return the event that `to_data` described."""
        instants = {field.name for field in fields(cls) if "datetime" in str(field.type)}
        return cls(
            **{
                name: datetime.fromisoformat(value) if name in instants and value else value
                for name, value in data.items()
            }
        )


@dataclass_transform(frozen_default=True)
def event(kind: str, *, v: int, writes: tuple[str, ...] = ()) -> Callable[[type[E]], type[E]]:
    """Enter an event class into the register.

    kind    "noun.happened", the same for all versions
    v       the version of its shape, from 1
    writes  the columns of the row that it may change; record() refuses any other
    """

    def enter(cls: type[E]) -> type[E]:
        made = dataclass(frozen=True)(cls)
        made.kind, made.v, made.writes = kind, v, frozenset(writes)
        if (kind, v) in REGISTER:
            raise ValueError(f"{kind} v{v} is registered twice")
        REGISTER[kind, v] = made
        return made

    return enter


def read(kind: str, v: int, data: dict[str, Any]) -> Event:
    """Return the event that an entry holds.  Raises KeyError for a kind that this version does not know."""
    return REGISTER[kind, v].from_data(data)

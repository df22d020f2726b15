"""What an event is, and the register of all kinds and versions that a timeline may hold.

An event is a small frozen dataclass declared beside the action that leaves it, under `@event("ticket.resolved", v=1)`.
Shapes live for ever: entries are never migrated.  A kind whose shape changes gets a new v, and beside it, under
`@upcast("ticket.resolved", 1)`, a pure function from the old data to the new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, dataclass_transform

from django.utils.translation import gettext_noop

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from deskbell.people.actors import Actor
    from deskbell.tickets.state import TicketState

E = TypeVar("E", bound="Event")

Data = dict[str, Any]

REGISTER: dict[tuple[str, int], type[Event]] = {}
# (kind, v) of a shape that is no longer written → its data in the shape of v + 1
UPCASTS: dict[tuple[str, int], Callable[[Data], Data]] = {}

# Every event may move these; undo leaves them alone.
ALWAYS_WRITES = frozenset({"step", "at", "last_activity_at"})


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
    # placeholder → (field that holds the number, what it is a number of: agent, department, address, ticket, tag …)
    refs: ClassVar[dict[str, tuple[str, str]]] = {}
    # Fields that hold numbers of Texts: what a purge has to blank.
    texts: ClassVar[tuple[str, ...]] = ()
    # Whether its author may take it back (actions/undo.py).
    can_be_undone: ClassVar[bool] = False
    # Fields that hold instants; found once, when the class is registered.
    instants: ClassVar[frozenset[str]] = frozenset()

    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state after this event.  Pure."""
        raise NotImplementedError

    def words(self) -> str | _StrPromise:
        """Return the sentence; an event whose fields change what is said chooses here."""
        return self.sentence

    def to_data(self) -> Data:
        """Return the fields as JSON."""
        return {name: _to_json(value) for name, value in vars(self).items()}

    @classmethod
    def from_data(cls, data: Data) -> Self:
        """Return the event that `to_data` described."""
        return cls(
            **{
                name: datetime.fromisoformat(value)
                if name in cls.instants and value
                else _from_json(value)
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
        made.instants = frozenset(one.name for one in fields(made) if "datetime" in str(one.type))
        if (kind, v) in REGISTER:
            raise ValueError(f"{kind} v{v} is registered twice")
        REGISTER[kind, v] = made
        return made

    return enter


def upcast(kind: str, v: int) -> Callable[[Callable[[Data], Data]], Callable[[Data], Data]]:
    """Enter a pure function that makes data of version `v` data of version v + 1."""

    def enter(function: Callable[[Data], Data]) -> Callable[[Data], Data]:
        if (kind, v) in UPCASTS:
            raise ValueError(f"{kind} v{v} is led on twice")
        UPCASTS[kind, v] = function
        return function

    return enter


def read(kind: str, v: int, data: Data) -> Event:
    """Return the event that an entry holds, in the newest shape of its kind.

    Raises KeyError for a kind or version that this release does not know.
    """
    while (function := UPCASTS.get((kind, v))) is not None:
        v, data = v + 1, function(data)
    return REGISTER[kind, v].from_data(data)


def _to_json(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value


def _from_json(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

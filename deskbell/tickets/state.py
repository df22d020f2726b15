"""TicketState: all that is true of a ticket after a number of entries, as one frozen value.

Events apply to it, and replay folds them over it.  It is pure: it reads no settings and no database,
so the same entries give the same state for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

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
    "postponed_until",
    "resolved_at",
    "resolved_by_kind",
    "resolved_by_id",
    "closed_at",
    "closes_at",
    "wrote_after_close",
    "hidden_at",
    "deleted_at",
    "purged_at",
    "merged_into_id",
    "due_at",
    "warns_at",
)
# What resolved() changes, what unresolved() takes back, and what put_aside() does.
RESOLVES = (
    "status",
    "postponed_until",
    "was_new",
    "resolved_at",
    "resolved_by_kind",
    "resolved_by_id",
    "resolved_step",
    "asked_step",
    "closes_at",
    "opened_aside",
)
UNRESOLVES = (*RESOLVES, "confirmed_at", "closed_at", "wrote_after_close")
PUTS_ASIDE = (
    "status",
    "postponed_until",
    "closed_at",
    "closes_at",
    "hidden_at",
    "deleted_at",
    "aside",
)

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
class Check:
    """A line of the checklist.

    text_id    its words; also its number on the list
    done_step  the entry that checked it off; None while it is to be done
    """

    text_id: int
    done_step: int | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """What the customer thinks, as they said it last.

    message_id  the answer that it is about; None: the resolution
    score       good, fair or bad
    text_id     their words; None without any
    step        the entry by which they said so
    """

    message_id: int | None
    score: str
    text_id: int | None
    step: int


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise to the customer that counts on the ticket, or rests with what is left of it.

    kind           what is promised: first_answer or next_answer
    since          since when the customer waits
    due_at         when it runs out; None while it rests in Postponed, where time is not counted
    warns_at       from when on it is due soon; None as due_at
    minutes        how many were promised
    department_id  whose promise it is
    step           the entry that started it
    rests          "" while it runs, else what it rests for: postponed, hidden or merged
    left_seconds   what is left of it in Postponed, less than 0 where it was late already; else None
    warned_step    the entry that said "due soon"; None while there is none

    Later fields come last and have a default: rows of today are read by the releases to come.
    """

    kind: str
    since: datetime
    due_at: datetime | None
    warns_at: datetime | None
    minutes: int
    department_id: int
    step: int
    rests: str = ""
    left_seconds: int | None = None
    warned_step: int | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """Where a ticket stood before it was called spam or deleted; not_spam and restore bring it back there."""

    status: str
    postponed_until: datetime | None
    closed_at: datetime | None
    closes_at: datetime | None
    hidden_at: datetime | None


@dataclass(frozen=True)
class TicketState:
    """The ticket as its entries tell it.  `step` 0 is a ticket of which nothing is known yet.

    Without slots: `but` copies its dictionary, which takes a twentieth of the time of dataclasses.replace.
    """

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
    postponed_until: datetime | None = None  # in Postponed only
    resolved_at: datetime | None = None
    resolved_by_kind: str = ""
    resolved_by_id: int | None = None
    closed_at: datetime | None = None  # in Closed only
    closes_at: datetime | None = None  # in Resolved only
    wrote_after_close: bool = False
    hidden_at: datetime | None = None  # in Spam and Deleted: since when
    deleted_at: datetime | None = None  # in Deleted only
    purged_at: datetime | None = None
    merged_into_id: int | None = None
    due_at: datetime | None = None  # of the running clock that runs out first
    warns_at: datetime | None = None  # of the running clocks that have not warned: the earliest
    # Kept in the row's `extra`:
    description_id: int | None = None  # a Text
    participants: tuple[Party, ...] = ()
    links: tuple[Tie, ...] = ()
    tags: tuple[int, ...] = ()
    followers: tuple[int, ...] = ()  # agents who want to hear of it
    checklist: tuple[Check, ...] = ()
    sources: tuple[int, ...] = ()  # tickets that were merged into this one
    aside: tuple[Aside, ...] = ()  # what spam and deletion put aside, the last one on top
    was_new: bool = False  # in Postponed: it had not been answered yet
    opened_aside: bool = False  # open by an outsider's answer alone: the customer waits for nothing
    escalations: int = 0  # how often it was escalated
    resolved_step: int | None = None  # the entry of the resolution that now stands
    asked_step: int | None = None  # the entry by which the customer was asked about it
    confirmed_at: datetime | None = None  # when the customer said "solved"
    failed_messages: tuple[int, ...] = ()  # messages whose failure opened the ticket
    ratings: tuple[Rating, ...] = ()  # one for each answer, and one for the resolution
    clocks: tuple[Clock, ...] = ()  # those that run and those that rest

    def but(self, **changes: Any) -> Self:
        """Return this state with some fields changed.  Raises TypeError for a field that there is not."""
        if not changes.keys() <= vars(self).keys():
            raise TypeError(f"a ticket's state has no {sorted(changes.keys() - vars(self).keys())}")
        changed = object.__new__(type(self))
        vars(changed).update(vars(self), **changes)
        return changed

    def spoken_on(self, message_id: int, at: datetime) -> Self:
        """Return the state after a message: it is the last one, and the ticket has stirred."""
        return self.but(last_message_id=message_id, last_activity_at=at)

    def resolved(self, by: Actor, at: datetime, step: int, closes_at: datetime | None) -> Self:
        """Return the state with the work done and the customer's word awaited."""
        return self.but(
            status="resolved",
            postponed_until=None,
            was_new=False,
            resolved_at=at,
            resolved_by_kind=by.kind,
            resolved_by_id=by.id,
            resolved_step=step,
            asked_step=None,
            closes_at=closes_at,
            opened_aside=False,
        )

    def unresolved(self, status: str) -> Self:
        """Return the state in `status`, with nothing left of a resolution, a closing or a postponement."""
        return self.but(
            status=status,
            postponed_until=None,
            was_new=False,
            resolved_at=None,
            resolved_by_kind="",
            resolved_by_id=None,
            resolved_step=None,
            asked_step=None,
            confirmed_at=None,
            closed_at=None,
            closes_at=None,
            wrote_after_close=False,
            opened_aside=False,
        )

    def put_aside(self, status: str, at: datetime) -> Self:
        """Return the state hidden in `status` since `at`, with what only the status before may have laid aside."""
        now = Aside(
            self.status, self.postponed_until, self.closed_at, self.closes_at, self.hidden_at
        )
        return self.but(
            status=status,
            postponed_until=None,
            closed_at=None,
            closes_at=None,
            hidden_at=at,
            deleted_at=at if status == "deleted" else None,
            aside=(*self.aside, now),
        )

    def brought_back(self) -> Self:
        """Return the state as it was before the last put_aside; a ticket that began as spam begins as New."""
        *below, top = self.aside or (Aside("new", None, None, None, None),)
        return self.but(
            status=top.status,
            postponed_until=top.postponed_until,
            closed_at=top.closed_at,
            closes_at=top.closes_at,
            hidden_at=top.hidden_at,
            deleted_at=None,
            aside=tuple(below),
        )

    def with_clocks(self, clocks: tuple[Clock, ...]) -> Self:
        """Return the state with these clocks, and the columns that tell of them."""
        running = [one for one in clocks if not one.rests]
        due = [one.due_at for one in running if one.due_at is not None]
        warn = [one.warns_at for one in running if one.warns_at and one.warned_step is None]
        return self.but(
            clocks=clocks, due_at=min(due, default=None), warns_at=min(warn, default=None)
        )

    def rated(self, rating: Rating) -> Self:
        """Return the state with this rating in place of an earlier one about the same."""
        others = (one for one in self.ratings if one.message_id != rating.message_id)
        return self.but(ratings=(*others, rating))

    def rating_of(self, message_id: int | None) -> Rating | None:
        """Return how an answer was rated, or with None the resolution."""
        return next((one for one in self.ratings if one.message_id == message_id), None)

    def party(self, address_id: int) -> Party | None:
        """Return how this address takes part, or None."""
        return next((p for p in self.participants if p.address_id == address_id), None)

    @property
    def customer_party(self) -> Party | None:
        """How the customer takes part: by the address they wrote from first; None on an internal ticket."""
        return next((party for party in self.participants if party.role == "customer"), None)

    def stretch(self) -> dict[str, Any] | None:
        """Return what stays the same in a stretch; None for a part of another ticket and before the first entry."""
        if not self.step or self.merged_into_id is not None:
            return None
        return {name: getattr(self, name) for name in STRETCHED}

    def columns(self) -> dict[str, Any]:
        """Return the row's columns as they must stand."""
        return {name: getattr(self, name) for name in COLUMNS}

    def extra(self) -> dict[str, Any]:
        """Return what the row keeps in `extra`, as JSON; what is as on a fresh ticket is left out."""
        return {
            name: to_json(value)
            for name in EXTRA
            if (value := getattr(self, name)) != getattr(FRESH, name)
        }

    def differences(self, before: TicketState) -> dict[str, Any]:
        """Return the fields in which this state differs from `before`, each with the value that it had, as JSON."""
        now = vars(self)
        return {
            name: to_json(old)
            for name, old in vars(before).items()
            if old is not now[name] and old != now[name]  # mostly it is the very same
        }


FRESH = TicketState()
FIELDS = tuple(field.name for field in fields(TicketState))
EXTRA = tuple(name for name in FIELDS if name not in COLUMNS and name != "step")


def state_of(ticket: Ticket) -> TicketState:
    """Return the state that the row stands for; invariant 1 says it equals the replay."""
    known = {name: getattr(ticket, name) for name in COLUMNS}
    extra = {name: from_json(name, value) for name, value in ticket.extra.items()}
    return TicketState(step=ticket.last_step, **known, **extra)


def to_json(value: Any) -> Any:
    """Return a field's value as JSON."""
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return [to_json(item) for item in value]
        case Party() | Tie() | Check() | Aside() | Rating() | Clock():
            return [to_json(getattr(value, field.name)) for field in fields(value)]
        case _:
            return value


def from_json(name: str, value: Any) -> Any:
    """Return the value of the field `name` that to_json() wrote."""
    if value is None:
        return None
    if name in INSTANTS:
        return datetime.fromisoformat(value)
    if name in LISTS:
        return tuple(LISTS[name](item) for item in value)
    return value


def _aside(item: Any) -> Aside:
    status, *moments = item
    return Aside(status, *(datetime.fromisoformat(one) if one else None for one in moments))


def _clock(item: Any) -> Clock:
    kind, *moments = item[:4]
    since, due_at, warns_at = (datetime.fromisoformat(one) if one else None for one in moments)
    assert since is not None
    return Clock(kind, since, due_at, warns_at, *item[4:])


INSTANTS = frozenset(field.name for field in fields(TicketState) if "datetime" in str(field.type))
# The fields that are tuples, each with what makes one of their items.
LISTS: dict[str, Callable[[Any], Any]] = {
    "participants": lambda item: Party(*item),
    "links": lambda item: Tie(*item),
    "checklist": lambda item: Check(*item),
    "aside": _aside,
    "tags": int,
    "followers": int,
    "sources": int,
    "failed_messages": int,
    "clocks": _clock,
    "ratings": lambda item: Rating(*item),
}

"""The table that decides: which action may be done to a ticket in which status, and by what kind of actor.

Pure data and pure functions; actions ask it, nobody else decides.  The rights of a single agent are
another matter, and stand in deskbell/access.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from deskbell.errors import NotAllowed, WrongStatus
from deskbell.tickets.models import Ticket

if TYPE_CHECKING:
    from deskbell.people.actors import Actor

StatusKind = Literal["active", "waiting", "solved", "ended", "hidden"]
Status = Ticket.Status

NEW, OPEN, ANSWERED, POSTPONED = Status.NEW, Status.OPEN, Status.ANSWERED, Status.POSTPONED
CHATTING, CALLING, RESOLVED, CLOSED = (
    Status.CHATTING,
    Status.CALLING,
    Status.RESOLVED,
    Status.CLOSED,
)
SPAM, DELETED = Status.SPAM, Status.DELETED

KINDS: dict[str, StatusKind] = {
    NEW: "active",
    OPEN: "active",
    ANSWERED: "waiting",
    POSTPONED: "waiting",
    CHATTING: "active",
    CALLING: "active",
    RESOLVED: "solved",
    CLOSED: "ended",
    SPAM: "hidden",
    DELETED: "hidden",
}

UNSOLVED = frozenset({NEW, OPEN, ANSWERED, POSTPONED})
WORKED_ON = UNSOLVED | {CHATTING, CALLING, RESOLVED}
SHOWN = WORKED_ON | {CLOSED}
EVERY = frozenset(Status)

ANYBODY = frozenset({"customer", "agent", "rule", "clock", "migration"})
DESK = frozenset({"agent", "rule", "migration"})
CUSTOMER = frozenset({"customer", "migration"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    actors     the kinds of actors that may
    statuses   the statuses in which they may
    narrower   actors that may in fewer statuses only
    """

    actors: frozenset[str]
    statuses: frozenset[Ticket.Status]
    narrower: tuple[tuple[str, frozenset[Ticket.Status]], ...] = ()

    def statuses_for(self, actor_kind: str) -> frozenset[Ticket.Status]:
        """Return the statuses in which this kind of actor may."""
        if actor_kind not in self.actors:
            return frozenset()
        return dict(self.narrower).get(actor_kind, self.statuses)


TABLE: dict[str, Row] = {
    # What arrives for a hidden ticket becomes a new one; receive() sees to it.
    "receive": Row(CUSTOMER, EVERY),
    "reply": Row(DESK, UNSOLVED | {RESOLVED}),
    "note": Row(DESK, EVERY - {DELETED}),
    "assign": Row(DESK | {"clock"}, WORKED_ON),
    "take": Row(frozenset({"agent"}), WORKED_ON),
    "transfer": Row(DESK | {"clock"}, WORKED_ON),
    "resolve": Row(ANYBODY, UNSOLVED),
    "ask": Row(frozenset({"clock", "migration"}), frozenset({RESOLVED})),
    "confirm": Row(CUSTOMER, frozenset({RESOLVED})),
    "deny": Row(CUSTOMER, frozenset({RESOLVED})),
    "close": Row(
        DESK | {"clock"},
        UNSOLVED | {RESOLVED},
        narrower=(("clock", frozenset({RESOLVED})), ("rule", frozenset({RESOLVED}))),
    ),
    "reopen": Row(frozenset({"agent", "customer", "migration"}), frozenset({RESOLVED, CLOSED})),
    "fail_delivery": Row(frozenset({"clock", "migration"}), EVERY),
    "accept_sender": Row(DESK, SHOWN),
    "link": Row(ANYBODY, EVERY),
}


def kind_of(status: str) -> StatusKind:
    """Return what a status amounts to; code asks for this rather than for the status itself."""
    return KINDS[status]


def allows(action: str, status: str, actor_kind: str) -> bool:
    """Return whether the table lets this kind of actor do `action` in `status`."""
    return status in TABLE[action].statuses_for(actor_kind)


def require(action: str, ticket: Ticket, by: Actor) -> None:
    """Raise NotAllowed when such an actor never may, WrongStatus when not now."""
    if by.kind not in TABLE[action].actors:
        raise NotAllowed(action=action)
    if not allows(action, ticket.status, by.kind):
        raise WrongStatus(action=action, status=str(Status(ticket.status).label))

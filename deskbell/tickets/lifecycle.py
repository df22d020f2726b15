"""The table that decides: which action may be done to a ticket in which status, and by what kind of actor.

Pure data and pure functions; actions ask it, nobody else decides.  The rights of a single agent are
another matter, and stand in deskbell/access.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from deskbell.errors import MergedAway, NoSuchTicket, NotAllowed, WrongStatus
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

LIVE = frozenset({CHATTING, CALLING})

ANYBODY = frozenset({"customer", "agent", "rule", "clock", "migration"})
DESK = frozenset({"agent", "rule", "migration"})
PEOPLE = frozenset({"agent", "migration"})
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
    # What an outsider answers to a hidden ticket is taken as a stranger's letter; match.py sees to it.
    "receive_aside": Row(CUSTOMER, SHOWN),
    "reply": Row(DESK, UNSOLVED | {RESOLVED}),
    "note": Row(DESK, EVERY - {DELETED}),
    "forward": Row(DESK, EVERY - {DELETED}),
    "assign": Row(DESK | {"clock"}, WORKED_ON),
    "take": Row(frozenset({"agent"}), WORKED_ON),
    "transfer": Row(DESK | {"clock"}, WORKED_ON),
    "resolve": Row(ANYBODY, UNSOLVED),
    "acknowledge": Row(frozenset({"clock", "migration"}), UNSOLVED),
    "ask": Row(frozenset({"clock", "migration"}), frozenset({RESOLVED})),
    "ask_for_portal": Row(CUSTOMER, SHOWN),
    "confirm": Row(CUSTOMER, frozenset({RESOLVED})),
    "deny": Row(CUSTOMER, frozenset({RESOLVED})),
    "rate": Row(CUSTOMER, SHOWN),
    "close": Row(
        DESK | {"clock"},
        UNSOLVED | {RESOLVED},
        narrower=(("clock", frozenset({RESOLVED})), ("rule", frozenset({RESOLVED}))),
    ),
    "reopen": Row(frozenset({"agent", "customer", "migration"}), frozenset({RESOLVED, CLOSED})),
    "fail_delivery": Row(frozenset({"clock", "migration"}), EVERY),
    "accept_sender": Row(DESK, SHOWN),
    "resign": Row(DESK, WORKED_ON),
    "give_back": Row(DESK | {"clock"}, WORKED_ON),
    "escalate": Row(DESK | {"clock"}, WORKED_ON),
    "mark_answered": Row(DESK, frozenset({NEW, OPEN})),
    "postpone": Row(DESK, UNSOLVED),
    "wake": Row(DESK | {"clock"}, frozenset({POSTPONED})),
    "spam": Row(DESK, EVERY - LIVE - {SPAM, DELETED}),
    "not_spam": Row(DESK, frozenset({SPAM})),
    "delete": Row(DESK, EVERY - LIVE - {DELETED}),
    "restore": Row(DESK, frozenset({DELETED})),
    "purge": Row(frozenset({"agent", "clock", "migration"}), frozenset({DELETED, SPAM})),
    "merge": Row(DESK, SHOWN),
    "unmerge": Row(DESK, EVERY),
    "split": Row(PEOPLE, SHOWN),
    "link": Row(PEOPLE, SHOWN),
    "unlink": Row(PEOPLE, SHOWN),
    "redact": Row(PEOPLE, SHOWN),
    "erase": Row(PEOPLE, EVERY),
    "describe": Row(DESK, SHOWN),
    "prioritise": Row(DESK, WORKED_ON),
    "tag": Row(DESK, SHOWN),
    "change_customer": Row(PEOPLE, SHOWN),
    "add_participant": Row(DESK, SHOWN),
    "remove_participant": Row(DESK, SHOWN),
    "check_off": Row(DESK, SHOWN),
    "follow": Row(DESK, EVERY - {DELETED}),
    "mention": Row(DESK, EVERY - {DELETED}),
    "undo": Row(frozenset({"agent"}), EVERY),
}

# What may be done to a ticket that is a part of another; all else is done to that one.
TO_A_PART = frozenset({"unmerge", "undo", "erase"})
# What may be done to one that was purged: a letter to it begins a new ticket, one of ours may still come back.
TO_A_PURGED = frozenset({"receive", "erase", "fail_delivery"})


def kind_of(status: str) -> StatusKind:
    """Return what a status amounts to; code asks for this rather than for the status itself."""
    return KINDS[status]


def allows(action: str, status: str, actor_kind: str) -> bool:
    """Return whether the table lets this kind of actor do `action` in `status`."""
    return status in TABLE[action].statuses_for(actor_kind)


def require(action: str, ticket: Ticket, by: Actor) -> None:
    """Raise NotAllowed when such an actor never may, WrongStatus when not now.

    Raises MergedAway for a part of another ticket, NoSuchTicket for one that was purged.
    """
    if by.kind not in TABLE[action].actors:
        raise NotAllowed(action=action)
    if ticket.purged_at is not None and action not in TO_A_PURGED:
        raise NoSuchTicket(ticket=ticket.code)
    if ticket.merged_into is not None and action not in TO_A_PART:
        raise MergedAway(ticket=ticket.merged_into.code)
    if not allows(action, ticket.status, by.kind):
        raise WrongStatus(action=action, status=str(Status(ticket.status).label))

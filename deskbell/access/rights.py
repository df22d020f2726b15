"""The one place where rights are decided, derived from the table in roles.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from django.db.models import Model, Q, QuerySet

from deskbell.access.roles import Reach, reach_of
from deskbell.errors import NotAllowed
from deskbell.people.models import Agent

if TYPE_CHECKING:
    from deskbell.people.actors import Actor

M = TypeVar("M", bound=Model)

# What a customer may do to a ticket of their own.  Whether a letter may continue a ticket is decided by
# its grade of trust, in channels/mail/match.py.
CUSTOMERS_OWN = frozenset({"confirm", "deny", "reopen", "resolve", "open"})


class Ticketlike(Protocol):
    """What a ticket shows of itself here; this room knows no ticket."""

    @property
    def department_id(self) -> int: ...

    @property
    def assignee_id(self) -> int | None: ...

    @property
    def customer_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """What an agent is, as far as rights go.

    role         "" for somebody who no longer works here
    departments  numbers of the departments they work in
    """

    agent_id: int
    role: str
    departments: frozenset[int]

    def reach(self, verb: str) -> Reach:
        """Return how far they reach with `verb`."""
        return reach_of(self.role, verb) if self.role else Reach.NONE

    def may(self, verb: str, thing: Ticketlike | None) -> bool:
        """Return whether they may do `verb` to a ticket, or to the desk when `thing` is None."""
        match self.reach(verb):
            case Reach.ALL:
                return True
            case Reach.DEPARTMENTS if thing is not None:
                return self._is_own(thing) or thing.department_id in self.departments
            case Reach.OWN if thing is not None:
                return self._is_own(thing)
            case Reach.DEPARTMENTS:
                return verb == "open" and bool(self.departments)
            case _:
                return False

    def _is_own(self, thing: Ticketlike) -> bool:
        return thing.assignee_id == self.agent_id


def standing_of(agent_id: int) -> Standing:
    """Return what the agent of this number is now; one query."""
    rows = list(
        Agent.objects.filter(pk=agent_id, archived_at=None, account__is_active=True).values_list(
            "role", "departments__id"
        )
    )
    role = rows[0][0] if rows else ""
    return Standing(agent_id, role, frozenset(dept for _, dept in rows if dept is not None))


def may(actor: Actor, verb: str, thing: Ticketlike | None = None) -> bool:
    """Return whether `actor` may do `verb` to a ticket, or to the desk when there is no `thing`.

    Rules, the clock and migrations may all: what they do was allowed to whoever set them up.
    """
    match actor.kind:
        case "agent":
            return standing_of(actor.id or 0).may(verb, thing)
        case "customer":
            if verb == "receive":
                return True
            return verb in CUSTOMERS_OWN and (thing is None or thing.customer_id == actor.id)
        case _:
            return True


def require(actor: Actor, verb: str, thing: Ticketlike | None = None) -> None:
    """Raise NotAllowed unless `actor` may do `verb`."""
    if not may(actor, verb, thing):
        raise NotAllowed(action=verb)


def visible(actor: Actor, things: QuerySet[M]) -> QuerySet[M]:
    """Return those tickets of `things` that `actor` may see; every list of tickets goes through here.

    What was purged is there for the desk itself only: reports count it.
    """
    if actor.kind == "agent":
        return _visible_to_agent(standing_of(actor.id or 0), things.filter(purged_at=None))
    if actor.kind == "customer":
        return things.filter(customer_id=actor.id, purged_at=None)
    return things


def _visible_to_agent(standing: Standing, things: QuerySet[M]) -> QuerySet[M]:
    match standing.reach("see"):
        case Reach.ALL:
            return things
        case Reach.DEPARTMENTS:
            return things.filter(
                Q(department_id__in=standing.departments) | Q(assignee_id=standing.agent_id)
            )
        case Reach.OWN:
            return things.filter(assignee_id=standing.agent_id)
        case _:
            return things.none()

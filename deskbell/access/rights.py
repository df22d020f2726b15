"""The one place where rights are decided, derived from the table in roles.py."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet

from deskbell.access.roles import Reach, reach_of, read
from deskbell.database.prepared import Prepared
from deskbell.errors import NotAllowed
from deskbell.people.models import Agent, Membership

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from deskbell.database.prepared import Value
    from deskbell.people.actors import Actor

M = TypeVar("M", bound=Model)
Row = TypeVar("Row")

# What a customer may do to a ticket of their own.  Whether a letter may continue a ticket is decided by
# its grade of trust, in channels/mail/match.py.
CUSTOMERS_OWN = frozenset({"confirm", "deny", "reopen", "resolve", "open", "rate"})
# What they may do wherever they take part; the actions see to that.
CUSTOMERS_ANY = frozenset({"receive", "receive_aside", "ask_for_portal"})


class Ticketlike(Protocol):
    """What a ticket shows of itself here; this room knows no ticket."""

    @property
    def department_id(self) -> int: ...

    @property
    def assignee_id(self) -> int | None: ...

    @property
    def customer_id(self) -> int | None: ...


class Seeable(Ticketlike, Protocol):
    """A ticket as far as seeing it goes."""

    @property
    def purged_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """What an agent is, as far as rights go.

    role         "" for somebody who no longer works here
    departments  numbers of the departments they work in
    rights       of a role made to measure, as its row has them; "" for the others
    """

    agent_id: int
    role: str
    departments: frozenset[int]
    rights: str = ""

    def reach(self, verb: str) -> Reach:
        """Return how far they reach with `verb`."""
        return _reach(self.role, self.rights, verb)

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
    return _standing(agent_id, _roles(agent_id))


def agent_of_account(account_id: int) -> tuple[Agent, Standing] | None:
    """Return the agent who signs in by this account, and what they are now; None for nobody; one query."""
    agents = _agents(account_id)
    if not agents:
        return None
    rows = [(one.role, one.rights, one.in_department) for one in agents]
    return agents[0], _standing(agents[0].pk, rows)


def _working() -> QuerySet[Agent]:
    return Agent.objects.filter(archived_at=None, account__is_active=True).order_by()


# One row for each of their departments, and one without when they have none.
_roles = Prepared(
    lambda agent: (
        _working().filter(pk=agent).values_list("role", "custom_role__rights", "departments__id")
    )
)
_roles_of = Prepared(
    lambda agents: (
        _working()
        .filter(pk__in=agents)
        .values_list("pk", "role", "custom_role__rights", "departments__id")
    )
)
_agents = Prepared(
    lambda account: (
        _working()
        .filter(account=account)
        .annotate(in_department=F("departments"), rights=F("custom_role__rights"))
    )
)


def _standing(agent_id: int, rows: Sequence[tuple[str, str | None, int | None]]) -> Standing:
    role, rights = (rows[0][0], rows[0][1] or "") if rows else ("", "")
    departments = frozenset(dept for _role, _rights, dept in rows if dept is not None)
    return Standing(agent_id, role, departments, rights)


def _reach(role: str, rights: str, verb: str) -> Reach:
    if not role:
        return Reach.NONE
    if role == Agent.Role.CUSTOM:
        return read(rights).get(verb, Reach.NONE)
    return reach_of(role, verb)


def agents_of(department_id: int, *verbs: str) -> tuple[list[Agent], ...]:
    """Return for each verb the agents who reach a department's tickets with it, by name; one query for all."""
    agents = _in_or_out(department_id)
    return tuple([one for one in agents if _reaches_department(one, verb)] for verb in verbs)


def _reaches_department(agent: Any, verb: str) -> bool:
    reach = _reach(agent.role, agent.rights or "", verb)
    return reach == Reach.ALL or (reach == Reach.DEPARTMENTS and agent.works_there)


_in_or_out = Prepared(
    lambda department: (
        _working()
        .annotate(
            works_there=Exists(
                Membership.objects.filter(agent=OuterRef("pk"), department=department)
            ),
            rights=F("custom_role__rights"),
        )
        .order_by("name", "id")
    )
)


def may(actor: Actor, verb: str, thing: Ticketlike | None = None) -> bool:
    """Return whether `actor` may do `verb` to a ticket, or to the desk when there is no `thing`.

    Rules, the clock and migrations may all: what they do was allowed to whoever set them up.
    """
    match actor.kind:
        case "agent":
            return standing_of(actor.id or 0).may(verb, thing)
        case "customer":
            if verb in CUSTOMERS_ANY:
                return True
            return verb in CUSTOMERS_OWN and (thing is None or thing.customer_id == actor.id)
        case _:
            return True


def those_who_may(verb: str, thing: Ticketlike, agents: Sequence[int]) -> set[int]:
    """Return those of `agents`, by their numbers, who may do `verb` to `thing`; one query for all of them."""
    rows: dict[int, list[tuple[str, str | None, int | None]]] = {}
    for agent, role, rights, department in _roles_of(agents):
        rows.setdefault(agent, []).append((role, rights, department))
    return {agent for agent, found in rows.items() if _standing(agent, found).may(verb, thing)}


def require(actor: Actor, verb: str, thing: Ticketlike | None = None) -> None:
    """Raise NotAllowed unless `actor` may do `verb`."""
    if not may(actor, verb, thing):
        raise NotAllowed(action=verb)


@dataclass(frozen=True, slots=True)
class Sight:
    """Which tickets an agent sees, by the places where they lie.

    departments  numbers of departments of which they see everything; none are told where `everywhere` says enough
    own          the number of the agent whose own tickets are seen wherever they lie; None where nothing is
    """

    departments: frozenset[int] = frozenset()
    own: int | None = None
    everywhere: bool = False

    def covers(self, department_id: int, assignee_id: int | None) -> bool:
        """Return whether they see what lies in this department and is this agent's; None is nobody's."""
        if self.everywhere or department_id in self.departments:
            return True
        return self.own is not None and assignee_id == self.own


def sight_of(actor: Actor) -> Sight:
    """Return where an agent sees tickets; `visible` is the same as a condition.  For agents only."""
    standing = _as_known(actor.id or 0)
    match standing.reach("see"):
        case Reach.ALL:
            return Sight(everywhere=True)
        case Reach.DEPARTMENTS:
            return Sight(standing.departments, standing.agent_id)
        case Reach.OWN:
            return Sight(own=standing.agent_id)
        case _:
            return Sight()


_known: ContextVar[Standing | None] = ContextVar("known", default=None)


@contextmanager
def knowing(standing: Standing) -> Iterator[None]:
    """Let lists inside the block be seen by this standing: one page looks it up once.

    What is done asks anew all the same (`may`, `require`): a right that was taken away meanwhile is gone.
    """
    token = _known.set(standing)
    try:
        yield
    finally:
        _known.reset(token)


def _as_known(agent_id: int) -> Standing:
    known = _known.get()
    return known if known is not None and known.agent_id == agent_id else standing_of(agent_id)


def visible(actor: Actor, things: QuerySet[M]) -> QuerySet[M]:
    """Return those tickets of `things` that `actor` may see; every list of tickets goes through here.

    What was purged is there for the desk itself only: reports count it.
    """
    if actor.kind == "agent":
        return _in_sight(sight_of(actor), things)
    if actor.kind == "customer":
        return things.filter(customer_id=actor.id, purged_at=None)
    return things


class PreparedVisible(Generic[Row]):
    """A list of what an agent may see, asked again and again: `visible` with its SQL worked out once.

        newest = PreparedVisible(lambda seen, customer: seen(Ticket.objects.filter(customer=customer))[:5])
        newest(request.by, 17)

    build   returns the queryset, of tickets that went through `seen`, for the values of database/prepared.py
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._everywhere = Prepared(
            lambda *values: build(lambda things: _in_sight(_ALL, things), *values)
        )
        self._somewhere = Prepared(
            lambda departments, own, *values: build(
                lambda things: _in_sight(Sight(frozenset(departments), own), things), *values
            )
        )

    def __call__(self, agent: Actor, *values: Value) -> list[Row]:
        """Return what the database finds now, besides the standing; one query."""
        sight = sight_of(agent)
        if sight.everywhere:
            return self._everywhere(*values)
        if sight.own is None:
            return []
        # A list of nothing would find nothing, and one's own tickets are seen wherever they lie.
        return self._somewhere(sorted(sight.departments) or [0], sight.own, *values)


def sees(actor: Actor, thing: Seeable) -> bool:
    """Return whether `actor` may see a ticket that is at hand, fresh: what `visible` says of it."""
    match actor.kind:
        case "agent":
            sight = sight_of(actor)
            return thing.purged_at is None and sight.covers(thing.department_id, thing.assignee_id)
        case "customer":
            return thing.purged_at is None and thing.customer_id == actor.id
        case _:
            return True


_ALL = Sight(everywhere=True)


def _in_sight(sight: Sight, things: QuerySet[M]) -> QuerySet[M]:
    """Leave out what was purged, and what lies out of sight."""
    things = things.filter(purged_at=None)
    if sight.everywhere:
        return things
    if sight.own is None:
        return things.none()
    return things.filter(Q(department_id__in=sight.departments) | Q(assignee_id=sight.own))

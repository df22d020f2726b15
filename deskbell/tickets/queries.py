"""Reading tickets: one, lists, counters and threads.  Every list goes through access.visible or sight_of.

Lists read values into small frozen rows, page by keyset, and cost the same number of queries whatever
they show.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from django.core import signing
from django.db import connection
from django.db.models import BigIntegerField, Case, F, Func, Model, OuterRef, Q, Subquery, When
from django.utils.translation import gettext_lazy as _

from deskbell import access, clock
from deskbell.database.prepared import Prepared
from deskbell.errors import BadInput, NoSuchTicket
from deskbell.people.models import Address
from deskbell.tickets import codes, counting, lifecycle, strands
from deskbell.tickets.models import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from deskbell.people.actors import Actor

M = TypeVar("M", bound=Model)

MOST_ROWS = 100
ROW_FIELDS = {
    "id": "id",
    "code": "code",
    "subject": "subject__plain",
    "status": "status",
    "priority": "priority",
    "channel": "channel",
    "step": "last_step",
    "department_id": "department_id",
    "department": "department__name",
    "assignee_id": "assignee_id",
    "assignee": "assignee__name",
    "customer_id": "customer_id",
    "customer": "customer_shown",
    "company": "customer__company__name",
    "preview": "last_message__preview",
    "last_kind": "last_message__kind",
    "created_at": "created_at",
    "last_activity_at": "last_activity_at",
    "wrote_after_close": "wrote_after_close",
    "due_at": "due_at",
    "warns_at": "warns_at",
}
# Looked up for those without a name only, inside the one query of a list.
FIRST_ADDRESS = Address.objects.filter(customer=OuterRef("customer")).order_by("id")
CUSTOMER = Case(
    When(customer__name="", then=Subquery(FIRST_ADDRESS.values("value")[:1])),
    default=F("customer__name"),
)

# The views that every desk has, in the order of the rail.
OWNED = ("mine", "unassigned")
VIEWS = (
    "inbox",
    *OWNED,
    "overdue",
    "new",
    "open",
    "answered",
    "postponed",
    "resolved",
    "closed",
    "spam",
    "deleted",
    "all",
)
ACTIVE = sorted(s for s, kind in lifecycle.KINDS.items() if kind in {"active", "waiting", "solved"})
UNRESOLVED = [status for status in ACTIVE if status != "resolved"]
# Views of more than one status; all others are named by theirs.
STATUSES: dict[str, tuple[str, ...]] = {
    "inbox": tuple(ACTIVE),
    "unassigned": tuple(UNRESOLVED),
    "all": tuple(sorted(s for s, kind in lifecycle.KINDS.items() if kind != "hidden")),
}
# What is late is so now; of the past, stretches do not tell it.
VIEWS_OF_NOW = frozenset({"overdue"})
ENDED_VIEWS = frozenset({"closed", "spam", "deleted", "all"})


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket as a list shows it.

    customer  the name; the first address of somebody who never told one
    """

    id: int
    code: str
    subject: str
    status: str
    priority: int
    channel: str
    step: int
    department_id: int
    department: str
    assignee_id: int | None
    assignee: str | None
    customer_id: int | None
    customer: str | None
    company: str | None
    preview: str | None
    last_kind: str | None
    created_at: datetime
    last_activity_at: datetime
    wrote_after_close: bool
    due_at: datetime | None
    warns_at: datetime | None

    @property
    def status_label(self) -> str:
        """The status as a word, in the reader's language."""
        return str(Ticket.Status(self.status).label)

    def urgency(self, now: datetime) -> str:
        """Return how near the due time is at `now`, as urgency_of says it."""
        return urgency_of(self.due_at, self.warns_at, now)


def urgency_of(due_at: datetime | None, warns_at: datetime | None, now: datetime) -> str:
    """Return calm, soon or overdue; "" where nothing is due.

    warns_at  from when on it is soon; None once that was said
    """
    if due_at is None:
        return ""
    if due_at <= now:
        return "overdue"
    return "soon" if warns_at is None or warns_at <= now else "calm"


@dataclass(frozen=True, slots=True)
class ListPage:
    """Some rows of a list, and the cursor that leads to those after them; None at the end."""

    rows: tuple[Row, ...]
    next: str | None


class HasId(Protocol):
    """A row of a list: its number, beside the instant that it is ordered by."""

    @property
    def id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Order:
    """An order of a list by one instant and the number, newest or oldest first."""

    column: str
    newest_first: bool = True

    def apply(self, things: QuerySet[M]) -> QuerySet[M]:
        """Return `things` in this order."""
        sign = "-" if self.newest_first else ""
        return things.order_by(f"{sign}{self.column}", f"{sign}id")

    def after(self, things: QuerySet[M], cursor: str) -> QuerySet[M]:
        """Return those of `things` that come after the row that `cursor` names.  Raises BadInput."""
        at, number = self.position(cursor)
        way = "lt" if self.newest_first else "gt"
        beyond = {f"{self.column}__{way}": at}
        # The bound on the column alone lets the index be entered at the right place.
        return things.filter(**{f"{self.column}__{way}e": at}).filter(
            Q(**beyond) | Q(**{self.column: at, f"id__{way}": number})
        )

    def position(self, cursor: str) -> tuple[datetime, int]:
        """Return the instant and the number of the row that `cursor` names.  Raises BadInput."""
        try:
            column, at, number = signing.loads(cursor, salt="list")
        except (signing.BadSignature, ValueError) as error:
            raise BadInput("after", _("This cursor is not one that a list gave.")) from error
        if column != self.column:
            raise BadInput("after", _("This cursor belongs to another order of the list."))
        return datetime.fromisoformat(at), number

    def cursor(self, row: HasId) -> str:
        """Return the cursor that leads on from `row`."""
        at: datetime = getattr(row, self.column)
        return signing.dumps([self.column, at.isoformat(), row.id], salt="list")


BY_ACTIVITY = Order("last_activity_at")
BY_DUE = Order("due_at", newest_first=False)


def ticket_for(actor: Actor, code: str) -> Ticket:
    """Return the ticket of this code, however it is typed; old and foreign codes lead on.

    Raises NoSuchTicket when there is none or the actor may not see it.
    """
    known = codes.normal(code) or code.strip()
    for find in (_by_code, _by_alias):
        for ticket in find(known):
            if access.sees(actor, ticket):
                return ticket
    raise NoSuchTicket(ticket=code)


def _whole(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    return tickets.select_related("subject", "department", "assignee", "customer__company")


_by_code = Prepared(lambda code: _whole(Ticket.objects.filter(code=code)))
_by_alias = Prepared(lambda code: _whole(Ticket.objects.filter(aliases__code=code)))


def ticket_of_act(actor: Actor, code: str, step: int) -> Ticket:
    """Return the ticket of this code for who wants to take back what they did there with the entry `step`.

    One's own act is found out of one's sight too: a transfer to the wrong department is taken back.
    Raises NoSuchTicket.
    """
    try:
        return ticket_for(actor, code)
    except NoSuchTicket:
        known = Ticket.objects.filter(code=codes.normal(code), purged_at=None)
        own = known.filter(
            entries__step=step, entries__by_kind=actor.kind, entries__by_id=actor.id
        ).first()
        if own is None:
            raise
        return own


def survivor_id(ticket_id: int) -> int:
    """Return the number of the ticket that this one was merged into, or its own; pointers are followed to the end."""
    while True:
        into = Ticket.objects.filter(pk=ticket_id).values_list("merged_into_id", flat=True).first()
        if into is None:
            return ticket_id
        ticket_id = into


def survivors(ticket_ids: Iterable[int]) -> set[int]:
    """Return the tickets that these were merged into in the end, or themselves; one query a level."""
    found, level = set[int](), set(ticket_ids)
    while level:
        rows = Ticket.objects.filter(pk__in=level).values_list("pk", "merged_into")
        into = dict(rows)
        found |= {pk for pk in level if into.get(pk) is None}
        level = {above for above in into.values() if above is not None}
    return found


def with_parts(*ticket_ids: int) -> set[int]:
    """Return the numbers of these tickets and of all that were merged into them, however deep; one query a level."""
    found, level = set(ticket_ids), set(ticket_ids)
    while level:
        deeper = Ticket.objects.filter(merged_into__in=level).values_list("pk", flat=True)
        level = set(deeper) - found
        found |= level
    return found


def numbers_of(ticket: Ticket) -> set[int]:
    """Return the same of a ticket that is at hand; nothing is asked where nothing was merged into it."""
    return {ticket.pk} | with_parts(*ticket.extra.get("sources", ()))


class Parts(Func):
    """The numbers of all tickets that were merged into one, however deep, for `__in` in a query about that one.

    It reads nothing but the index of what was merged, so a ticket without parts costs next to nothing.
    """

    template = (
        "(WITH RECURSIVE part(id) AS ("
        "SELECT near.id FROM tickets_ticket near WHERE near.merged_into_id = %(expressions)s "
        "UNION SELECT deeper.id FROM tickets_ticket deeper JOIN part ON deeper.merged_into_id = part.id"
        ") SELECT id FROM part)"
    )
    output_field = BigIntegerField()


def view(actor: Actor, name: str, department_id: int | None = None) -> QuerySet[Ticket]:
    """Return the tickets of one of VIEWS that `actor` may see.  Raises BadInput for an unknown view."""
    require_view(name)
    condition = standing(actor, name)
    if name == "mine":
        condition |= Q(assignee_id=actor.id, wrote_after_close=True)
    things = access.visible(actor, Ticket.objects.filter(merged_into=None)).filter(condition)
    return things if department_id is None else things.filter(department_id=department_id)


def require_view(name: str) -> None:
    """Raise BadInput for a view that there is not."""
    if name not in VIEWS:
        raise BadInput("view", _("There is no view {view}."), view=name)


def limited(limit: int) -> int:
    """Return how many rows a page has when `limit` are asked for."""
    return max(1, min(limit, MOST_ROWS))


def page(
    things: QuerySet[Ticket],
    *,
    order: Order = BY_ACTIVITY,
    after: str | None = None,
    limit: int = 50,
) -> ListPage:
    """Return at most `limit` rows of `things`, those after the cursor `after`; one query."""
    limit = limited(limit)
    if after:
        things = order.after(things, after)
    return _cut(_in_rows(order.apply(things))[: limit + 1], order, limit)


def due_cursor(row: Row) -> str:
    """Return the cursor that leads on from `row` where what is due stands first."""
    return (BY_ACTIVITY if row.due_at is None else BY_DUE).cursor(row)


def _is_by_due(cursor: str) -> bool:
    try:
        BY_DUE.position(cursor)
    except BadInput:
        BY_ACTIVITY.position(cursor)
        return False
    return True


def inbox_by_due(
    actor: Actor,
    name: str,
    *,
    department_id: int | None = None,
    after: str | None = None,
    limit: int = 50,
) -> ListPage:
    """Return a page of one of VIEWS for an agent: what is due, the most urgent first, then all else by activity.

    Two queries for each of the two.  Raises BadInput.
    """
    require_view(name)
    limit = limited(limit)
    rows: tuple[Row, ...] = ()
    if not after or _is_by_due(after):
        place = _due_of(actor, name, department_id)
        position = BY_DUE.position(after) if after else None
        found = strands.most_urgent(access.sight_of(actor), place, limit + 1, position)
        rows, after = tuple(Row(*values) for values in _due_rows_of(found)), None
    if len(rows) <= limit and name not in VIEWS_OF_NOW:
        more = limit + 1 - len(rows)
        rows += inbox(
            actor, name, department_id=department_id, after=after, limit=more, undue=True
        ).rows
    if len(rows) <= limit:
        return ListPage(rows, None)
    return ListPage(rows[:limit], due_cursor(rows[limit - 1]))


_due_rows_of = Prepared(
    lambda numbers: _in_rows(BY_DUE.apply(Ticket.objects.filter(pk__in=numbers)))
)


def _due_of(actor: Actor, name: str, department_id: int | None) -> strands.Place:
    """Return what narrows a view to what is due in it: only who waits is due."""
    waits = STATUSES.get(name, ACTIVE if name in {*OWNED, *VIEWS_OF_NOW} else (name,))
    place = strands.due_within(
        waits,
        department_id,
        actor.id if name == "mine" else None,
        nobodys=name == "unassigned",
    )
    if name == "overdue":
        now: Any = connection.ops.adapt_datetimefield_value(clock.now())
        return place.narrowed("due_at <= %s", now)
    return place


def _in_rows(things: QuerySet[Ticket]) -> QuerySet[Ticket, tuple[Any, ...]]:
    return things.annotate(customer_shown=CUSTOMER).values_list(*ROW_FIELDS.values())


def _cut(found: Iterable[tuple[Any, ...]], order: Order, limit: int) -> ListPage:
    rows = tuple(Row(*values) for values in found)
    if len(rows) <= limit:
        return ListPage(rows, None)
    return ListPage(rows[:limit], order.cursor(rows[limit - 1]))


def inbox(
    actor: Actor,
    name: str,
    *,
    department_id: int | None = None,
    after: str | None = None,
    limit: int = 50,
    undue: bool = False,
) -> ListPage:
    """Return a page of one of VIEWS, latest activity first; two queries.  Raises BadInput.

    undue  only what is not due
    """
    limit = limited(limit)
    cut = strands_of(actor, name, department_id)
    if cut is None or len(cut) > strands.MOST:
        things = view(actor, name, department_id)
        return page(things.filter(due_at=None) if undue else things, after=after, limit=limit)
    if undue:
        cut = tuple((place.narrowed("due_at IS NULL"), status) for place, status in cut)
    found = strands.newest(cut, limit + 1, BY_ACTIVITY.position(after) if after else None)
    return _cut(_rows_of(found), BY_ACTIVITY, limit)


_rows_of = Prepared(
    lambda numbers: _in_rows(BY_ACTIVITY.apply(Ticket.objects.filter(pk__in=numbers)))
)


def strands_of(
    actor: Actor, name: str, department_id: int | None
) -> tuple[strands.Strand, ...] | None:
    """Return what `view` selects, as strands; None where it cannot be told so."""
    require_view(name)
    if not actor.is_agent or name in VIEWS_OF_NOW:
        return None
    sight = access.sight_of(actor)
    match name:
        case "mine":
            places = strands.of_assignee(sight, actor.id or 0, department_id)
            thanked = (place.narrowed("wrote_after_close") for place in places)
            return strands.crossed(places, UNRESOLVED) + strands.crossed(thanked, ["closed"])
        case "unassigned":
            places = strands.of_nobody(sight, department_id)
        case _:
            places = strands.of_sight(sight, department_id)
    return strands.crossed(places, STATUSES.get(name, (name,)))


def rows_of(actor: Actor, ticket_codes: list[str]) -> tuple[Row, ...]:
    """Return the rows of these codes that `actor` may see, for lists that replace what is on screen."""
    things = access.visible(actor, Ticket.objects.filter(code__in=ticket_codes[:MOST_ROWS]))
    return page(things, limit=MOST_ROWS).rows


def rows_by_number(numbers: list[int]) -> dict[int, Row]:
    """Return the rows of tickets that their reader may see, by number; one query."""
    return {row.id: row for row in (Row(*values) for values in _rows_of(numbers))}


@dataclass(frozen=True, slots=True)
class Counters:
    """How many tickets each view and each department holds that still want something.

    views        name → number; ended views are not counted
    departments  number of the department → its active tickets
    """

    views: dict[str, int]
    departments: dict[int, int]


def counters(actor: Actor) -> Counters:
    """Count the active tickets that `actor`, an agent, may see; one query, whatever there is to count."""
    sight = access.sight_of(actor)
    views = dict.fromkeys((name for name in VIEWS if name not in ENDED_VIEWS), 0)
    departments: dict[int, int] = {}
    for one in counting.groups():
        if not sight.covers(one.department_id, one.assignee_id):
            continue
        _count(views, actor, one.status, one.assignee_id, one.count)
        views["overdue"] += one.overdue
        if lifecycle.kind_of(one.status) == "active":
            departments[one.department_id] = departments.get(one.department_id, 0) + one.count
    return Counters(views, departments)


def _count(
    views: dict[str, int], actor: Actor, status: str, assignee_id: int | None, count: int
) -> None:
    views["inbox"] += count
    if status in views:
        views[status] += count
    if assignee_id is None and status != "resolved":
        views["unassigned"] += count
    if assignee_id is not None and assignee_id == actor.id and status != "resolved":
        views["mine"] += count


def standing(actor: Actor, name: str) -> Q:
    """Return where tickets of a view stand: by status and assignee, which tickets and stretches both have."""
    unresolved = [status for status in ACTIVE if status != "resolved"]
    match name:
        case "inbox":
            return Q(status__in=ACTIVE)
        case "mine":
            return Q(assignee_id=actor.id, status__in=unresolved)
        case "unassigned":
            return Q(assignee_id=None, status__in=unresolved)
        case "overdue":
            return Q(due_at__lte=clock.now())
        case "all":
            return ~Q(status__in=("spam", "deleted"))
        case _:
            return Q(status=name)

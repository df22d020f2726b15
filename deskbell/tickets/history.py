"""The time machine: a ticket, and any queue, as it stood at a past moment.

A ticket is replayed; queues read stretches, for replaying a million tickets takes half a minute.  Rights are those of
today: nobody sees by going back what they may not see now.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Exists, F, Max, OuterRef, Q, Subquery, When
from django.utils.translation import gettext_lazy as _

from deskbell import access
from deskbell.errors import BadInput, NoSuchTicket
from deskbell.people.models import Address
from deskbell.tickets.models import Entry, Message, Stretch, Ticket
from deskbell.tickets.queries import (
    ROW_FIELDS,
    VIEWS_OF_NOW,
    ListPage,
    Order,
    Row,
    limited,
    require_view,
    standing,
)
from deskbell.tickets.replay import fold, replay

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from deskbell.people.actors import Actor
    from deskbell.tickets.state import TicketState

# What a row takes from the stretch; all else is the ticket's own.
OF_THEN = frozenset(
    {"status", "priority", "department_id", "department", "assignee_id", "assignee"}
)
FIELDS = {
    name: path if name in OF_THEN else f"ticket__{path}"
    for name, path in ROW_FIELDS.items()
    if name != "customer"
} | {"customer": "customer_shown"}
FIRST_ADDRESS = Address.objects.filter(customer=OuterRef("ticket__customer")).order_by("id")
CUSTOMER = Case(
    When(ticket__customer__name="", then=Subquery(FIRST_ADDRESS.values("value")[:1])),
    default=F("ticket__customer__name"),
)
# The tickets that came into their place last stand first.
BY_SINCE = Order("since")


@dataclass(frozen=True, slots=True)
class _Place:
    """What a cursor over stretches keeps."""

    id: int
    since: datetime


def state_at(ticket: Ticket, at: datetime) -> TicketState:
    """Return the ticket as it stood at the moment `at`.  Raises NoSuchTicket when it had not begun by then."""
    state = replay(ticket, at)
    if not state.step:
        raise NoSuchTicket(ticket=ticket.code)
    return state


def states_at(ticket_ids: Collection[int], at: datetime) -> dict[int, TicketState]:
    """Return tickets by number as they stood at the moment `at`, those that had begun by then; one query."""
    entries = Entry.objects.filter(ticket__in=ticket_ids, at__lte=at).order_by("ticket_id", "step")
    each = groupby(entries, key=lambda entry: entry.ticket_id)
    return {number: fold(of_one) for number, of_one in each}


def state_after(ticket: Ticket, step: int) -> TicketState:
    """Return the ticket as its entries up to `step` tell it: several may have come at one moment."""
    return fold(Entry.objects.filter(ticket=ticket, step__lte=step).order_by("step"))


def stretches(actor: Actor, at: datetime) -> QuerySet[Stretch]:
    """Return the stretches that lasted at the moment `at`, of tickets that `actor` may see today."""
    seen = access.visible(actor, Ticket.objects.filter(pk=OuterRef("ticket")))
    lasted = Q(till__gt=at) | Q(till=None)
    return Stretch.objects.filter(lasted, Exists(seen), since__lte=at)


def queue(
    actor: Actor,
    name: str,
    at: datetime,
    *,
    department_id: int | None = None,
    after: str | None = None,
    limit: int = 50,
) -> ListPage:
    """Return a page of one of queries.VIEWS as it stood at the moment `at`.  Raises BadInput."""
    require_view(name)
    if name in VIEWS_OF_NOW:
        raise BadInput("view", _("The view {view} has no past."), view=name)
    found = stretches(actor, at).filter(standing(actor, name))
    if department_id is not None:
        found = found.filter(department_id=department_id)
    return page(found, at, after=after, limit=limit)


def page(
    found: QuerySet[Stretch], at: datetime, *, after: str | None = None, limit: int = 50
) -> ListPage:
    """Return at most `limit` rows of `found`, as they stood at `at`; three queries.  Raises BadInput."""
    limit = limited(limit)
    if after:
        found = BY_SINCE.after(found, after)
    shown = BY_SINCE.apply(found).annotate(customer_shown=CUSTOMER)
    rows = list(shown.values_list("id", "since", *FIELDS.values())[: limit + 1])
    places = [_Place(*row[:2]) for row in rows]
    told = [dict(zip(FIELDS, row[2:], strict=True)) for row in rows[:limit]]
    _as_of(told, at)
    following = BY_SINCE.cursor(places[limit - 1]) if len(rows) > limit else None
    return ListPage(tuple(Row(**one) for one in told), following)


def _as_of(told: list[dict[str, Any]], at: datetime) -> None:
    """Put into the rows what was said and done last by then."""
    numbers = [one["id"] for one in told]
    before = Entry.objects.filter(ticket__in=numbers, at__lte=at)
    stirred = dict(
        before.values_list("ticket").annotate(last=Max("at")).values_list("ticket", "last")
    )
    said = Message.objects.filter(ticket__in=numbers, received_at__lte=at)
    newest = said.values("ticket").annotate(newest=Max("id")).values("newest")
    words = {
        ticket: (preview, kind)
        for ticket, preview, kind in Message.objects.filter(pk__in=newest).values_list(
            "ticket_id", "preview", "kind"
        )
    }
    for one in told:
        one["last_activity_at"] = stirred.get(one["id"], one["created_at"])
        one["preview"], one["last_kind"] = words.get(one["id"], ("", None))
        one["wrote_after_close"] = False
        one["due_at"] = one["warns_at"] = None  # what is due is due now

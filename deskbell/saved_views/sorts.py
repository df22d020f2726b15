"""The orders that the list of a saved view may have, each paged by keyset.

An order is a few segments, one after the other: what is due before what is not, urgent before high.  Each segment is
an Order over one column and the number, read off an index (t_activity, t_created, t_due); nothing sorts in memory
beyond what the query itself leaves.  A page costs at most one query for each segment: one, two, or eight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deskbell.errors import BadInput
from deskbell.tickets import queries
from deskbell.tickets.models import Ticket
from deskbell.tickets.queries import BY_ACTIVITY, BY_DUE, ListPage, Order, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet
    from django.utils.functional import Promise

R = TypeVar("R", Row, Ticket)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a list that is ordered by one column."""

    condition: Q
    order: Order


def _due_first(condition: Q) -> tuple[Segment, ...]:
    return (
        Segment(condition & Q(due_at__isnull=False), BY_DUE),
        Segment(condition & Q(due_at=None), BY_ACTIVITY),
    )


DEFAULT = "-activity"
SORTS: dict[str, tuple[Segment, ...]] = {
    "-activity": (Segment(Q(), BY_ACTIVITY),),
    "activity": (Segment(Q(), Order("last_activity_at", newest_first=False)),),
    "-created": (Segment(Q(), Order("created_at")),),
    "created": (Segment(Q(), Order("created_at", newest_first=False)),),
    "due": _due_first(Q()),
    "importance": tuple(
        segment
        for priority in reversed(Ticket.PRIORITIES)
        for segment in _due_first(Q(priority=priority))
    ),
}
WORDS: dict[str, str | Promise] = {
    "-activity": _("Latest activity first"),
    "activity": _("Oldest activity first"),
    "-created": _("Newest first"),
    "created": _("Oldest first"),
    "due": _("Due first"),
    "importance": _("By priority, then what is due"),
}


def page(things: QuerySet[Ticket], sort: str, after: str = "", limit: int = 50) -> ListPage:
    """Return at most `limit` rows of `things` in the order `sort`, those after the cursor `after`.

    Raises BadInput for a cursor that this order did not give.
    """

    def piece(one: Segment, cursor: str | None, most: int) -> tuple[Sequence[Row], str | None]:
        found = queries.page(
            things.filter(one.condition), order=one.order, after=cursor, limit=most
        )
        return found.rows, found.next

    rows, more = _walk(SORTS[sort], after, limit, piece)
    return ListPage(tuple(rows), more)


def tickets(
    things: QuerySet[Ticket], sort: str, after: str = "", limit: int = 50
) -> tuple[list[Ticket], str | None]:
    """Return the same as page(), as tickets with what `things` read along, and the cursor to those after them."""

    def piece(one: Segment, cursor: str | None, most: int) -> tuple[Sequence[Ticket], str | None]:
        found = things.filter(one.condition)
        found = one.order.apply(one.order.after(found, cursor) if cursor else found)
        rows = list(found[: most + 1])
        return rows[:most], one.order.cursor(rows[most - 1]) if len(rows) > most else None

    return _walk(SORTS[sort], after, limit, piece)


def _walk(
    segments: tuple[Segment, ...],
    after: str,
    limit: int,
    piece: Callable[[Segment, str | None, int], tuple[Sequence[R], str | None]],
) -> tuple[list[R], str | None]:
    """Take rows from one segment after the other, and return them with the cursor to those after them.

    piece  gives at most so many rows of a segment, those after a cursor of its order, and the next cursor
    """
    limit = queries.limited(limit)
    at, cursor = _position(segments, after)
    rows: list[R] = []
    for number in range(at, len(segments)):
        found, more = piece(segments[number], cursor, limit - len(rows))
        rows += found
        cursor = None
        if more:
            return rows, f"{number}.{more}"
        if len(rows) == limit and number + 1 < len(segments):
            # Whether more follows is seen when it is asked for.
            return rows, f"{number + 1}."
    return rows, None


def _position(segments: tuple[Segment, ...], after: str) -> tuple[int, str | None]:
    if not after:
        return 0, None
    number, _dot, cursor = after.partition(".")
    if not (number.isascii() and number.isdecimal() and len(number) == 1):
        raise BadInput("after", _("This cursor is not one that a list gave."))
    if int(number) >= len(segments):
        raise BadInput("after", _("This cursor belongs to another order of the list."))
    return int(number), cursor or None

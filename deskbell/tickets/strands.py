"""Cuts a page of a view out of the indexes.  Called by queries.inbox alone.

What an agent sees is "in these departments, or mine", in several statuses: no index holds that in order, so a database
sorts all of it or walks past all else, the more the longer the desk has been there.  But each status of each place is a
strand that its own index holds in order.  Every strand is read from its newest end as far as one page reaches, and
the ends are merged: a page costs strands times rows, however many tickets there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from django.db import connection

from deskbell.database.prepared import prepared_cursor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from deskbell.access import Sight

# SQLite joins 500 selects at most, and beyond some dozens of strands other ways are quicker.
MOST = 200

Value = int | str


@dataclass(frozen=True, slots=True)
class Place:
    """What the tickets of a strand have in common beside their status; `where` is SQL, its values stand apart."""

    where: str = ""
    values: tuple[Value, ...] = ()

    def narrowed(self, where: str, *values: Value) -> Place:
        """Return the part of this place where also `where` holds."""
        return Place(f"{self.where} AND {where}", (*self.values, *values))


# A status in a place.
Strand = tuple[Place, str]


def crossed(places: Iterable[Place], statuses: Iterable[str]) -> tuple[Strand, ...]:
    """Return the strands of every status in every place."""
    return tuple(product(places, statuses))


def newest(strands: Sequence[Strand], limit: int, after: tuple[datetime, int] | None) -> list[int]:
    """Return the numbers of at most `limit` tickets of `strands`, latest activity first; one query.

    after  the activity and the number of the ticket before them
    """
    if not strands:
        return []
    beyond, since = _beyond(after)
    selects = (
        _SELECT.format(place=place.where, beyond=beyond, limit=limit) for place, _status in strands
    )
    # Every value is a parameter; what is joined here are this module's own words.  UNION leaves out what was found
    # twice, one's own in one's own department: to look for what lies outside would mean to walk past all the rest.
    union = " UNION ".join(f"SELECT * FROM ({one}) AS strand" for one in selects)  # noqa: S608
    values: list[Any] = [
        value for place, status in strands for value in (status, *place.values, *since)
    ]
    with prepared_cursor() as cursor:
        cursor.execute(f"{union} ORDER BY 2 DESC, 1 DESC LIMIT {limit}", values)
        return [number for number, _at in cursor.fetchall()]


def most_urgent(
    sight: Sight, within: Place, limit: int, after: tuple[datetime, int] | None
) -> list[int]:
    """Return the numbers of at most `limit` tickets that are due, the most urgent first; one query.

    within  what narrows them, beside what somebody sees
    after   the due time and the number of the ticket before them

    Few tickets are due, and one index holds them all in order: it is walked, and what is out of sight passed by.
    """
    seen = _seen(sight)
    beyond, since = _due_after(after)
    query = _DUE.format(place=seen.where + within.where, beyond=beyond, limit=limit)
    with prepared_cursor() as cursor:
        cursor.execute(query, [*seen.values, *within.values, *since])
        return [number for (number,) in cursor.fetchall()]


def of_sight(sight: Sight, department_id: int | None) -> tuple[Place, ...]:
    """Return the places that somebody sees, in one department or in all of them."""
    if sight.everywhere:
        return (Place() if department_id is None else _department(department_id),)
    if department_id is not None:
        if department_id in sight.departments:
            return (_department(department_id),)
        return tuple(_in(own, [department_id]) for own in _own(sight))
    return (*(_department(number) for number in sorted(sight.departments)), *_own(sight))


def of_assignee(sight: Sight, agent_id: int, department_id: int | None) -> tuple[Place, ...]:
    """Return what is somebody's own, which they see wherever it lies, if they see anything."""
    if not sight.everywhere and sight.own is None:
        return ()
    mine = Place().narrowed("assignee_id = %s", agent_id)
    return (mine if department_id is None else _in(mine, [department_id]),)


def of_nobody(sight: Sight, department_id: int | None) -> tuple[Place, ...]:
    """Return what nobody is responsible for, where somebody sees it."""
    nobodys = Place().narrowed("assignee_id IS NULL")
    if department_id is not None:
        seen = sight.everywhere or department_id in sight.departments
        return (_in(nobodys, [department_id]),) if seen else ()
    if sight.everywhere:
        return (nobodys,)
    return (_in(nobodys, sorted(sight.departments)),) if sight.departments else ()


# What hides a ticket from every list: it is a part of another, or was purged.  The status is not given bare: SQLite
# would look at the value, find an index that holds nothing else, and sort the strand although it uses another.
_SELECT = (
    "SELECT id, last_activity_at FROM tickets_ticket"
    " WHERE status = %s || '' AND merged_into_id IS NULL AND purged_at IS NULL{place}{beyond}"
    " ORDER BY last_activity_at DESC, id DESC LIMIT {limit}"
)


def _beyond(after: tuple[datetime, int] | None) -> tuple[str, tuple[Any, ...]]:
    if after is None:
        return "", ()
    at = connection.ops.adapt_datetimefield_value(after[0])
    # The bound on the first column alone lets the index be entered at the right place.
    where = " AND last_activity_at <= %s AND (last_activity_at < %s OR id < %s)"
    return where, (at, at, after[1])


# The plus signs keep SQLite from taking the indexes of these columns, whose finds it would have to sort.
_DUE = (
    "SELECT id FROM tickets_ticket"
    " WHERE due_at IS NOT NULL AND purged_at IS NULL{place}{beyond}"
    " ORDER BY due_at, id LIMIT {limit}"
)


def due_within(
    statuses: Collection[str], department_id: int | None, assignee_id: int | None, *, nobodys: bool
) -> Place:
    """Return what narrows a list of what is due; None asks nothing."""
    marks = ", ".join(["%s"] * len(statuses))
    place = Place().narrowed(f"status || '' IN ({marks})", *statuses)
    if department_id is not None:
        place = place.narrowed("+department_id = %s", department_id)
    if assignee_id is not None:
        place = place.narrowed("+assignee_id = %s", assignee_id)
    return place.narrowed("+assignee_id IS NULL") if nobodys else place


def _seen(sight: Sight) -> Place:
    if sight.everywhere:
        return Place()
    departments = sorted(sight.departments) or [0]
    marks = ", ".join(["%s"] * len(departments))
    where = f"(+department_id IN ({marks}) OR +assignee_id = %s)"
    return Place().narrowed(where, *departments, sight.own or 0)


def _due_after(after: tuple[datetime, int] | None) -> tuple[str, tuple[Any, ...]]:
    if after is None:
        return "", ()
    at = connection.ops.adapt_datetimefield_value(after[0])
    return " AND due_at >= %s AND (due_at > %s OR id > %s)", (at, at, after[1])


def _department(number: int) -> Place:
    return Place().narrowed("department_id = %s", number)


def _own(sight: Sight) -> Iterator[Place]:
    if sight.own is not None:
        yield Place().narrowed("assignee_id = %s", sight.own)


def _in(place: Place, departments: Collection[int]) -> Place:
    marks = ", ".join(["%s"] * len(departments))
    # The plus keeps both databases from reading these departments whole and sorting them: the place has the index.
    return place.narrowed(f"+department_id IN ({marks})", *departments)

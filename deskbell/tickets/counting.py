"""Counts the active tickets of the desk, once for all who look at the numbers until something happens.

Every page shows them, and counting anew takes as long as there are tickets.  They are kept in this process, beside a
mark of the last entry they hold: a look at the mark is one query, and a count is never older than the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, Min, Q

from deskbell import clock
from deskbell.database.prepared import Prepared, prepared_cursor
from deskbell.tickets.models import Entry, Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_AS_OF = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
_SINCE = """
SELECT (SELECT max(id) FROM tickets_entry), (SELECT count(*) FROM tickets_entry WHERE tx >= %s::xid8)
"""


@dataclass(frozen=True, slots=True)
class Group:
    """So many active tickets in one status of one department, with one assignee or nobody.

    overdue  how many of them should have been answered by now
    """

    status: str
    department_id: int
    assignee_id: int | None
    count: int
    overdue: int


@dataclass(frozen=True, slots=True)
class _Counted:
    groups: tuple[Group, ...]
    good_until: datetime | None  # when the next ticket becomes overdue; None: none does
    is_current: Callable[[], bool]


_lock = Lock()
_kept: list[_Counted] = []


def groups() -> tuple[Group, ...]:
    """Return how many active tickets there are, as of now; one query while nothing happens."""
    if connection.in_atomic_block:
        return _count()[0]  # what this transaction did may never have happened
    with _lock:  # a thousand pages ask at the same moment, and one counts
        if not (_kept and _is_timely(_kept[0]) and _kept[0].is_current()):
            # The mark first: what happens in between is counted, and counted once more.
            is_current = mark()
            _kept[:] = [_Counted(*_count(), is_current)]
        return _kept[0].groups


def _is_timely(counted: _Counted) -> bool:
    return counted.good_until is None or clock.now() < counted.good_until


def _count() -> tuple[tuple[Group, ...], datetime | None]:
    """Return the groups, and when the next ticket becomes overdue."""
    # Nothing closed or hidden is active (invariant 3 of the lifecycle); said so, it is read off the index t_counted.
    active = Ticket.objects.filter(closed_at=None, hidden_at=None, merged_into=None, purged_at=None)
    rows = active.order_by().values_list("status", "department_id", "assignee_id")
    now = clock.now()
    counted = rows.annotate(
        count=Count("id"),
        overdue=Count("id", filter=Q(due_at__lte=now)),
        next=Min("due_at", filter=Q(due_at__gt=now)),
    )
    found: list[Group] = []
    coming: list[datetime] = []
    for *group, due in counted:
        found.append(Group(*group))
        if due is not None:
            coming.append(due)
    return tuple(found), min(coming, default=None)


def mark() -> Callable[[], bool]:
    """Return what tells, by one query each time, whether nothing has happened on the desk since this call."""
    return _mark_on_postgres() if connection.vendor == "postgresql" else _mark()


def _mark() -> Callable[[], bool]:
    """SQLite has one writer: whatever happened since has a higher number."""
    newest = _newest()
    return lambda: newest == _newest()


_newest = Prepared(lambda: Entry.objects.order_by("-id").values_list("id", flat=True)[:1])


def _mark_on_postgres() -> Callable[[], bool]:
    """Entries may become visible after later ones; those of transactions that were still open are counted again."""
    with connection.cursor() as cursor:
        cursor.execute(_AS_OF)
        as_of = str(cursor.fetchone()[0])

    def since() -> tuple[int | None, int]:
        with prepared_cursor() as cursor:
            cursor.execute(_SINCE, [as_of])
            newest, number = cursor.fetchone()
            return newest, number

    seen = since()
    return lambda: seen == since()

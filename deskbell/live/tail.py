"""What is new in the timelines and among the notices, told once to this process, in an order that keeps each
ticket's steps.

SQLite has one writer, so ids after the last one seen are all there is.  On PostgreSQL an entry may become visible
after a later one: the tail reads again from the oldest transaction that was still open, and skips what it has told.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from deskbell import clock
from deskbell.database.prepared import prepared_cursor
from deskbell.notices.models import Notice
from deskbell.tickets.models import Entry, Ticket

Row = tuple[int, int, int, dict[str, Any]]  # id, ticket, step, what it overwrote
Fresh = tuple[int, int]  # the number of a notice, and its agent's

# A desk that is started anew is back before this is over.
LATELY = timedelta(minutes=1)

_READ_POSTGRES = """
SELECT id, ticket_id, step, before::text, tx::text::bigint FROM tickets_entry WHERE tx >= %s::xid8 ORDER BY id
"""
_READ_NOTICES_POSTGRES = """
SELECT id, agent_id, tx::text::bigint FROM notices_notice WHERE tx >= %s::xid8 ORDER BY id
"""


@dataclass(frozen=True)
class Place:
    """Where a ticket lies and whose it is, as far as rights ask."""

    department_id: int
    assignee_id: int | None
    customer_id: int


@dataclass(frozen=True)
class Change:
    """One ticket that has moved on to `step`.

    places   where it is, and where it was before: whoever saw it there must hear that it went
    """

    code: str
    step: int
    places: frozenset[Place]


class Tail:
    """Begins at the present; `news` is for one thread at a time."""

    def __init__(self) -> None:
        self._reader = _PostgresReader() if connection.vendor == "postgresql" else _SqliteReader()

    def news(self) -> list[Change]:
        """Return the tickets that have moved on since the last call, each once."""
        return _changes(self._reader.rows())


class NoticeTail:
    """Begins at the present; `news` is for one thread at a time."""

    def __init__(self) -> None:
        is_postgres = connection.vendor == "postgresql"
        self._reader = _PostgresNotices() if is_postgres else _SqliteNotices()

    def news(self) -> list[Fresh]:
        """Return the notices that were written since the last call, each once."""
        return self._reader.rows()


def lately(most: int) -> tuple[list[Change], timedelta]:
    """Return the tickets that moved on lately, and for how long that is all: what a page may have missed while
    nobody listened.

    most  entries to look at; on a desk where more happens in LATELY, the time is shorter
    """
    now = clock.now()
    newest = Entry.objects.order_by("-id").values_list("id", "ticket_id", "step", "before", "at")
    looked_at = list(newest[:most])
    rows = [row[:4] for row in reversed(looked_at) if row[4] > now - LATELY]
    if len(rows) < most:
        return _changes(rows), LATELY
    return _changes(rows), max(now - looked_at[-1][4], timedelta(0))


class _SqliteReader:
    def __init__(self) -> None:
        self._last = Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0

    def rows(self) -> list[Row]:
        new = Entry.objects.filter(id__gt=self._last).order_by("id")
        rows = list(new.values_list("id", "ticket_id", "step", "before"))
        if rows:
            self._last = rows[-1][0]
        return rows


class _SqliteNotices:
    def __init__(self) -> None:
        self._last = Notice.objects.order_by("-id").values_list("id", flat=True).first() or 0

    def rows(self) -> list[Fresh]:
        new = Notice.objects.filter(id__gt=self._last).order_by("id")
        rows = list(new.values_list("id", "agent_id"))
        if rows:
            self._last = rows[-1][0]
        return rows


class _Overtaken:
    """Rows of a table that knows the transaction of each (the last column), each row once.

    query  asks for those of a transaction and later ones
    """

    def __init__(self, query: str) -> None:
        self._query = query
        self._from = _oldest_open()
        self._told: set[int] = {row[0] for row in self._read()}

    def rows(self) -> list[tuple[Any, ...]]:
        """Return what has become visible since the last call, without the transactions."""
        # Asked first: whatever is still open now is read again next time.
        oldest_open = _oldest_open()
        rows = self._read()
        new = [row[:-1] for row in rows if row[0] not in self._told]
        self._from = oldest_open
        # Remembered only while it could be read again.  So a long transaction, even of another database on the same
        # server, delays no page: waiting until nothing can be overtaken would.
        self._told = {row[0] for row in rows if row[-1] >= int(oldest_open)}
        return new

    def _read(self) -> list[tuple[Any, ...]]:
        with prepared_cursor() as cursor:
            cursor.execute(self._query, [self._from])
            return list(cursor.fetchall())


class _PostgresReader:
    def __init__(self) -> None:
        self._rows = _Overtaken(_READ_POSTGRES)

    def rows(self) -> list[Row]:
        return [(*row[:3], json.loads(row[3])) for row in self._rows.rows()]


class _PostgresNotices:
    def __init__(self) -> None:
        self._rows = _Overtaken(_READ_NOTICES_POSTGRES)

    def rows(self) -> list[Fresh]:
        return [(number, agent) for number, agent in self._rows.rows()]


def _oldest_open() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        return str(cursor.fetchone()[0])


def _changes(rows: Iterable[Row]) -> list[Change]:
    steps: dict[int, int] = {}
    befores: dict[int, list[dict[str, Any]]] = {}
    for _id, ticket_id, step, before in rows:
        steps[ticket_id] = max(step, steps.get(ticket_id, 0))
        befores.setdefault(ticket_id, []).append(before)
    found = Ticket.objects.filter(id__in=list(steps)).values_list(
        "id", "code", "department_id", "assignee_id", "customer_id"
    )
    return [
        Change(code, steps[ticket_id], _places(Place(*now), befores[ticket_id]))
        for ticket_id, code, *now in found
    ]


def _places(now: Place, befores: Iterable[dict[str, Any]]) -> frozenset[Place]:
    former = (
        Place(
            before.get("department_id", now.department_id),
            before.get("assignee_id", now.assignee_id),
            now.customer_id,
        )
        for before in befores
    )
    return frozenset((now, *former))

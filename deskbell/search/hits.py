"""Documents that say what is looked for, the newest first.

SQLite's full-text index is read from its end, as far as it takes.  PostgreSQL's tells all documents of a word or
none, in no order: it serves what stands in few, and of what stands in many the newest documents are walked.  Which
of the two holds, PostgreSQL guesses badly of a word that is not among its commonest; so it is tried out.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deskbell.search.looked_for import LookedFor

_ON_SQLITE = """
SELECT d.id, d.ticket_id, d.message_id, d.kind FROM search_words w
JOIN search_document d ON d.id = w.rowid
WHERE w.search_words MATCH %s AND w.rowid < %s ORDER BY w.rowid DESC LIMIT %s
"""
# IS TRUE keeps PostgreSQL from the index of the words, MATERIALIZED from any other.
_WALKED = """
SELECT id, ticket_id, message_id, kind FROM search_document
WHERE (words @@ %s::tsquery) IS TRUE AND id < %s AND id >= %s ORDER BY id DESC LIMIT %s
"""
_BY_WORDS = """
WITH said AS MATERIALIZED (
    SELECT id, ticket_id, message_id, kind FROM search_document WHERE words @@ %s::tsquery
)
SELECT * FROM said WHERE id < %s ORDER BY id DESC LIMIT %s
"""
END = 2**63 - 1
# So many documents tell how common a word is.
TRIED = 4000
# What the index takes for one document that it tells, in documents that are walked meanwhile; measured.
DEARER = 2.5


class Hit(NamedTuple):
    """A document that says it; of a ticket, and of a message unless it is the ticket's own."""

    id: int
    ticket_id: int
    message_id: int | None
    kind: str


def newest(either: Sequence[LookedFor], limit: int, before: int = END) -> list[Hit]:
    """Return at most `limit` documents that say one of these, with numbers below `before`, the newest first."""
    if connection.vendor == "postgresql":
        return _on_postgres(" | ".join(f"({one.for_postgres()})" for one in either), limit, before)
    query = " OR ".join(f"({one.for_sqlite()})" for one in either)
    return _asked(_ON_SQLITE, query, before, limit)


def _on_postgres(query: str, limit: int, before: int) -> list[Hit]:
    """Walk the newest; then on, or ask the index for the rest, whichever is the shorter way by what they showed.

    Walking finds `limit` documents among limit / share, the index tells share × all of them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM search_document")
        (end,) = cursor.fetchone()
    start = min(before, end)
    near = start - TRIED
    found = _asked(_WALKED, query, start, near, limit)
    wanted = limit - len(found)
    if wanted == 0 or near <= 0:
        return found
    share = len(found) / TRIED
    if share > sqrt(wanted / (DEARER * end)):
        return found + _asked(_WALKED, query, near, 0, wanted)
    return found + _asked(_BY_WORDS, query, near, wanted)


def _asked(sql: str, *values: str | int) -> list[Hit]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Hit(*row) for row in cursor.fetchall()]

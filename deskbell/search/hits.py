"""Documents that say what is looked for, the newest first: the index is read from its end, as far as it takes."""

from __future__ import annotations

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
_ON_POSTGRES = """
SELECT id, ticket_id, message_id, kind FROM search_document
WHERE words @@ %s::tsquery AND id < %s ORDER BY id DESC LIMIT %s
"""
END = 2**63 - 1


class Hit(NamedTuple):
    """A document that says it; of a ticket, and of a message unless it is the ticket's own."""

    id: int
    ticket_id: int
    message_id: int | None
    kind: str


def newest(either: Sequence[LookedFor], limit: int, before: int = END) -> list[Hit]:
    """Return at most `limit` documents that say one of these, with numbers below `before`, the newest first."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            query = " | ".join(f"({one.for_postgres()})" for one in either)
            cursor.execute(_ON_POSTGRES, [query, before, limit])
        else:
            query = " OR ".join(f"({one.for_sqlite()})" for one in either)
            cursor.execute(_ON_SQLITE, [query, before, limit])
        return [Hit(*row) for row in cursor.fetchall()]

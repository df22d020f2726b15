"""Finding a saved view for whoever asks for it at a page; pages, the rail and live rows share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from deskbell.errors import NotFound
from deskbell.saved_views import reading
from deskbell.saved_views.models import SavedView
from deskbell.tickets import tags
from deskbell.tickets.models import Ticket
from deskbell.tickets.queries import Row
from deskbell.web.desk.ticket_words import priority_words
from deskbell.web.visit import AgentRequest

# What the rows of a view show besides, by the number of a ticket: the part in keeping.EXTRAS, and what it shows.
Extras = dict[int, tuple[tuple[str, str | datetime], ...]]


def saved_view_of(request: AgentRequest, number: int | str) -> SavedView:
    """Return the saved view of this number.  Raises NotFound, and SomebodysOwn for a colleague's private one."""
    if not str(number).isascii() or not str(number).isdecimal():
        raise NotFound
    return reading.view_for(request.desk.views, request.standing, int(number))


def extras_of(view: SavedView | None, rows: Sequence[Row]) -> Extras:
    """Return what `rows` show besides; nothing for most views, one query where they show tags.

    A normal priority is not shown: most have it.
    """
    if view is None or not view.adds:
        return {}
    parts = view.added_parts
    tagged = tags.names_of([row.id for row in rows]) if "tags" in parts else {}
    words = priority_words()
    return {row.id: tuple(_pieces(row, parts, tagged.get(row.id, ()), words)) for row in rows}


def _pieces(
    row: Row, parts: Sequence[str], tagged: Sequence[str], words: Mapping[int, str]
) -> Iterator[tuple[str, str | datetime]]:
    for part in parts:
        if part == "priority" and row.priority != Ticket.NORMAL:
            yield part, words[row.priority]
        elif part == "company" and row.company:
            yield part, row.company
        elif part == "tags":
            yield from ((part, name) for name in tagged)
        elif part == "created":
            yield part, row.created_at

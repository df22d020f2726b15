"""The list that is on screen, as its address names it: a query, a saved view, or a view of the inbox.

What a list asks again says it in the same fields: the rows that are replaced, and "all that match" of a sweep.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from deskbell.errors import NotFound
from deskbell.search.tickets import find
from deskbell.tickets import queries
from deskbell.web.desk.rail import department_list, view_address
from deskbell.web.desk.saved import saved_view_of

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

    from deskbell.saved_views.models import SavedView
    from deskbell.tickets.models import Ticket
    from deskbell.web.visit import AgentRequest


@dataclass(frozen=True, slots=True)
class OnScreen:
    """A list.

    tickets  all of it, in no order
    query    how it would be typed
    address  where it stands
    saved    the saved view that it is, None for another list
    """

    tickets: QuerySet[Ticket]
    query: str
    address: str
    saved: SavedView | None = None


def on_screen(request: AgentRequest, asked: QueryDict) -> OnScreen:
    """Return the list that `saved`, `q`, or `view` and `department` name.

    Raises NotFound, SomebodysOwn for a colleague's view, BadQuery.
    """
    if saved := asked.get("saved", ""):
        view = saved_view_of(request, saved)
        address = reverse("saved_view", args=[view.pk])
        return OnScreen(find(request.by, view.query), view.query, address, view)
    if query := asked.get("q", ""):
        address = f"{reverse('find')}?{urlencode({'q': query})}"
        return OnScreen(find(request.by, query), query, address)
    name, department = view_asked(request, asked)
    names = {one.pk: one.name for one in department_list(request)}
    return OnScreen(
        queries.view(request.by, name, department),
        as_query(name, names.get(department or 0)),
        view_address(name, department),
    )


def view_asked(request: AgentRequest, asked: QueryDict) -> tuple[str, int | None]:
    """Return the view and the department that `asked` names.  Raises NotFound."""
    view = asked.get("view", "inbox")
    if view not in queries.VIEWS:
        raise NotFound
    number = asked.get("department", "")
    if not number:
        return view, None
    if number not in {str(one.pk) for one in department_list(request)}:
        raise NotFound
    return view, int(number)


# How each view would be typed; what is not here is a status.
TYPED = {
    "inbox": f"status:{','.join(queries.ACTIVE)}",
    "mine": f"assignee:me status:{','.join(queries.UNRESOLVED)}",
    "unassigned": f"assignee:none status:{','.join(queries.UNRESOLVED)}",
    "overdue": "is:overdue",
    "all": f"status:{','.join(queries.STATUSES['all'])}",
}


def as_query(view: str, department: str | None) -> str:
    """Return the query that finds what the view lists, for who wants to save it as one of their own."""
    query = TYPED.get(view, f"status:{view}")
    return f'{query} dept:"{department}"' if department else query

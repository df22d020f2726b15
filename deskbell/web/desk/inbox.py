"""The inbox: one list for all channels, and the rows that a page on screen asks for again."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from deskbell import clock
from deskbell.channels.mail.models import MailBox
from deskbell.saved_views import sorts
from deskbell.tickets import history, queries
from deskbell.web.desk import headings, moments, taking_back
from deskbell.web.desk.on_screen import as_query, on_screen, view_asked
from deskbell.web.desk.page import page
from deskbell.web.desk.rail import department_list, rail_for, view_address, view_words
from deskbell.web.desk.saved import extras_of
from deskbell.web.visit import AgentRequest, for_agents
from deskbell.web.words import iso


@require_GET
@for_agents
def inbox(request: AgentRequest) -> HttpResponse:
    """Show one view, latest activity first; `after` leads on, `day` says which heading stands already.

    sort  an order of a saved view; the view of what is overdue knows "due" alone
    at    a moment: the view as it stood then
    done  the number of an entry, whose author is offered to take it back
    """
    view, department = view_asked(request, request.GET)
    if request.GET.get("at"):
        return _as_it_stood(request, view, department)
    sort = _sort_asked(request, view)
    found = _read(request, view, department, sort)
    heading = headings.OF_SORTS[sort]
    days = heading.groups(found.rows, already=request.GET.get("day", ""))
    names = {one.pk: one.name for one in department_list(request)}
    here = _query(view, department, sort)
    context = {
        "view": view,
        "title": names[department] if department else view_words()[view],
        "days": days,
        "more": (
            f"?{urlencode(here | {'after': found.next, 'day': heading.last(days)})}"
            if found.next
            else ""
        ),
        "shows_more": _("Show earlier ones") if sort == sorts.DEFAULT else _("Show more"),
        "sorts": _sorts(view, department, sort),
        "rows_address": _rows_address(view, department),
        "has_mail_box": view != "inbox"
        or bool(found.rows)
        or MailBox.objects.filter(archived_at=None).exists(),
        "is_admin": request.standing.may("administer", None),
        "department": department,
        "back": f"/?{urlencode(here)}"
        if sort != _orders(view)[0]
        else view_address(view, department),
        "then": (
            f"?{urlencode(_query(view, department) | {'at': iso(clock.now())})}"
            if view not in queries.VIEWS_OF_NOW
            else ""
        ),
        "to_save": urlencode(
            {"q": as_query(view, names.get(department or 0))}
            | ({} if sort == sorts.DEFAULT else {"sort": sort})
        ),
        "done": taking_back.last_act(request, request.GET.get("done", "")),
    }
    return page(request, "desk/inbox.html", context, here=view, department_id=department)


def _as_it_stood(request: AgentRequest, view: str, department: int | None) -> HttpResponse:
    zone = moments.zone_of(request.GET.get("zone", ""))
    at = moments.typed(request.GET["at"], zone)
    found = history.queue(
        request.by, view, at, department_id=department, after=request.GET.get("after")
    )
    names = {one.pk: one.name for one in department_list(request)}
    more = _query(view, department) | {"at": iso(at), "after": found.next or ""}
    context = {
        "view": view,
        "department": department,
        "title": names[department] if department else view_words()[view],
        "at": at,
        "local": timezone.localtime(at, zone),
        "rows": found.rows,
        "more": f"?{urlencode(more)}" if found.next else "",
        "now": view_address(view, department),
    }
    return page(request, "desk/inbox_then.html", context, here=view, department_id=department)


@require_GET
@for_agents
def rows(request: AgentRequest) -> HttpResponse:
    """Give the rows of some tickets as they are now, and the numbers of the rail.

    A row says by data-belongs whether the view, or the query `q`, or the saved view of the number `saved`, that is on
    screen would list it.
    """
    view, department = view_asked(request, request.GET)
    codes = [code for code in request.GET.get("codes", "").split(",") if code]
    found = queries.rows_of(request.by, codes)
    list_ = on_screen(request, request.GET)
    inside = list_.tickets.filter(code__in=[row.code for row in found])
    context = {
        "rows": found,
        "extras": extras_of(list_.saved, found),
        "belongs": set(inside.values_list("code", flat=True)),
        "rail": rail_for(request, view, department),
    }
    return render(request, "desk/rows.html", context)


def _sort_asked(request: AgentRequest, view: str) -> str:
    """Return the order of the list: the one that is asked for, where the view may have it."""
    asked = request.GET.get("sort", "")
    return asked if asked in _orders(view) else _orders(view)[0]


def _orders(view: str) -> Sequence[str]:
    """Return the orders that a view may have, its own first.

    What has ended is much, and no index holds it by age or priority: of the hidden and closed one reads the latest.
    """
    if view in queries.VIEWS_OF_NOW:
        return ("due",)
    if view == "all":
        return (sorts.DEFAULT, "due")
    return (sorts.DEFAULT,) if view in queries.ENDED_VIEWS else tuple(sorts.SORTS)


def _read(request: AgentRequest, view: str, department: int | None, sort: str) -> queries.ListPage:
    after = request.GET.get("after", "")
    if sort == sorts.DEFAULT:
        return queries.inbox(request.by, view, department_id=department, after=after)
    if sort == "due":
        return queries.inbox_by_due(request.by, view, department_id=department, after=after)
    return sorts.page(queries.view(request.by, view, department), sort, after)


def _sorts(view: str, department: int | None, sort: str) -> list[tuple[str, str, bool]]:
    """Return the orders that the list may have: word, address, whether it has it; none where there is but one."""
    orders = _orders(view)
    if len(orders) == 1:
        return []
    return [
        (str(sorts.WORDS[one]), f"?{urlencode(_query(view, department, one))}", one == sort)
        for one in orders
    ]


def _rows_address(view: str, department: int | None) -> str:
    return f"/tickets/rows?{urlencode(_query(view, department))}"


def _query(view: str, department: int | None, sort: str = "") -> dict[str, str]:
    """Return what an address says of a list; its own order goes without saying."""
    said = {"view": view} | ({} if department is None else {"department": str(department)})
    return said | ({"sort": sort} if sort and sort != _orders(view)[0] else {})

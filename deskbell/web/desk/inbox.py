"""The inbox: one list for all channels, and the rows that a page on screen asks for again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from deskbell import clock
from deskbell.channels.mail.models import MailBox
from deskbell.errors import NotFound
from deskbell.search.tickets import find
from deskbell.tickets import history, queries
from deskbell.tickets.queries import Row
from deskbell.web.desk import moments, taking_back
from deskbell.web.desk.page import page
from deskbell.web.desk.rail import department_list, rail_for, view_address, view_words
from deskbell.web.visit import AgentRequest, for_agents
from deskbell.web.words import iso

Days = list[tuple[str, list[Row]]]
A_WEEK = timedelta(days=7)


@require_GET
@for_agents
def inbox(request: AgentRequest) -> HttpResponse:
    """Show one view, latest activity first; `after` leads on, `day` says which heading stands already.

    sort  "due": what is due first; the view of what is overdue knows no other
    at    a moment: the view as it stood then
    done  the number of an entry, whose author is offered to take it back
    """
    view, department = _asked(request)
    if request.GET.get("at"):
        return _as_it_stood(request, view, department)
    is_by_due = view in queries.VIEWS_OF_NOW or request.GET.get("sort") == "due"
    read = queries.inbox_by_due if is_by_due else queries.inbox
    found = read(request.by, view, department_id=department, after=request.GET.get("after"))
    group = _by_urgency if is_by_due else _days
    days = group(found.rows, already=request.GET.get("day", ""))
    names = {one.pk: one.name for one in department_list(request)}
    context = {
        "view": view,
        "title": names[department] if department else view_words()[view],
        "days": days,
        "more": (
            _more_due(view, department, found)
            if is_by_due
            else _more(view, department, found.next, days)
        ),
        "sorts": _sorts(view, department, is_by_due=is_by_due),
        "rows_address": _rows_address(view, department),
        "has_mail_box": view != "inbox"
        or bool(found.rows)
        or MailBox.objects.filter(archived_at=None).exists(),
        "is_admin": request.standing.may("administer", None),
        "department": department,
        "back": view_address(view, department),
        "then": (
            f"?{urlencode(_query(view, department) | {'at': iso(clock.now())})}"
            if view not in queries.VIEWS_OF_NOW
            else ""
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

    A row says by data-belongs whether the view, or the query `q`, that is on screen would list it.
    """
    view, department = _asked(request)
    codes = [code for code in request.GET.get("codes", "").split(",") if code]
    found = queries.rows_of(request.by, codes)
    query = request.GET.get("q", "")
    listed = find(request.by, query) if query else queries.view(request.by, view, department)
    inside = listed.filter(code__in=[row.code for row in found])
    context = {
        "rows": found,
        "belongs": set(inside.values_list("code", flat=True)),
        "rail": rail_for(request, view, department),
    }
    return render(request, "desk/rows.html", context)


def _asked(request: AgentRequest) -> tuple[str, int | None]:
    """Return the view and the department that the address names.  Raises NotFound."""
    view = request.GET.get("view", "inbox")
    if view not in queries.VIEWS:
        raise NotFound
    asked = request.GET.get("department", "")
    if not asked:
        return view, None
    if asked not in {str(one.pk) for one in department_list(request)}:
        raise NotFound
    return view, int(asked)


def _days(found: Iterable[Row], already: str) -> Days:
    """Return the rows under the headings of their days; the heading that stands already is left out."""
    today = timezone.localdate(clock.now())
    words = {0: _("Today"), 1: _("Yesterday"), 2: _("The last seven days"), 3: _("Earlier")}
    return [
        ("" if str(age) == already else words[age], list(rows_of_day))
        for age, rows_of_day in groupby(
            found, lambda row: _age(timezone.localdate(row.last_activity_at), today)
        )
    ]


URGENCIES = ("overdue", "soon", "calm", "")


def _by_urgency(found: Iterable[Row], already: str) -> Days:
    """Return the rows under headings that say how urgent they are; the heading that stands already is left out."""
    words = (_("Overdue"), _("Due soon"), _("Due later"), _("Nothing is due"))
    now = clock.now()
    return [
        ("" if str(place) == already else words[place], list(rows))
        for place, rows in groupby(found, lambda row: min(URGENCIES.index(row.urgency(now)), 3))
    ]


def _more_due(view: str, department: int | None, found: queries.ListPage) -> str:
    if found.next is None:
        return ""
    heading = str(URGENCIES.index(found.rows[-1].urgency(clock.now())))
    asked = _query(view, department) | {"sort": "due", "after": found.next, "day": heading}
    return f"?{urlencode(asked)}"


def _sorts(view: str, department: int | None, *, is_by_due: bool) -> list[tuple[str, str, bool]]:
    """Return the orders that the list may have: word, address, whether it has it; none where there is but one."""
    if view in queries.VIEWS_OF_NOW or view in queries.ENDED_VIEWS - {"all"}:
        return []
    asked = _query(view, department)
    return [
        (_("Latest first"), f"?{urlencode(asked)}", not is_by_due),
        (_("Due first"), f"?{urlencode(asked | {'sort': 'due'})}", is_by_due),
    ]


def _age(day: date, today: date) -> int:
    if day >= today:
        return 0
    if day == today - timedelta(days=1):
        return 1
    return 2 if today - day < A_WEEK else 3


def _more(view: str, department: int | None, cursor: str | None, days: Days) -> str:
    if cursor is None:
        return ""
    today = timezone.localdate(clock.now())
    last = days[-1][1][-1]
    day = _age(timezone.localdate(last.last_activity_at), today)
    return f"?{urlencode(_query(view, department) | {'after': cursor, 'day': str(day)})}"


def _rows_address(view: str, department: int | None) -> str:
    return f"/tickets/rows?{urlencode(_query(view, department))}"


def _query(view: str, department: int | None) -> dict[str, str]:
    return {"view": view} | ({} if department is None else {"department": str(department)})

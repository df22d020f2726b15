"""Saved views: the list of one, making and changing them, their order in the rail, their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from deskbell.errors import BadInput
from deskbell.people.models import Department
from deskbell.saved_views import counting, keeping, reading, sorts
from deskbell.saved_views.counting import Count
from deskbell.saved_views.keeping import Wish
from deskbell.saved_views.models import SavedView
from deskbell.search.tickets import find
from deskbell.tickets.queries import ListPage
from deskbell.web.desk import chosen, headings
from deskbell.web.desk.page import page
from deskbell.web.desk.saved import extras_of, saved_view_of
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_http_methods(["GET", "HEAD"])
@for_agents
def all_views(request: AgentRequest) -> HttpResponse:
    """List the views that this agent may open, with what may be done to each."""
    shares = request.standing.may("share_views", None)
    rows = [
        (view, keeping.keeps(view, request.by, shares=shares))
        for view in reading.seen_by(request.desk.views, request.standing)
    ]
    words = {audience.value: audience.label for audience in SavedView.Audience}
    context = {"rows": rows, "audiences": words, "sorts": sorts.WORDS}
    return page(request, "desk/views/list.html", context, here="views")


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def new_view(request: AgentRequest) -> HttpResponseBase:
    """Show the form, with the query `q` and the order `sort` in it; post makes the view."""

    def act() -> HttpResponseBase:
        return redirect("saved_view", number=keeping.make(_wish(request), by=request.by).pk)

    if request.method == "POST":
        return tried(request, act, lambda form, status: _form(request, None, form, status))
    sort = request.GET.get("sort", "")
    values = {
        "query": request.GET.get("q", ""),
        "audience": "mine",
        "sort": sort if sort in sorts.SORTS else sorts.DEFAULT,
        "shows": list(keeping.PARTS),
    }
    return _form(request, None, Form(values))


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def view(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show the list of a view; DELETE keeps it no longer."""
    found = saved_view_of(request, number)
    if verb_of(request) == "DELETE":
        keeping.delete(found, by=request.by)
        return redirect("saved_views")
    if request.method == "POST":
        return redirect("saved_view", number=number)
    try:
        rows = sorts.page(find(request.by, found.query), found.sort, request.GET.get("after", ""))
    except BadInput as error:
        if error.field == "after":
            raise
        return _show(request, found, ListPage((), None), error=error.sentence)
    return _show(request, found, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def changed_view(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show the form of a view; post changes it."""
    found = saved_view_of(request, number)
    keeping.require_keeper(found, request.by)

    def act() -> HttpResponseBase:
        keeping.change(SavedView.objects.get(pk=number), _wish(request), by=request.by)
        return redirect("saved_view", number=number)

    if request.method == "POST":
        return tried(request, act, lambda form, status: _form(request, found, form, status))
    values = {
        "name": found.name,
        "query": found.query,
        "audience": found.audience,
        "department": str(found.department_id or ""),
        "sort": found.sort,
        "shows": [part for part in keeping.PARTS if part not in found.hidden_parts]
        + found.added_parts,
    }
    return _form(request, found, Form(values))


@require_POST
@for_agents
def place(request: AgentRequest, number: int) -> HttpResponseBase:
    """Let a view stand one place higher (`way` up) or lower in the rail."""
    found = saved_view_of(request, number)
    keeping.move(found, up=request.POST.get("way") == "up", by=request.by)
    return redirect("saved_views")


@require_GET
@for_agents
def counters(request: AgentRequest) -> HttpResponse:
    """Give the numbers of the views in the rail, and when it is worth asking again."""
    views = reading.of_rail(request.desk.views, request.standing)
    return counted(
        request, {f"saved-{view.pk}": counting.count(view.query, request.by) for view in views}
    )


def counted(request: AgentRequest, counts: Mapping[str, Count]) -> HttpResponse:
    """Give numbers by the names that they have on the page."""
    again = [count.again for count in counts.values() if count.again is not None]
    context = {"counts": counts, "again_ms": int(min(again) * 1000) + 1 if again else 0}
    return render(request, "desk/views/counters.html", context)


def _show(
    request: AgentRequest, found: SavedView, rows: ListPage, *, error: str = ""
) -> HttpResponse:
    heading = headings.OF_SORTS[found.sort]
    groups = heading.groups(rows.rows, already=request.GET.get("day", ""))
    more = {"after": rows.next, "day": heading.last(groups)} if rows.next and groups else {}
    shares = request.standing.may("share_views", None)
    context = {
        "view": found,
        "groups": groups,
        "more": f"?{urlencode(more)}" if more else "",
        "error": error,
        "extras": extras_of(found, rows.rows),
        "gone": reading.gone_from(found),
        "count": counting.known(found.query, request.by),
        "may_change": keeping.keeps(found, request.by, shares=shares),
    }
    return page(request, "desk/views/show.html", context, here=f"saved-{found.pk}")


def _form(
    request: AgentRequest, found: SavedView | None, form: Form, status: int = 200
) -> HttpResponse:
    context = {
        "view": found,
        "form": form,
        "audiences": chosen.audiences(shares=request.standing.may("share_views", None)),
        "departments": [("", _("Choose a department"))]
        + [(one.pk, one.name) for one in request.working],
        "sorts": list(sorts.WORDS.items()),
        "parts": list((keeping.PARTS | keeping.EXTRAS).items()),
    }
    return page(request, "desk/views/form.html", context, here="views", status=status)


def _wish(request: AgentRequest) -> Wish:
    sent = request.POST
    number = sent.get("department", "")
    department = None
    if sent.get("audience") == "department" and number.isascii() and number.isdecimal():
        department = Department.objects.filter(pk=min(int(number), 2**62)).first()
    shows = set(sent.getlist("shows"))
    return Wish(
        name=sent.get("name", ""),
        query=sent.get("query", ""),
        audience=sent.get("audience", "mine"),
        department=department,
        sort=sent.get("sort", sorts.DEFAULT),
        hides=keeping.PARTS.keys() - shows,
        adds=keeping.EXTRAS.keys() & shows,
    )

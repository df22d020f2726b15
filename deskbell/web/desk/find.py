"""Finding tickets: a code leads to its ticket, any other query to the list of those that fit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from deskbell.errors import BadInput, NoSuchTicket
from deskbell.saved_views import counting, sorts
from deskbell.search import backlog, tickets
from deskbell.search.complete import complete
from deskbell.search.conditions import PRIORITIES
from deskbell.search.found import found
from deskbell.search.query import BadQuery, Query, parse, rewritten
from deskbell.tickets import codes, lifecycle, queries
from deskbell.tickets.models import Ticket
from deskbell.web.desk import headings
from deskbell.web.desk.page import page
from deskbell.web.desk.rail import department_list
from deskbell.web.desk.saved_views import counted
from deskbell.web.desk.ticket_page import list_before
from deskbell.web.visit import AgentRequest, for_agents
from deskbell.web.words import subject

LONGEST, MOST_RECENT, LONGEST_SORT = 1000, 12, 20
# The order of hits that is not the first.
BEST = "best"
# What the form beside the field writes into the query.
NARROWS = ("status", "department", "assignee", "priority", "created")


@require_GET
@for_agents
def find(request: AgentRequest) -> HttpResponseBase:
    """Show what fits the query `q`; `after` leads on.  An empty query leads back.

    sort  where words are looked for "best": the best hit first, else the newest; without words an order of a saved view
    day   which heading stands already
    """
    asked = request.GET.get("q", "").strip()[:LONGEST]
    if not asked:
        return redirect(list_before(request))
    if codes.normal(asked):
        return _to_ticket(request, asked)
    try:
        query = parse(asked)
        sort = _sort_asked(request, query)
        what = _found(request, query, sort) if query.positive else _listed(request, query, sort)
    except BadInput as error:
        return _show(request, asked, _mistake(asked, error), status=error.status)
    return _show(request, asked, {**what, "query": query}, sort=sort)


@require_GET
@for_agents
def count(request: AgentRequest) -> HttpResponse:
    """Give the number of tickets that the query `q` finds, for the page of what was found."""
    asked = request.GET.get("q", "").strip()[:LONGEST]
    return counted(request, {"found": counting.count(asked, request.by)})


@require_GET
@for_agents
def completions(request: AgentRequest) -> HttpResponseBase:
    """Give what may be meant by what ends at the place `at` of the query `q`."""
    asked = request.GET.get("q", "")[:LONGEST]
    at = request.GET.get("at", "")
    place = min(int(at), len(asked)) if at.isdecimal() and len(at) < 5 else len(asked)  # noqa: PLR2004
    offered = complete(request.by, asked, place)
    return JsonResponse({"start": offered.start, "end": offered.end, "offers": offered.offers})


@require_GET
@for_agents
def recent(request: AgentRequest) -> HttpResponseBase:
    """Give code and subject of those tickets of `codes` that this agent may see, in that order."""
    asked = [code for code in request.GET.get("codes", "").split(",") if codes.normal(code)]
    rows = {row.code: row for row in queries.rows_of(request.by, asked[:MOST_RECENT])}
    offers = [(code, subject(rows[code].subject)) for code in asked if code in rows]
    return JsonResponse({"offers": offers})


@require_GET
@for_agents
def narrow(request: AgentRequest) -> HttpResponseBase:
    """Write what the form chose into the query `q`, and show what fits that."""
    chosen = {name: request.GET.get(name, "")[:100].strip() for name in NARROWS}
    quoted = {name: f'"{value}"' if " " in value else value for name, value in chosen.items()}
    asked = rewritten(request.GET.get("q", "")[:LONGEST], quoted).strip()
    sort = request.GET.get("sort", "")[:LONGEST_SORT]
    return redirect(f"/find?{urlencode(_address(asked, sort))}" if asked else "/")


def _sort_asked(request: AgentRequest, query: Query) -> str:
    """Return the order of the list, "" for the first of those that it may have."""
    sort = request.GET.get("sort", "")
    has = {BEST} if query.positive else sorts.SORTS.keys() - {sorts.DEFAULT}
    return sort if sort in has else ""


def _found(request: AgentRequest, query: Query, sort: str) -> dict[str, Any]:
    """Return what stands on the page of what words found, newest or best hit first."""
    after = request.GET.get("after", "")
    list_ = found(request.by, query, best_first=sort == BEST, after=after)
    return {
        "groups": [("", [one.row for one in list_.rows])] if list_.rows else [],
        "said": {one.row.id: one for one in list_.rows},
        "more": {"after": list_.next} if list_.next else {},
    }


def _listed(request: AgentRequest, query: Query, sort: str) -> dict[str, Any]:
    """Return the same of a query without words, in the order of a saved view and under its headings."""
    sort = sort or sorts.DEFAULT
    things = tickets.selected(request.by, query)
    list_ = sorts.page(things, sort, request.GET.get("after", ""))
    heading = headings.OF_SORTS[sort]
    groups = heading.groups(list_.rows, already=request.GET.get("day", ""))
    return {
        "groups": groups,
        "more": {"after": list_.next, "day": heading.last(groups)} if list_.next and groups else {},
    }


def _to_ticket(request: AgentRequest, code: str) -> HttpResponseBase:
    try:
        return redirect("ticket", code=queries.ticket_for(request.by, code).code)
    except NoSuchTicket:
        return _show(request, code, {"is_code": True}, status=404)


def _mistake(asked: str, error: BadInput) -> dict[str, Any]:
    """Return what is wrong with the query, and where."""
    start, end = error.at if isinstance(error, BadQuery) else (0, 0)
    return {"error": error.sentence, "wrong": (asked[:start], asked[start:end], asked[end:])}


def _show(
    request: AgentRequest,
    asked: str,
    what: dict[str, Any],
    *,
    sort: str = "",
    status: int = 200,
) -> HttpResponse:
    here = _address(asked, sort)
    query: Query | None = what.get("query")
    more = what.get("more")
    context = {
        "asked": asked,
        "sort": sort,
        "groups": what.get("groups", []),
        "said": what.get("said", {}),
        "more": f"?{urlencode(here | more)}" if more else "",
        "here": f"/find?{urlencode(here)}",
        # How a view of it would be sorted: hits are a matter of words, of which a view may have none.
        "to_save": urlencode(_address(asked, "" if sort == BEST else sort)),
        "rows_address": f"/tickets/rows?{urlencode({'q': asked})}",
        "count": counting.known(asked, request.by),
        "error": what.get("error", ""),
        "wrong": what.get("wrong"),
        "is_code": what.get("is_code", False),
        "sorts": _sorts(asked, query, sort) if query else [],
        "narrowing": _narrowing(request, query),
        "percent_done": backlog.percent_done(),
    }
    return page(request, "desk/find.html", context, here="find", status=status)


def _sorts(asked: str, query: Query, sort: str) -> list[tuple[str, str, bool]]:
    """Return the orders that the list may have: word, address, whether it has it."""
    words: dict[str, Any] = (
        {"": _("Newest first"), BEST: _("Best first")}
        if query.positive
        else {"" if name == sorts.DEFAULT else name: word for name, word in sorts.WORDS.items()}
    )
    return [
        (str(word), f"?{urlencode(_address(asked, name))}", name == sort)
        for name, word in words.items()
    ]


def _address(asked: str, sort: str) -> dict[str, str]:
    return {"q": asked} | ({"sort": sort} if sort else {})


def _narrowing(
    request: AgentRequest, query: Query | None
) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Return the fields that narrow: name, label, the value it has in the query, and its choices."""
    has = {name: ",".join(query.values(name)) if query else "" for name in NARROWS}
    statuses = [(str(one), str(Ticket.Status(one).label)) for one in lifecycle.KINDS]
    departments = [(one.name.lower(), one.name) for one in department_list(request)]
    priorities = dict(zip(PRIORITIES, (_("low"), _("normal"), _("high"), _("urgent")), strict=True))
    times = [
        ("today", _("today")),
        ("<7d", _("in the last seven days")),
        ("<30d", _("in the last thirty days")),
        (">30d", _("longer ago")),
    ]
    fields = [
        ("status", _("Status"), statuses),
        ("department", _("Department"), departments),
        ("assignee", _("Assignee"), [("me", _("me")), ("none", _("nobody"))]),
        ("priority", _("Priority"), list(priorities.items())),
        ("created", _("Opened"), times),
    ]
    return [(name, label, has[name], _with(has[name], choices)) for name, label, choices in fields]


def _with(value: str, choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the choices, and what the query says if that is none of them."""
    if not value or value in dict(choices):
        return choices
    return [(value, value), *choices]

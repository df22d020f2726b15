"""Finding tickets: a code leads to its ticket, any other query to the list of those that fit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from deskbell.errors import BadInput, NoSuchTicket
from deskbell.saved_views import counting
from deskbell.search import backlog, tickets
from deskbell.search.complete import complete
from deskbell.search.conditions import PRIORITIES
from deskbell.search.found import FoundPage, FoundRow, found
from deskbell.search.query import BadQuery, Query, parse, rewritten
from deskbell.tickets import codes, lifecycle, queries
from deskbell.tickets.models import Ticket
from deskbell.web.desk.page import page
from deskbell.web.desk.rail import department_list
from deskbell.web.desk.saved_views import counted
from deskbell.web.desk.ticket_page import list_before
from deskbell.web.visit import AgentRequest, for_agents
from deskbell.web.words import subject

LONGEST, MOST_RECENT = 1000, 12
# What the form beside the field writes into the query.
NARROWS = ("status", "department", "assignee", "priority", "created")


@require_GET
@for_agents
def find(request: AgentRequest) -> HttpResponseBase:
    """Show what fits the query `q`; `after` leads on.  An empty query leads back.

    Where words are looked for the newest hit stands first, or the best with `sort=best`; else the latest activity.
    """
    asked = request.GET.get("q", "").strip()[:LONGEST]
    if not asked:
        return redirect(list_before(request))
    if codes.normal(asked):
        return _to_ticket(request, asked)
    after, best_first = request.GET.get("after", ""), request.GET.get("sort") == "best"
    try:
        query = parse(asked)
        list_ = _listed(request, query, after, best_first=best_first)
    except BadInput as error:
        return _show(request, asked, _mistake(asked, error), status=error.status)
    said = {one.row.id: one for one in list_.rows if isinstance(one, FoundRow)}
    return _show(
        request,
        asked,
        {
            "rows": [one.row if isinstance(one, FoundRow) else one for one in list_.rows],
            "said": said,
            "next": list_.next,
            "query": query,
        },
        best_first=best_first,
    )


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
    return redirect(f"/find?{urlencode({'q': asked})}" if asked else "/")


def _listed(
    request: AgentRequest, query: Query, after: str, *, best_first: bool
) -> FoundPage | queries.ListPage:
    if query.positive:
        return found(request.by, query, best_first=best_first, after=after)
    return queries.page(tickets.selected(request.by, query), after=after)


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
    best_first: bool = False,
    status: int = 200,
) -> HttpResponse:
    here = urlencode({"q": asked} | ({"sort": "best"} if best_first else {}))
    query: Query | None = what.get("query")
    next_ = what.get("next")
    has_words = query is not None and bool(query.positive)
    context = {
        "asked": asked,
        "rows": what.get("rows", []),
        "said": what.get("said", {}),
        "more": f"?{here}&{urlencode({'after': next_})}" if next_ else "",
        "here": f"/find?{here}",
        "rows_address": f"/tickets/rows?{urlencode({'q': asked})}",
        "count": counting.known(asked, request.by),
        "error": what.get("error", ""),
        "wrong": what.get("wrong"),
        "is_code": what.get("is_code", False),
        "sorts": _sorts(asked, best_first=best_first) if has_words else [],
        "narrowing": _narrowing(request, query),
        "percent_done": backlog.percent_done(),
    }
    return page(request, "desk/find.html", context, here="find", status=status)


def _sorts(asked: str, *, best_first: bool) -> list[tuple[str, str, bool]]:
    newest, best = urlencode({"q": asked}), urlencode({"q": asked, "sort": "best"})
    return [
        (_("Newest first"), f"?{newest}", not best_first),
        (_("Best first"), f"?{best}", best_first),
    ]


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

"""Finding tickets: a code leads to its ticket, any other query to the list of those that fit."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from deskbell.errors import BadInput, NoSuchTicket
from deskbell.search import tickets
from deskbell.tickets import codes, queries
from deskbell.tickets.queries import ListPage
from deskbell.web.desk.page import page
from deskbell.web.desk.ticket_page import list_before
from deskbell.web.visit import AgentRequest, for_agents

NOTHING = ListPage((), None)


@require_GET
@for_agents
def find(request: AgentRequest) -> HttpResponseBase:
    """Show what fits the query `q`, latest activity first; `after` leads on.  An empty query leads back."""
    asked = request.GET.get("q", "").strip()
    if not asked:
        return redirect(list_before(request))
    if codes.normal(asked):
        return _to_ticket(request, asked)
    try:
        found = queries.page(tickets.find(request.by, asked), after=request.GET.get("after"))
    except BadInput as error:
        return _show(request, asked, NOTHING, error=error.sentence, status=error.status)
    return _show(request, asked, found)


def _to_ticket(request: AgentRequest, code: str) -> HttpResponseBase:
    try:
        return redirect("ticket", code=queries.ticket_for(request.by, code).code)
    except NoSuchTicket:
        return _show(request, code, NOTHING, is_code=True, status=404)


def _show(
    request: AgentRequest,
    asked: str,
    found: ListPage,
    *,
    error: str = "",
    is_code: bool = False,
    status: int = 200,
) -> HttpResponse:
    here = urlencode({"q": asked})
    context = {
        "asked": asked,
        "rows": found.rows,
        "more": f"?{here}&{urlencode({'after': found.next})}" if found.next else "",
        "here": f"/find?{here}",
        "rows_address": f"/tickets/rows?{here}",
        "error": error,
        "is_code": is_code,
    }
    return page(request, "desk/find.html", context, here="find", status=status)

"""Going to a ticket by its code."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from deskbell.errors import NoSuchTicket
from deskbell.tickets import queries
from deskbell.web.desk.page import page
from deskbell.web.visit import AgentRequest, for_agents


@require_GET
@for_agents
def find(request: AgentRequest) -> HttpResponseBase:
    """Lead to the ticket whose code was typed, or say that there is none."""
    code = request.GET.get("code", "").strip()
    try:
        return redirect("ticket", code=queries.ticket_for(request.by, code).code)
    except NoSuchTicket:
        return page(request, "desk/find.html", {"code": code}, status=404)

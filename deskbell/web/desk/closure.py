"""The closing of a ticket, and what is written down at it."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_http_methods

from deskbell.tickets import actions
from deskbell.web.desk.asking import asked_about
from deskbell.web.desk.doing import do
from deskbell.web.desk.page import page
from deskbell.web.forms import Form
from deskbell.web.visit import AgentRequest, for_agents


@require_http_methods(["GET", "POST"])
@for_agents
def closure(request: AgentRequest, code: str) -> HttpResponseBase:
    """Ask what was learned; close the ticket with it."""
    if request.method == "POST":
        return do(
            request,
            code,
            lambda ticket: actions.close(
                ticket,
                by=request.by,
                solution=request.POST.get("solution", ""),
                root_cause=request.POST.get("root_cause", ""),
                lessons=request.POST.get("lessons", ""),
            ),
        )
    ticket = asked_about(request, code, "close")
    return page(request, "desk/ticket/closure.html", {"ticket": ticket, "form": Form()})

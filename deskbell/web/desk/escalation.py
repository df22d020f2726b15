"""A ticket that needs more than its agent can give."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_http_methods

from deskbell.people.models import Department
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.web.desk import chosen
from deskbell.web.desk.asking import asked_about
from deskbell.web.desk.doing import leave
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, for_agents


@require_http_methods(["GET", "POST"])
@for_agents
def escalation(request: AgentRequest, code: str) -> HttpResponseBase:
    """Ask for the reason, and who is to have it; post escalates."""
    ticket = asked_about(request, code, "escalate")

    def act() -> HttpResponseBase:
        entry = actions.escalate(
            ticket,
            request.POST.get("reason", ""),
            by=request.by,
            department=chosen.department(request) if request.POST.get("department") else None,
            agent=chosen.agent(request) if request.POST.get("agent") else None,
        )
        return leave(request, ticket, entry)

    if request.method == "POST":
        return tried(request, act, lambda form, status: _ask(request, ticket, form, status))
    return _ask(request, ticket, Form(), 200)


def _ask(request: AgentRequest, ticket: Ticket, form: Form, status: int) -> HttpResponse:
    working = Department.objects.filter(archived_at=None).exclude(pk=ticket.department_id)
    context = {
        "ticket": ticket,
        "form": form,
        "departments": list(working.values_list("pk", "name")),
        "agents": list(chosen.able_agents().values_list("pk", "name")),
    }
    return page(request, "desk/ticket/escalation.html", context, status=status)

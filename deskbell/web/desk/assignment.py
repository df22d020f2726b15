"""Who is responsible: taking a ticket, giving it to somebody, leaving it to the department."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.web.desk import chosen
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def assignment(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post `agent` (a number, or "me"); DELETE leaves it to nobody."""
    return do(request, code, lambda ticket: _assign(request, ticket))


def _assign(request: AgentRequest, ticket: Ticket) -> object:
    if verb_of(request) == "DELETE":
        return actions.assign(ticket, None, by=request.by)
    asked = request.POST.get("agent", "")
    if asked in {"me", str(request.agent.pk)}:
        return actions.take(ticket, by=request.by)
    return actions.assign(ticket, chosen.agent(request), by=request.by)

"""The resolution of a ticket: it is there when the work is done, and gone when it opens again."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def resolution(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post resolves (`silent`: nobody is told); DELETE reopens."""

    def act(ticket: Ticket) -> object:
        if verb_of(request) == "DELETE":
            return actions.reopen(ticket, by=request.by)
        return actions.resolve(ticket, by=request.by, silent=bool(request.POST.get("silent")))

    return do(request, code, act)

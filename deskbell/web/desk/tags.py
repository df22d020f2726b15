"""The tags of a ticket."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def tags(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post marks the ticket with the tag called `tag`; DELETE takes it away."""
    named = [request.POST.get("tag", "")]

    def act(ticket: Ticket) -> object:
        if verb_of(request) == "DELETE":
            return actions.tag(ticket, by=request.by, remove=named)
        return actions.tag(ticket, by=request.by, add=named)

    return do(request, code, act, then="#side", beside="tag")

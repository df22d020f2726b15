"""Hearing of a ticket that is not one's own."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.tickets import actions
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def following(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post lets the agent follow the ticket; DELETE no longer."""
    act = actions.unfollow if verb_of(request) == "DELETE" else actions.follow
    return do(request, code, lambda ticket: act(ticket, by=request.by), then="#side")

"""A ticket that is unwanted mail, or was taken for it."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.tickets import actions
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def spam(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post marks the ticket as spam; DELETE says that it is none."""
    act = actions.not_spam if verb_of(request) == "DELETE" else actions.spam
    return do(request, code, lambda ticket: act(ticket, by=request.by))

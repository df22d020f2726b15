"""Handing back a ticket that is one's own."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.tickets import actions
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents


@require_POST
@for_agents
def resignation(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post hands the ticket back to its department."""
    return do(request, code, lambda ticket: actions.resign(ticket, by=request.by))

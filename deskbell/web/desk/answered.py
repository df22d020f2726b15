"""A ticket that counts as answered without a message: the answer went another way."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.tickets import actions
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents


@require_POST
@for_agents
def answered(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post marks the ticket as answered."""
    return do(request, code, lambda ticket: actions.mark_answered(ticket, by=request.by))

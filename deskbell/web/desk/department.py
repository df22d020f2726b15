"""Which department a ticket lies in."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.tickets import actions
from deskbell.web.desk import chosen
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents


@require_POST
@for_agents
def department(request: AgentRequest, code: str) -> HttpResponseBase:
    """Transfer the ticket to the department of number `department`."""
    return do(
        request,
        code,
        lambda ticket: actions.transfer(ticket, chosen.department(request), by=request.by),
    )

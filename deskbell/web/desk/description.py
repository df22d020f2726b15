"""What a ticket is about: its subject and description in other words."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.tickets import actions
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents


@require_POST
@for_agents
def description(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post `subject`, `description` or both; what is not sent stays as it is."""
    return do(
        request,
        code,
        lambda ticket: actions.describe(
            ticket,
            by=request.by,
            subject=request.POST.get("subject"),
            description=request.POST.get("description"),
        ),
        beside="subject" if "subject" in request.POST else "description",
    )

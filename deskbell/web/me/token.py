"""The token that forms carry, for a page that was open while somebody signed in again: signing in makes a new one."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_GET

from deskbell.web.visit import AgentRequest, for_agents


@require_GET
@for_agents
def token(request: AgentRequest) -> HttpResponse:
    """Give the token that a form needs now, and whose it is; no page of another site can read it."""
    return JsonResponse({"token": get_token(request), "agent": request.agent.pk})

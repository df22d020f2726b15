"""The postponement of a ticket: it is there while the ticket rests, and gone when it is fetched back."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.web.desk import moments
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def postponement(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post `until` (a preset) or `when` (a moment) postpones; DELETE fetches the ticket back."""

    def act(ticket: Ticket) -> object:
        if verb_of(request) == "DELETE":
            return actions.wake(ticket, by=request.by)
        return actions.postpone(ticket, moments.chosen(request), by=request.by)

    return do(request, code, act)

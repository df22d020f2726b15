"""How urgent a ticket is."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from deskbell.errors import BadInput
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents


@require_POST
@for_agents
def priority(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post `priority`, 1 (low) to 4 (urgent)."""
    return do(request, code, lambda ticket: _prioritise(request, ticket))


def _prioritise(request: AgentRequest, ticket: Ticket) -> object:
    asked = request.POST.get("priority", "")
    if asked not in {str(number) for number in Ticket.PRIORITIES}:
        raise BadInput("priority", _("Choose one of the priorities."))
    return actions.prioritise(ticket, int(asked), by=request.by)

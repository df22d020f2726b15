"""Those who take part in a ticket: accepting a new sender."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.errors import NotFound
from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents


@require_POST
@for_agents
def participant(request: AgentRequest, code: str, number: int) -> HttpResponseBase:
    """Accept the sender whose address has this number."""

    def act(ticket: Ticket) -> object:
        address = Address.objects.filter(pk=number).first()
        if address is None:
            raise NotFound
        return actions.accept_sender(ticket, address, by=request.by)

    return do(request, code, act)

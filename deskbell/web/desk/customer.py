"""Whose ticket it is."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell import access
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.web.desk import chosen
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents


@require_POST
@for_agents
def customer(request: AgentRequest, code: str) -> HttpResponseBase:
    """Make it a ticket of the customer at the typed address `customer`."""

    def act(ticket: Ticket) -> object:
        access.require(request.by, "change_customer", ticket)
        return actions.change_customer(ticket, chosen.address(request, "customer"), by=request.by)

    return do(request, code, act, then="#side", beside="customer")

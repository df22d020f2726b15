"""Those who take part in a ticket: adding an address, accepting a new sender, taking somebody off."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell import access
from deskbell.errors import NotFound
from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.web.desk import chosen
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def participants(request: AgentRequest, code: str) -> HttpResponseBase:
    """Let the typed `participant` take part, copied in."""

    def act(ticket: Ticket) -> object:
        access.require(request.by, "add_participant", ticket)
        return actions.add_participant(
            ticket, chosen.address(request, "participant"), by=request.by
        )

    return do(request, code, act, then="#side", beside="participant")


@require_POST
@for_agents
def participant(request: AgentRequest, code: str, number: int) -> HttpResponseBase:
    """Accept the sender whose address has this number; DELETE takes them off the ticket."""

    def act(ticket: Ticket) -> object:
        address = Address.objects.filter(pk=number).first()
        if address is None:
            raise NotFound
        if verb_of(request) == "DELETE":
            return actions.remove_participant(ticket, address, by=request.by)
        return actions.accept_sender(ticket, address, by=request.by)

    return do(request, code, act, then="#side" if verb_of(request) == "DELETE" else "")

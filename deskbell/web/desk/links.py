"""What a ticket has to do with others."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.tickets import actions
from deskbell.tickets.models import Link, Ticket
from deskbell.web.desk import chosen
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def links(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post links the ticket with the one of the code `other`, as `relation` says; DELETE takes that away."""
    relation = request.POST.get("relation", "related")

    def act(ticket: Ticket) -> object:
        other = chosen.ticket(request, request.POST.get("other", ""), "other")
        if verb_of(request) == "DELETE":
            return _unlink(request, ticket, other, relation)
        return actions.link(ticket, other, by=request.by, kind=relation)

    return do(request, code, act, then="#side", beside="other")


def _unlink(request: AgentRequest, ticket: Ticket, other: Ticket, relation: str) -> object:
    """Take the link away from the end that it leads from."""
    if Link.objects.filter(ticket=other, other=ticket, kind=relation).exists():
        return actions.unlink(other, ticket, by=request.by, kind=relation)
    return actions.unlink(ticket, other, by=request.by, kind=relation)

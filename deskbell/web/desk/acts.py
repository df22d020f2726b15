"""Acts of agents, which their authors may take back: DELETE of an act undoes it."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST

from deskbell.errors import Conflict, NotFound
from deskbell.tickets import actions, queries
from deskbell.tickets.models import Ticket
from deskbell.web.desk import ticket_page
from deskbell.web.desk.doing import away, leave, sees
from deskbell.web.desk.ticket_page import Said
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def act(request: AgentRequest, code: str, step: int) -> HttpResponseBase:
    """Take back what left the entry `step`: also on a ticket that this very act took out of the agent's sight."""
    if verb_of(request) != "DELETE":
        raise NotFound
    ticket = queries.ticket_of_act(request.by, code, step)
    try:
        undone = actions.undo(ticket, step, by=request.by)
    except Conflict as error:
        if not sees(request, ticket):
            raise
        fresh = Ticket.objects.get(pk=ticket.pk)
        return ticket_page.show(request, fresh, Said(notice=error.sentence), error.status)
    if undone.kind == "ticket.deleted":  # what had begun it is where tickets begin
        return away(request, reverse("new_ticket"))
    return leave(request, ticket, undone)

"""Acts of agents, which their authors may take back: DELETE of an act undoes it."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell import access
from deskbell.errors import Conflict, NoSuchTicket, NotFound
from deskbell.tickets import actions
from deskbell.tickets.models import Entry, Ticket
from deskbell.web.desk import ticket_page
from deskbell.web.desk.doing import leave
from deskbell.web.desk.ticket_page import Said
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def act(request: AgentRequest, code: str, step: int) -> HttpResponseBase:
    """Take back what left the entry `step`: also on a ticket that this very act took out of the agent's sight."""
    if verb_of(request) != "DELETE":
        raise NotFound
    ticket = _ticket(request, code, step)
    try:
        undone = actions.undo(ticket, step, by=request.by)
    except Conflict as error:
        if not _sees(request, ticket):
            raise
        fresh = Ticket.objects.get(pk=ticket.pk)
        return ticket_page.show(request, fresh, Said(notice=error.sentence), error.status)
    return leave(request, ticket, undone)


def _ticket(request: AgentRequest, code: str, step: int) -> Ticket:
    """Return the ticket, if the agent sees it or did this to it.  Raises NoSuchTicket."""
    ticket = Ticket.objects.filter(code=code).first()
    if ticket is None or not (_sees(request, ticket) or _did(request, ticket, step)):
        raise NoSuchTicket(ticket=code)
    return ticket


def _sees(request: AgentRequest, ticket: Ticket) -> bool:
    return access.visible(request.by, Ticket.objects.filter(pk=ticket.pk)).exists()


def _did(request: AgentRequest, ticket: Ticket, step: int) -> bool:
    by = request.by
    return Entry.objects.filter(ticket=ticket, step=step, by_kind=by.kind, by_id=by.id).exists()

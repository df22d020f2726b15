"""Throwing a ticket away, fetching it back, and removing it for good."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_http_methods, require_POST

from deskbell.tickets import actions
from deskbell.tickets.models import Attachment, Message, Ticket
from deskbell.web.desk.asking import asked_about
from deskbell.web.desk.doing import do
from deskbell.web.desk.page import page
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def deletion(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post throws the ticket away; DELETE fetches it back."""
    act = actions.restore if verb_of(request) == "DELETE" else actions.delete
    return do(request, code, lambda ticket: act(ticket, by=request.by))


@require_http_methods(["GET", "POST"])
@for_agents
def purge(request: AgentRequest, code: str) -> HttpResponseBase:
    """Say what goes, and ask; post removes it for good."""
    if request.method == "POST":
        return do(request, code, lambda ticket: actions.purge(ticket, by=request.by))
    return _ask(request, asked_about(request, code, "purge"))


def _ask(request: AgentRequest, ticket: Ticket) -> HttpResponse:
    said = Message.objects.filter(ticket=ticket)
    context = {
        "ticket": ticket,
        "messages": said.count(),
        "files": Attachment.objects.filter(message__in=said).count(),
        "sources": Ticket.objects.filter(merged_into=ticket).count(),
    }
    return page(request, "desk/ticket/purge.html", context)

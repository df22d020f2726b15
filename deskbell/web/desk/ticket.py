"""The page of a ticket, and the part of its thread that a page on screen has not got yet."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from deskbell.errors import BadInput
from deskbell.notices import reading
from deskbell.tickets import queries
from deskbell.tickets.thread import thread
from deskbell.web.desk import ticket_page
from deskbell.web.visit import AgentRequest, for_agents


@require_GET
@for_agents
def ticket(request: AgentRequest, code: str) -> HttpResponse:
    """Show a ticket; what this agent was told of it is read by that."""
    found = queries.ticket_for(request.by, code)
    unread = reading.unread_of(request.by)
    if reading.read_ticket(request.by, found, unread):
        unread = reading.unread_of(request.by)
    return ticket_page.show(request, found, unread=unread)


# What changes the thread above it: a page on screen has to draw all of it anew.
ANEW = frozenset(
    {
        "act.undone",
        "answer.rated",
        "customer.erased",
        "delivery.failed",  # the answer shows where it may be sent to instead
        "message.sent_on",
        "participant.accepted",
        "text.redacted",
        "ticket.absorbed",
        "ticket.purged",
        "ticket.released",
    }
)


@require_GET
@for_agents
def entries(request: AgentRequest, code: str) -> HttpResponse:
    """Give the entries after step `since`, with the head and the side as they are now."""
    found = queries.ticket_for(request.by, code)
    since = request.GET.get("since", "0")
    if not since.isdecimal() or len(since) > ticket_page.LONGEST_STEP:
        raise BadInput("since", "since must be a step")
    items = thread(found, since=int(since))
    context = {
        **ticket_page.pieces(request, found, items),
        **ticket_page.empty_composer(),
        "days": {},
        "anew": any(item.kind in ANEW for item in items),
    }
    return render(request, "desk/ticket/entries.html", context)

"""The page of a ticket, and the part of its thread that a page on screen has not got yet."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from deskbell.errors import BadInput
from deskbell.notices import reading
from deskbell.tickets import queries, thread
from deskbell.web.desk import ticket_page
from deskbell.web.visit import AgentRequest, for_agents

# Digits that fit a number of 63 bits.
LONGEST_NUMBER = 18


@require_GET
@for_agents
def ticket(request: AgentRequest, code: str) -> HttpResponse:
    """Show a ticket, with the newest of its thread or what stands `before` an entry of it.

    What this agent was told of it is read by that.
    """
    found = queries.ticket_for(request.by, code)
    unread = reading.unread_of(request.by)
    if reading.read_ticket(request.by, found, unread):
        unread = reading.unread_of(request.by)
    before = thread.entry_of(found, number) if (number := _before(request)) else None
    return ticket_page.show(request, found, unread=unread, before=before)


def _before(request: AgentRequest) -> int:
    """Return the number of the entry above which the thread is to be shown; 0 for all of it.  Raises BadInput."""
    typed = request.GET.get("before", "0")
    if not typed.isdecimal() or len(typed) > LONGEST_NUMBER:
        raise BadInput("before", "before must be the number of an entry")
    return int(typed)


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
    items = thread.thread(found, since=int(since))
    context = {
        **ticket_page.pieces(request, found, items),
        **ticket_page.empty_composer(),
        "days": {},
        "anew": any(item.kind in ANEW for item in items),
    }
    return render(request, "desk/ticket/entries.html", context)

"""Solved tickets that are like one: a page, of which the side of the ticket shows a piece when it is asked to."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from deskbell.search.similar import similar
from deskbell.tickets import queries
from deskbell.web.desk.page import page
from deskbell.web.visit import AgentRequest, for_agents


@require_GET
@for_agents
def similar_ones(request: AgentRequest, code: str) -> HttpResponse:
    """Show what was solved before, by which words it is alike, and how it was solved."""
    ticket = queries.ticket_for(request.by, code)
    context = {"ticket": ticket, "found": similar(request.by, ticket)}
    return page(request, "desk/ticket/similar.html", context)

"""The checklist of a ticket: its lines, and whether each is done."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.errors import NotFound
from deskbell.tickets import actions
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def checklist(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post puts `check` on the list."""
    words = request.POST.get("check", "")
    return do(
        request,
        code,
        lambda ticket: actions.add_check(ticket, words, by=request.by),
        then="#side",
        beside="check",
    )


@require_POST
@for_agents
def check(request: AgentRequest, code: str, number: int) -> HttpResponseBase:
    """DELETE takes the line of this number off the list."""
    if verb_of(request) != "DELETE":
        raise NotFound
    return do(
        request,
        code,
        lambda ticket: actions.remove_check(ticket, number, by=request.by),
        then="#side",
    )


@require_POST
@for_agents
def done(request: AgentRequest, code: str, number: int) -> HttpResponseBase:
    """Post checks the line of this number off; DELETE puts it back."""
    is_done = verb_of(request) != "DELETE"
    return do(
        request,
        code,
        lambda ticket: actions.check_off(ticket, number, by=request.by, done=is_done),
        then="#side",
    )

"""Letters of somebody who is let go that wait to leave: each is sent now, or kept here, by who lets them go."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from deskbell.errors import NotFound
from deskbell.tickets import scheduled
from deskbell.web.admin.agents import agent_to_let_go, show_leaving
from deskbell.web.desk.chosen import number as number_in
from deskbell.web.forms import tried
from deskbell.web.visit import AgentRequest, may, verb_of


@require_POST
@may("administer")
def letters(request: AgentRequest, number: int) -> HttpResponseBase:
    """Post sends `letter` now, as its writer wrote it and in their name, and says so; DELETE makes it their draft.

    Once they have left nothing of theirs is sent any more.
    """
    found = agent_to_let_go(request, number)
    if found.archived_at is not None:
        raise NotFound
    waiting = scheduled.seen_by(request.by).filter(agent=found)
    letter = waiting.filter(pk=number_in(request, "letter") or 0).first()

    def act() -> HttpResponseBase:
        if letter is None:  # it was sent or taken out meanwhile, as the page shows
            return redirect("archived_agent", number=found.pk)
        if verb_of(request) == "DELETE":
            scheduled.take_up(letter, by=request.by)
        else:
            scheduled.send_for(letter, by=request.by)
        return redirect("archived_agent", number=found.pk)

    return tried(request, act, lambda form, status: show_leaving(request, found, form, status))

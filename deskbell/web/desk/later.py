"""Answers that leave later: the list of them, and each of them sent now, changed or kept here after all."""

from __future__ import annotations

from datetime import datetime, tzinfo

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from deskbell import access, clock
from deskbell.errors import NotFound
from deskbell.tickets import scheduled
from deskbell.tickets.models import Draft, Ticket
from deskbell.tickets.scheduled import OUTCOMES, Plan
from deskbell.tickets.state import state_of
from deskbell.web.desk import moments, written
from deskbell.web.desk.doing import do
from deskbell.web.desk.page import page
from deskbell.web.visit import AgentRequest, for_agents, verb_of

# More than anybody reads; the next ones leave first.
MOST = 200


@require_safe
@for_agents
def leaving_later(request: AgentRequest) -> HttpResponse:
    """List what leaves later: one's own, and for whoever runs the desk everybody's that they may see."""
    found = scheduled.leaving()
    if not request.standing.may("administer", None):
        found = found.filter(agent=request.agent)
    seen = access.visible(request.by, Ticket.objects.filter(drafts__in=found))
    rows = list(found.filter(ticket__in=seen)[:MOST])
    context = {
        "own": [one for one in rows if one.agent_id == request.agent.pk],
        "others": [one for one in rows if one.agent_id != request.agent.pk],
    }
    return page(request, "desk/later.html", context, here="later")


@require_POST
@for_agents
def leaving_answer(request: AgentRequest, code: str, number: int) -> HttpResponseBase:
    """Post sends it now; DELETE makes it the draft of its writer again, with its moment where `change` is asked."""

    def act(ticket: Ticket) -> object:
        found = _one_of(ticket, number)
        if verb_of(request) != "DELETE":
            scheduled.require_own(found, by=request.by)
            return scheduled.send(found)
        return scheduled.take_up(found, by=request.by, fields=_moment_of(request, found))

    return do(request, code, act, then="#composer" if verb_of(request) == "DELETE" else "")


def send_later(request: AgentRequest, ticket: Ticket) -> Draft:
    """Keep what the form holds until the moment that it names.  Raises BadInput, ForgottenFile and as schedule()."""
    words = written.words(request)
    said = written.content(request, ticket, words)
    to = written.recipients(request)
    written.require_file(request, said)
    then = request.POST.get("later_then", "")
    plan = Plan(
        send_at=_moment(request, moments.zone_of(request.POST.get("zone", ""))),
        then=next((one for one in OUTCOMES if one == then), "answered"),
        unless_something_comes="1" in request.POST.getlist("later_unless"),
        to=to,
        copies=[one.address for one in written.in_sight(to)],
    )
    return scheduled.schedule(ticket, words, plan, by=request.by, once=written.once(request))


def _moment_of(request: AgentRequest, found: Draft) -> dict[str, list[str]]:
    """Return the fields that name its moment again, in the reader's zone, when it is only to be changed."""
    if not request.POST.get("change") or found.send_at is None:
        return {"later_at": [""]}
    zone = moments.zone_of(request.POST.get("zone", ""))
    return {
        "later_at": [found.send_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")],
        "later_then": [found.then],
        "later_unless": ["", "1"] if found.unless_something_comes else [""],
    }


def _moment(request: AgentRequest, zone: tzinfo) -> datetime:
    name = request.POST.get("later", "")
    if name == "typed":
        return moments.typed(request.POST.get("later_at", ""), zone)
    return moments.preset(name, clock.now(), zone)


def _one_of(ticket: Ticket, number: int) -> Draft:
    """Return what waits to leave on this ticket or one that was merged into it.  Raises NotFound."""
    found = scheduled.leaving([ticket.pk, *state_of(ticket).sources]).filter(pk=number).first()
    if found is None:
        raise NotFound
    return found

"""Whether I take new tickets now: the switch at the foot of the rail."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from deskbell.people import availability as people
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def availability(request: AgentRequest) -> HttpResponseBase:
    """Take new tickets; DELETE takes none for now.  Then back to the page where I was."""
    people.take_mail(request.agent, takes=verb_of(request) != "DELETE")
    back = request.POST.get("back", "/")
    fits = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if fits and back.startswith("/") else "/")

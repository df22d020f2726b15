"""A ticket that is unwanted mail, or was taken for it."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from deskbell.channels.mail import blocking
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_POST
@for_agents
def spam(request: AgentRequest, code: str) -> HttpResponseBase:
    """Post marks the ticket as spam, with `block` its sender is heard no more; DELETE says that it is none."""

    def act(ticket: Ticket) -> object:
        if verb_of(request) == "DELETE":
            return actions.not_spam(ticket, by=request.by)
        with transaction.atomic():
            if sender := request.POST.get("block", ""):
                blocking.block(sender, by=request.by)
            return actions.spam(ticket, by=request.by)

    return do(request, code, act)

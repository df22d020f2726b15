"""What the threads of an agent show: everything that happened, or messages only.  A wish of theirs, for all tickets."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from deskbell.errors import BadInput
from deskbell.people.profile import show_messages_only
from deskbell.tickets import drafts, queries
from deskbell.web.desk.drafts import keep_form, require_may_write
from deskbell.web.visit import AgentRequest, for_agents

SHOWN = ("messages", "everything")


@require_POST
@for_agents
def shown(request: AgentRequest, code: str) -> HttpResponseBase:
    """Show `messages` only from now on, or `everything`; lead back to the ticket.

    Without scripts it is the composer's form that asks: what is written in it stands there again.
    """
    ticket = queries.ticket_for(request.by, code)
    wish = request.POST.get("shown", "")
    if wish not in SHOWN:
        raise BadInput("shown", _("Choose messages only, or everything."))
    if "text" in request.POST:
        require_may_write(request, ticket)
        drafts.drop_empty(keep_form(request, ticket))
    show_messages_only(request.agent, only=wish == "messages")
    if not request.accepts("text/html"):  # a page that has changed by itself
        return HttpResponse(status=204)
    return redirect("ticket", code=ticket.code)

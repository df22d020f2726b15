"""Taking words out of a ticket for good."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_http_methods

from deskbell.errors import NotFound
from deskbell.tickets import actions
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.state import state_of
from deskbell.web.desk.asking import asked_about
from deskbell.web.desk.doing import away
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, for_agents


@require_http_methods(["GET", "POST"])
@for_agents
def redaction(request: AgentRequest, code: str) -> HttpResponseBase:
    """Ask which passage is to go; post takes it out wherever it stands."""
    ticket = asked_about(request, code, "redact")
    return _asked(
        request,
        ticket,
        None,
        lambda: actions.redact(ticket, by=request.by, passage=request.POST.get("passage", "")),
    )


@require_http_methods(["GET", "POST"])
@for_agents
def message_redaction(request: AgentRequest, code: str, number: int) -> HttpResponseBase:
    """Show the message that is to go, and ask; post takes all of it out."""
    ticket = asked_about(request, code, "redact")
    of_ticket = (ticket.pk, *state_of(ticket).sources)
    found = Message.objects.select_related("text").filter(ticket__in=of_ticket, pk=number).first()
    if found is None:
        raise NotFound
    return _asked(
        request, ticket, found, lambda: actions.redact_message(ticket, found, by=request.by)
    )


def _asked(
    request: AgentRequest, ticket: Ticket, message: Message | None, act: Callable[[], object]
) -> HttpResponseBase:
    def redact() -> HttpResponseBase:
        act()
        return away(request, f"/tickets/{ticket.code}")

    def ask(form: Form, status: int) -> HttpResponse:
        context = {"ticket": ticket, "message": message, "form": form}
        return page(request, "desk/ticket/redaction.html", context, status=status)

    return tried(request, redact, ask) if request.method == "POST" else ask(Form(), 200)

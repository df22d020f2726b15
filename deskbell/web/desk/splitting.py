"""Beginning a ticket of its own with a customer's message."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_http_methods

from deskbell.errors import NotFound
from deskbell.tickets import actions
from deskbell.tickets.models import Message, Ticket
from deskbell.web.desk.asking import asked_about
from deskbell.web.desk.doing import away
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, for_agents


@require_http_methods(["GET", "POST"])
@for_agents
def splitting(request: AgentRequest, code: str, number: int) -> HttpResponseBase:
    """Ask for the subject of the new ticket; post begins it with the message of this number."""
    ticket = asked_about(request, code, "split")
    message = Message.objects.select_related("text").filter(ticket=ticket, pk=number).first()
    if message is None:
        raise NotFound

    def act() -> HttpResponseBase:
        begun = actions.split(
            ticket, message, by=request.by, subject=request.POST.get("subject", "")
        )
        return away(request, f"/tickets/{begun.code}")

    def again(form: Form, status: int) -> HttpResponse:
        return _ask(request, ticket, message, form, status)

    if request.method == "POST":
        return tried(request, act, again)
    subject = message.subject or ticket.subject.plain
    return _ask(request, ticket, message, Form({"subject": subject}), 200)


def _ask(
    request: AgentRequest, ticket: Ticket, message: Message, form: Form, status: int
) -> HttpResponse:
    context = {"ticket": ticket, "message": message, "form": form}
    return page(request, "desk/ticket/splitting.html", context, status=status)

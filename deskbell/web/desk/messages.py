"""Messages of a ticket: writing an answer or a note, a letter's HTML in its frame, how far an answer got."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from deskbell import clock
from deskbell.channels.mail import safe_html
from deskbell.errors import NotFound
from deskbell.tickets import actions, queries
from deskbell.tickets.actions.reply import OUTCOMES, usual_recipients
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Message, Ticket
from deskbell.web.csp import HEADER
from deskbell.web.desk import chosen, moments, ticket_page
from deskbell.web.desk.doing import do
from deskbell.web.desk.frames import document, policy
from deskbell.web.visit import AgentRequest, for_agents


@require_POST
@for_agents
def messages(request: AgentRequest, code: str) -> HttpResponseBase:
    """Send an answer or keep a note."""
    write = _note if request.POST.get("kind") == "note" else _reply
    return do(request, code, lambda ticket: write(request, ticket), then="?written")


@require_GET
@for_agents
def frame(request: AgentRequest, code: str, number: int) -> HttpResponse:
    """Show a letter's HTML for the frame on the ticket's page; `pictures=1` lets remote ones in."""
    message = _message(request, code, number)
    pictures = request.GET.get("pictures") == "1"
    addresses = {
        file.content_id: f"/files/{file.token}"
        for file in message.attachments.all()
        if file.content_id
    }
    inside = safe_html.with_files(message.text.html, addresses)
    response = HttpResponse(document(inside, pictures=pictures))
    response.headers[HEADER] = policy(pictures=pictures)
    # Who sends a picture learns that it was fetched, but not from which ticket.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_GET
@for_agents
def delivery(request: AgentRequest, code: str, number: int) -> HttpResponse:
    """Show how far an answer got; the page asks again until it is decided."""
    message = _message(request, code, number)
    found = ticket_page.deliveries([message]).get(message.pk, [])
    context = {"code": code, "message": message, "deliveries": found}
    return render(request, "desk/ticket/delivery.html", context)


def _reply(request: AgentRequest, ticket: Ticket) -> Message:
    # "postponed:tomorrow": a button has one value only, so it says the moment as well.
    then, _colon, moment = request.POST.get("then", "answered").partition(":")
    zone = moments.zone_of(request.POST.get("zone", ""))
    return actions.reply(
        ticket,
        Content(_text(request)),
        by=request.by,
        then=then if then in OUTCOMES else "answered",
        until=moments.preset(moment, clock.now(), zone) if then == "postponed" else None,
        seen_step=_seen_step(request),
        to=_recipients(request, ticket),
        once=request.POST.get("once", "")[:64],
    )


def _recipients(request: AgentRequest, ticket: Ticket) -> Sequence[Recipient]:
    """Return whom the answer goes to; () for the usual ones, when the form let nobody be left out."""
    if "copies" not in request.POST:
        return ()
    copied = set(request.POST.getlist("copy"))
    return [one for one in usual_recipients(ticket) if one.role == "to" or one.address in copied]


def _note(request: AgentRequest, ticket: Ticket) -> Message:
    once = request.POST.get("once", "")[:64]
    return actions.note(
        ticket,
        Content(_text(request)),
        by=request.by,
        mentions=chosen.agents(request, "call"),
        once=once,
    )


def _text(request: AgentRequest) -> str:
    return request.POST.get("text", "").replace("\r\n", "\n").strip()


def _seen_step(request: AgentRequest) -> int | None:
    step = request.POST.get("seen_step", "")
    return int(step) if step.isdecimal() else None


def _message(request: AgentRequest, code: str, number: int) -> Message:
    """Return a message of a ticket that may be seen, or of one that was merged into it.  Raises NotFound."""
    ticket = queries.ticket_for(request.by, code)
    message = Message.objects.select_related("text").filter(pk=number).first()
    if message is None or ticket.pk not in {
        message.ticket_id,
        queries.survivor_id(message.ticket_id),
    }:
        raise NotFound
    return message

"""Messages of a ticket: writing an answer or a note, a letter's HTML in its frame, how far an answer got."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from deskbell import access, clock
from deskbell.channels.mail import outbox, safe_html
from deskbell.errors import NotFound
from deskbell.knowledge import uses
from deskbell.people.customers import also_theirs, customer_for
from deskbell.tickets import actions, drafts, queries
from deskbell.tickets.actions.reply import OUTCOMES
from deskbell.tickets.actions.send_on import party_at
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.state import state_of
from deskbell.web.csp import HEADER
from deskbell.web.desk import chosen, handed_on, moments, ticket_page, written
from deskbell.web.desk.doing import do
from deskbell.web.desk.frames import document, policy
from deskbell.web.desk.later import send_later
from deskbell.web.visit import AgentRequest, for_agents


@require_POST
@for_agents
def messages(request: AgentRequest, code: str) -> HttpResponseBase:
    """Answer, or write to somebody outside, with `later` at another moment; or keep a note, which leaves nowhere."""
    kind, is_later = request.POST.get("kind", ""), "later" in request.POST
    writes: dict[str, Callable[[AgentRequest, Ticket], object]] = {
        "note": _note,
        "forward": send_later if is_later else _forward,
    }
    write = writes.get(kind, send_later if is_later else _reply)
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


@require_POST
@for_agents
def sent_on(request: AgentRequest, code: str, number: int) -> HttpResponseBase:
    """Send a letter that did not arrive once more, to the typed `address`.

    With `theirs`, that is from now on the address of who could not be reached at `instead_of`.  `delivery` says which
    of its mails did not arrive.
    """

    def act(ticket: Ticket) -> object:
        message = _message(request, code, number)
        access.require(request.by, "forward" if message.kind == "forward" else "reply", ticket)
        typed = chosen.mail_address(request, "address")
        is_theirs = "theirs" in request.POST
        wrong = party_at(ticket, request.POST.get("instead_of", "")) if is_theirs else None
        address = customer_for(typed) if wrong is None else also_theirs(wrong, typed)
        return actions.send_on(
            ticket,
            message,
            address,
            by=request.by,
            instead_of=wrong,
            delivery_id=chosen.number(request, "delivery"),
        )

    return do(request, code, act)


def _reply(request: AgentRequest, ticket: Ticket) -> Message:
    # "postponed:tomorrow": a button has one value only, so it says the moment as well.
    then, _colon, moment = request.POST.get("then", "answered").partition(":")
    zone = moments.zone_of(request.POST.get("zone", ""))
    content = written.content(request, ticket)
    to = written.recipients(request)
    written.require_file(request, content)
    return _said(
        request,
        ticket,
        lambda: actions.reply(
            ticket,
            content,
            by=request.by,
            then=then if then in OUTCOMES else "answered",
            until=moments.preset(moment, clock.now(), zone) if then == "postponed" else None,
            seen_step=chosen.number(request, "seen_step"),
            to=to,
            copies=outbox.copies(to),
            once=written.once(request),
        ),
    )


def _note(request: AgentRequest, ticket: Ticket) -> Message:
    content = written.content(request, ticket)
    return _said(
        request,
        ticket,
        lambda: actions.note(
            ticket,
            content,
            by=request.by,
            mentions=chosen.agents(request, "call"),
            once=written.once(request),
        ),
    )


def _forward(request: AgentRequest, ticket: Ticket) -> Message:
    content = written.content(request, ticket)
    written.require_file(request, handed_on.own_words(content))
    return _said(
        request,
        ticket,
        lambda: actions.forward(
            ticket,
            content,
            by=request.by,
            to=written.recipients(request, "outside_"),
            about=_named(request, ticket, "about"),
            answers=_named(request, ticket, "answers"),
            once=written.once(request),
        ),
    )


def _said(request: AgentRequest, ticket: Ticket, say: Callable[[], Message]) -> Message:
    """Say it, and let go of the draft that it was, in one transaction."""
    with transaction.atomic():
        message = say()
        uses.count(written.canned(request), message, by=request.by)
        drafts.drop(request.agent, ticket, state_of(ticket).sources)
    return message


def _named(request: AgentRequest, ticket: Ticket, field: str) -> Message | None:
    """Return the message of the ticket or its parts that a field names; None for none.  Raises NotFound."""
    if not request.POST.get(field):
        return None
    return _message(request, ticket.code, chosen.number(request, field) or 0)


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

"""Doing something to a ticket from its page: the action, then the page again, with what was refused."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from deskbell import access
from deskbell.database.prepared import Prepared
from deskbell.errors import BadInput, Conflict, DeskError, ForgottenFile, SomethingCame
from deskbell.tickets import queries
from deskbell.tickets.models import Entry, Ticket
from deskbell.web.desk import ticket_page
from deskbell.web.desk.ticket_page import Said
from deskbell.web.forms import Form
from deskbell.web.visit import AgentRequest


def do(
    request: AgentRequest,
    code: str,
    act: Callable[[Ticket], object],
    *,
    then: str = "",
    beside: str = "",
) -> HttpResponseBase:
    """Let `act` have the ticket of this code; lead back to its page, or show there what was refused.

    then    the end of the address that is led to: a query or a fragment
    beside  the field of the page that a refused input belongs to; "" says it above the composer
    """
    ticket = queries.ticket_for(request.by, code)
    try:
        done = act(ticket)
    except SomethingCame as error:
        came = tuple(entry.step for entry in error.entries)
        return _again(request, code, Said(Form(request.POST), came=came), error)
    except ForgottenFile as error:
        return _again(request, code, Said(Form(request.POST), asked=error.words), error)
    except BadInput as error:
        place = beside or error.field
        form = Form(request.POST, errors={place: error.sentence})
        notice = "" if beside or error.field == "text" else error.sentence
        return _again(request, code, Said(form, notice=notice), error)
    except Conflict as error:
        return _again(request, code, Said(Form(request.POST), notice=error.sentence), error)
    return leave(request, ticket, done, then=then)


def leave(
    request: AgentRequest, ticket: Ticket, done: object, *, then: str = ""
) -> HttpResponseBase:
    """Lead back to the ticket's page; to the inbox, which offers to undo, when it went out of the agent's sight.

    done  what the action answered: the entry that it left, if it left one
    """
    if sees(request, ticket):
        return redirect(f"/tickets/{ticket.code}{then}")
    return away(request, f"/?done={done.pk}" if isinstance(done, Entry) else "/")


def sees(request: AgentRequest, ticket: Ticket) -> bool:
    """Whether the ticket is in the agent's sight, as it is now."""
    return any(access.sees(request.by, fresh) for fresh in _fresh(ticket.pk))


_fresh = Prepared(lambda number: Ticket.objects.filter(pk=number))


def away(request: AgentRequest, address: str) -> HttpResponseBase:
    """Lead to another page than the ticket's; htmx, which exchanges the ticket only, is told to go there whole."""
    if not request.headers.get("HX-Request"):
        return redirect(address)
    return HttpResponse(status=200, headers={"HX-Redirect": address})


def _again(request: AgentRequest, code: str, said: Said, error: DeskError) -> HttpResponseBase:
    return ticket_page.show(request, queries.ticket_for(request.by, code), said, error.status)

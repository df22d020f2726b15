"""Doing something to a ticket from its page: the action, then the page again, with what was refused."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.shortcuts import redirect

from deskbell.errors import BadInput, Conflict, DeskError, SomethingCame
from deskbell.tickets import queries
from deskbell.tickets.models import Ticket
from deskbell.web.desk import ticket_page
from deskbell.web.desk.ticket_page import Said
from deskbell.web.forms import Form
from deskbell.web.visit import AgentRequest


def do(
    request: AgentRequest, code: str, act: Callable[[Ticket], object], *, then: str = ""
) -> HttpResponseBase:
    """Let `act` have the ticket of this code; lead back to its page, or show there what was refused.

    then  the query of the page that is led to
    """
    ticket = queries.ticket_for(request.by, code)
    try:
        act(ticket)
    except SomethingCame as error:
        came = tuple(entry.step for entry in error.entries)
        return _again(request, code, Said(Form(request.POST), came=came), error)
    except BadInput as error:
        form = Form(request.POST, errors={error.field: error.sentence})
        notice = "" if error.field == "text" else error.sentence
        return _again(request, code, Said(form, notice=notice), error)
    except Conflict as error:
        return _again(request, code, Said(Form(request.POST), notice=error.sentence), error)
    return redirect(f"/tickets/{ticket.code}{then}")


def _again(request: AgentRequest, code: str, said: Said, error: DeskError) -> HttpResponseBase:
    return ticket_page.show(request, queries.ticket_for(request.by, code), said, error.status)

"""Pages that ask before something is done: whose ticket it is, and whether it may be done at all."""

from __future__ import annotations

from deskbell import access
from deskbell.tickets import lifecycle, queries
from deskbell.tickets.models import Ticket
from deskbell.web.visit import AgentRequest


def asked_about(request: AgentRequest, code: str, verb: str) -> Ticket:
    """Return the ticket of this code, to which the agent may do `verb` as it stands now.

    Raises NoSuchTicket, NotAllowed, WrongStatus, MergedAway.
    """
    ticket = queries.ticket_for(request.by, code)
    access.require(request.by, verb, ticket)
    lifecycle.require(verb, ticket, request.by)
    return ticket

"""Which department a ticket lies in."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from deskbell.errors import BadInput
from deskbell.people.models import Department
from deskbell.tickets import actions, queries
from deskbell.tickets.models import Ticket
from deskbell.web.desk.doing import do
from deskbell.web.visit import AgentRequest, for_agents


@require_POST
@for_agents
def department(request: AgentRequest, code: str) -> HttpResponseBase:
    """Transfer the ticket to the department of number `department`."""
    response = do(request, code, lambda ticket: _transfer(request, ticket))
    # Whoever hands a ticket to a department that is not theirs cannot see it any more.
    still = queries.view(request.by, "all").filter(code=code.upper()).exists()
    return response if still else redirect("inbox")


def _transfer(request: AgentRequest, ticket: Ticket) -> object:
    asked = request.POST.get("department", "")
    found = Department.objects.filter(pk=asked).first() if asked.isdecimal() else None
    if found is None:
        raise BadInput("department", _("Choose one of the departments."))
    return actions.transfer(ticket, found, by=request.by)

"""How everybody signs in: whether a password alone is enough, and who has more than that."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from deskbell import access
from deskbell.errors import NotFound
from deskbell.people import factors
from deskbell.people.models import Agent, Desk
from deskbell.web.desk.page import page
from deskbell.web.visit import AgentRequest, may


@require_safe
@may("administer")
def signing_in(request: AgentRequest) -> HttpResponse:
    """Show the rule, and who has a second factor."""
    working = Agent.objects.filter(archived_at=None).select_related("account").order_by("name")
    context = {"is_wanted": Desk.get().needs_second_factor, "agents": list(working)}
    return page(request, "admin/signing_in.html", context, here="settings")


@require_POST
@may("administer")
def rule(request: AgentRequest) -> HttpResponseBase:
    """Decide whether everybody needs a second factor."""
    factors.want_of_everybody(wanted=request.POST.get("second_factor") == "wanted")
    return redirect("signing_in")


@require_POST
@may("administer")
def lost(request: AgentRequest, number: int) -> HttpResponseBase:
    """Take the second factor of somebody away who lost it; they sign in by password and begin anew."""
    found = Agent.objects.select_related("account").filter(pk=number, archived_at=None).first()
    if found is None:
        raise NotFound
    if found.role == Agent.Role.OWNER:
        access.require(request.by, "change_owner")
    factors.take_away(found.account)
    return redirect("signing_in")

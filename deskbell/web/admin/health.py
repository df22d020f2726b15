"""How the desk is, part by part, and whether it is backed up every night."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from deskbell.backups import shelf
from deskbell.people.models import Desk
from deskbell.running import facts, nightly
from deskbell.running import health as running
from deskbell.web.desk.page import page
from deskbell.web.visit import AgentRequest, may, verb_of


@require_safe
@may("administer")
def health(request: AgentRequest) -> HttpResponse:
    """Show a line for each part of the desk, and the backups that there are."""
    lines = running.judge(facts.gather())
    context = {
        "lines": lines,
        "worst": running.worst(lines),
        "backups": shelf.kept(),
        "nightly": Desk.get().backs_up_nightly,
        "folder": shelf.folder(),
    }
    return page(request, "admin/health.html", context, here="settings")


@require_POST
@may("administer")
def nightly_backups(request: AgentRequest) -> HttpResponseBase:
    """Make a backup every night from now on; DELETE makes none."""
    nightly.switch(on=verb_of(request) != "DELETE")
    return redirect("health")

"""How the desk is, part by part, and whether it is backed up every night."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from deskbell.backups import shelf
from deskbell.channels.mail.fetch import sources
from deskbell.people import zones
from deskbell.running import facts, nightly
from deskbell.running import health as running
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may, verb_of


@require_safe
@may("administer")
def health(request: AgentRequest) -> HttpResponse:
    """Show a line for each part of the desk, its time zone, and the backups that there are."""
    return _show(request, Form({"time_zone": request.desk.time_zone}))


@require_POST
@may("administer")
def time_zone(request: AgentRequest) -> HttpResponseBase:
    """Let the desk live in another time zone."""

    def act() -> HttpResponseBase:
        zones.set_desk_zone(request.POST.get("time_zone", ""))
        return redirect("health")

    return tried(request, act, lambda form, status: _show(request, form, status))


@require_POST
@may("administer")
def nightly_backups(request: AgentRequest) -> HttpResponseBase:
    """Make a backup every night from now on; DELETE makes none."""
    nightly.switch(on=verb_of(request) != "DELETE")
    return redirect("health")


def _show(request: AgentRequest, form: Form, status: int = 200) -> HttpResponse:
    lines = running.judge(facts.gather())
    found = list(sources.wanted().order_by("box__address"))
    context = {
        "lines": lines,
        "sources": found,
        "looked_into": sources.looked_into(found),
        "worst": running.worst(lines),
        "backups": shelf.kept(),
        "nightly": request.desk.backs_up_nightly,
        "folder": shelf.folder(),
        "form": form,
        "zones": [(zone, zones.shown(zone)) for zone in zones.zones()],
        "zone_shown": zones.shown(request.desk.time_zone),
    }
    return page(request, "admin/health.html", context, here="settings", status=status)

"""My profile: how customers know me, how my pages speak and hear, my picture."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from deskbell import languages
from deskbell.errors import BadInput
from deskbell.people import pictures, profile, zones
from deskbell.people.models import Picture
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, for_agents, verb_of


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def me(request: AgentRequest) -> HttpResponseBase:
    """Show and change my profile."""
    if request.method == "POST":
        return tried(
            request, lambda: _change(request), lambda form, status: _show(request, form, status)
        )
    return _show(request, _form_of(request))


@require_POST
@for_agents
def picture(request: AgentRequest) -> HttpResponseBase:
    """Take a picture of me; DELETE lets letters stand for me again."""

    def act() -> HttpResponseBase:
        if verb_of(request) == "DELETE":
            pictures.remove_picture(request.agent)
        else:
            pictures.set_picture(request.agent, _chosen(request))
        return redirect(_said("picture"))

    def again(form: Form, status: int) -> HttpResponseBase:
        mine = _form_of(request)
        return _show(request, Form(mine.values, errors=form.errors, notice=form.notice), status)

    return tried(request, act, again)


def _change(request: AgentRequest) -> HttpResponseBase:
    sent = request.POST
    profile.change_profile(
        request.agent,
        name=sent.get("name", ""),
        signature=sent.get("signature", ""),
        language=sent.get("language", ""),
        time_zone=sent.get("time_zone", ""),
        letter_keys="letter_keys" in sent,
    )
    return redirect(_said("profile"))


def _chosen(request: AgentRequest) -> bytes:
    file = request.FILES.get("picture")
    if file is None:
        raise BadInput("picture", _("Choose a file first."))
    if (file.size or 0) > pictures.MOST_BYTES:
        raise BadInput("picture", pictures.TOO_LARGE)
    return bytes(file.read())


def _said(what: str) -> str:
    return f"/me?{urlencode({'kept': what})}"


def _form_of(request: AgentRequest) -> Form:
    agent, account = request.agent, request.agent.account
    return Form(
        {
            "name": agent.name,
            "signature": agent.signature,
            "language": languages.nearest(account.language) or languages.SOURCE,
            "time_zone": account.time_zone,
            "letter_keys": "1" if agent.letter_keys else "",
        }
    )


def _show(request: AgentRequest, form: Form, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "languages": languages.choices(),
        "zones": [
            ("", _("The desk's: %(zone)s") % {"zone": zones.shown(request.desk.time_zone)}),
            *((zone, zones.shown(zone)) for zone in zones.zones()),
        ],
        "has_picture": Picture.objects.filter(agent=request.agent).exists(),
        "is_kept": request.method == "GET" and "kept" in request.GET,
        "team": request.desk.name,
    }
    return page(request, "me/profile.html", context, here="me", status=status)

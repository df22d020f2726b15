"""The first run: the one-time token of the terminal makes its holder the owner."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from deskbell import languages
from deskbell.people import first_run
from deskbell.people.models import Desk
from deskbell.web.door.entering import come_in
from deskbell.web.forms import Form, tried


@never_cache
@sensitive_post_parameters("password", "token")
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponseBase:
    """Show the form to who has the token; make them the owner and open the desk."""
    token = request.POST.get("token") or request.GET.get("token", "")
    desk = Desk.get()
    if not first_run.opens(desk, token):
        context = {"is_set_up": desk.set_up_at is not None, "team": desk.name}
        return render(request, "door/no_token.html", context, status=403)
    if request.method == "POST":
        return tried(
            request,
            lambda: _open(request, token),
            lambda form, status: _show(request, token, form, status),
        )
    return _show(request, token, Form({"language": translation.get_language() or "en"}))


def _open(request: HttpRequest, token: str) -> HttpResponseBase:
    language = request.POST.get("language", "")
    owner = first_run.set_up(
        token,
        name=request.POST.get("name", ""),
        email=request.POST.get("email", ""),
        password=request.POST.get("password", ""),
        team=request.POST.get("team", ""),
        zone=request.POST.get("zone", ""),
        language=language if language in languages.spoken() else languages.SOURCE,
    )
    return come_in(request, owner.account, to="first_steps")


def _show(request: HttpRequest, token: str, form: Form, status: int = 200) -> HttpResponseBase:
    context = {"form": form, "token": token, "team": "", "languages": languages.choices()}
    response = render(request, "door/set_up.html", context, status=status)
    # The token stands in the address: no other site shall learn it.
    # Not "no-referrer": a browser then sends the form with "Origin: null", which the CSRF check refuses.
    response.headers["Referrer-Policy"] = "same-origin"
    return response

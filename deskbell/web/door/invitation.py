"""The page of an invitation: a password is chosen, and the desk is open."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from deskbell.errors import NotFound
from deskbell.people import accounts
from deskbell.people.models import Account, Desk
from deskbell.web.door.entering import enter
from deskbell.web.forms import Form, tried
from deskbell.web.public.broken import used_invitation


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, number: str, token: str) -> HttpResponseBase:
    """Let whoever was invited choose a password, once."""
    try:
        account = accounts.invited(number, token)
    except NotFound:
        return used_invitation(request)
    if request.method == "POST":
        return tried(
            request,
            lambda: _enter(request, account),
            lambda form, status: _show(request, account, form, status),
        )
    return _show(request, account, Form())


def _enter(request: HttpRequest, account: Account) -> HttpResponseBase:
    accounts.choose_password(account, request.POST.get("password", ""))
    # A link out of a mail is one factor: whoever reads the mail box has not yet the phone.
    return enter(request, account)


def _show(
    request: HttpRequest, account: Account, form: Form, status: int = 200
) -> HttpResponseBase:
    context = {"account": account, "form": form, "team": Desk.get().name}
    response = render(request, "door/invitation.html", context, status=status)
    # Not "no-referrer": a browser then sends the form with "Origin: null", which the CSRF check refuses.
    response.headers["Referrer-Policy"] = "same-origin"
    return response

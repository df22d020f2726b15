"""The second step of signing in, and signing in by a passkey alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from deskbell.errors import BadInput
from deskbell.people.models import Account, Desk
from deskbell.security import passkeys, second_factor, throttle
from deskbell.security.passkeys import PasskeyRefused
from deskbell.web.door.entering import HALF_IN, come_in, half_in, works_here
from deskbell.web.door.going import next_of
from deskbell.web.door.site import site_of
from deskbell.web.forms import Form, tried

_STATE = "passkey_asked"
QUESTIONS = throttle.Limit("passkey questions", 60, timedelta(minutes=5))


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponseBase:
    """Take the code of an app, or a recovery code, of somebody who gave their password."""
    if half_in(request) is None:
        return redirect("sign_in")
    if request.method == "POST":
        return tried(
            request, lambda: _take(request), lambda form, status: _show(request, form, status)
        )
    return _show(request, Form())


@never_cache
@require_POST
def passkey_options(request: HttpRequest) -> JsonResponse:
    """Say what the browser is to ask a passkey: of whoever stands half in, else of anybody."""
    half = half_in(request)
    if half is None:
        # Each question is a row for some minutes; nobody needs many.
        throttle.count((QUESTIONS, throttle.network_of(request.META.get("REMOTE_ADDR", ""))))
        request.session.set_expiry(HALF_IN)
    asked = passkeys.ask_for_one(site_of(request), half[0].pk if half else None)
    request.session[_STATE] = asked.state
    return JsonResponse(asked.options)


@never_cache
@require_POST
def passkey(request: HttpRequest) -> HttpResponseBase:
    """Let in whoever's passkey the browser brought."""
    half = half_in(request)
    return tried(
        request,
        lambda: _enter_by_passkey(request, half),
        lambda form, status: _again(request, form, status, is_half_in=half is not None),
    )


def _enter_by_passkey(request: HttpRequest, half: tuple[Account, str] | None) -> HttpResponseBase:
    state = request.session.pop(_STATE, None)  # an answer fits one question, once
    if state is None:
        raise PasskeyRefused
    number = passkeys.owner_of(site_of(request), state, _sent(request))
    account = Account.objects.filter(pk=number, is_active=True).first()
    if account is None or not works_here(account) or (half and half[0].pk != number):
        raise PasskeyRefused
    return come_in(request, account, to=half[1] if half else next_of(request))


def _take(request: HttpRequest) -> HttpResponseBase:
    half = half_in(request)
    assert half is not None
    account, to = half
    who, peer = f"second step of {account.pk}", request.META.get("REMOTE_ADDR", "")
    throttle.count_try(who, peer)
    if not second_factor.is_right(account.pk, request.POST.get("code", "")):
        raise BadInput("code", _("This code is not right. Take the one that the app shows now."))
    throttle.succeed(who, peer)
    return come_in(request, account, to=to)


def _sent(request: HttpRequest) -> Mapping[str, Any]:
    try:
        answer = json.loads(request.POST.get("answer", ""))
    except ValueError:
        raise PasskeyRefused from None
    if not isinstance(answer, dict):
        raise PasskeyRefused
    return answer


def _show(request: HttpRequest, form: Form, status: int = 200) -> HttpResponseBase:
    half = half_in(request)
    context = {
        "form": form,
        "team": Desk.get().name,
        "has_passkey": half is not None and bool(passkeys.of(half[0].pk)),
    }
    return render(request, "door/second_step.html", context, status=status)


def _again(request: HttpRequest, form: Form, status: int, *, is_half_in: bool) -> HttpResponseBase:
    if is_half_in:
        return _show(request, form, status)
    context = {"form": form, "team": Desk.get().name, "next": "", "sign_out_said": False}
    return render(request, "door/sign_in.html", context, status=status)

"""My second factor: an app that shows codes, passkeys, recovery codes.  Each change asks for the password first."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from markupsafe import Markup

from deskbell.people import factors
from deskbell.people.models import Account
from deskbell.security import passkeys, second_factor
from deskbell.security.passkeys import PasskeyRefused
from deskbell.security.secrets import seal, unseal
from deskbell.web.desk.page import page
from deskbell.web.door.site import site_of
from deskbell.web.forms import Form, tried
from deskbell.web.me.security import require_password, show
from deskbell.web.sure import be_sure, require_sure
from deskbell.web.visit import AgentRequest, for_agents, verb_of

# What the session remembers while an app, or a browser, is asked.
_SECRET, _STATE = "app_secret", "passkey_asked"


@require_POST
@sensitive_post_parameters("sure")
@for_agents(before_second_factor=True)
def sure(request: AgentRequest) -> HttpResponseBase:
    """Take my password, so that I may change how I sign in."""

    def act() -> HttpResponseBase:
        require_password(request, "sure")
        be_sure(request)
        return redirect("/me/security#factors")

    return _tried(request, act)


@require_POST
@for_agents(before_second_factor=True)
def new_app(request: AgentRequest) -> HttpResponseBase:
    """Show a secret for an app to read, and ask for its first code."""
    require_sure(request)
    secret = second_factor.new_secret()
    request.session[_SECRET] = seal(secret)
    return _show_app(request, secret, Form())


@never_cache
@require_POST
@sensitive_post_parameters("code")
@for_agents(before_second_factor=True)
def app(request: AgentRequest) -> HttpResponseBase:
    """Take the app's first code; DELETE lets the app count no more."""
    require_sure(request)
    if verb_of(request) == "DELETE":
        factors.end_codes(_account(request))
        return redirect("/me/security?kept=factor")
    secret = unseal(request.session.get(_SECRET, ""))
    if not secret:
        return redirect("my_security")

    def act() -> HttpResponseBase:
        codes = factors.begin_codes(_account(request), secret, request.POST.get("code", ""))
        del request.session[_SECRET]
        return _done(request, codes)

    return tried(request, act, lambda form, status: _show_app(request, secret, form, status))


@never_cache
@require_POST
@for_agents(before_second_factor=True)
def passkey_options(request: AgentRequest) -> JsonResponse:
    """Say what the browser is to ask of a device for a new passkey."""
    require_sure(request)
    account = _account(request)
    asked = passkeys.ask_for_new(
        site_of(request), account.pk, email=account.email, name=account.name
    )
    request.session[_STATE] = asked.state
    return JsonResponse(asked.options)


@require_POST
@for_agents(before_second_factor=True)
def new_passkey(request: AgentRequest) -> HttpResponseBase:
    """Keep the passkey that a device made."""
    require_sure(request)

    def act() -> HttpResponseBase:
        state = request.session.pop(_STATE, None)
        answer = _answer(request)
        if state is None or answer is None:
            raise PasskeyRefused
        name = request.POST.get("passkey_name", "")
        _key, codes = factors.add_passkey(
            _account(request), site_of(request), state, answer, name=name
        )
        return _done(request, codes)

    return _tried(request, act)


@require_POST
@for_agents(before_second_factor=True)
def passkey(request: AgentRequest, number: int) -> HttpResponseBase:
    """Let one of my passkeys count no more."""
    require_sure(request)
    factors.forget_passkey(_account(request), number)
    return redirect("/me/security?kept=factor")


@never_cache
@require_POST
@for_agents(before_second_factor=True)
def recovery_codes(request: AgentRequest) -> HttpResponseBase:
    """Make new recovery codes and show them, this once."""
    require_sure(request)
    return _show_codes(request, factors.new_recovery_codes(_account(request)))


def _tried(request: AgentRequest, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    return tried(request, act, lambda form, status: show(request, form, status))


def _answer(request: AgentRequest) -> dict[str, object] | None:
    try:
        answer = json.loads(request.POST.get("answer", ""))
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _done(request: AgentRequest, codes: list[str]) -> HttpResponseBase:
    return _show_codes(request, codes) if codes else redirect("/me/security?kept=factor_on")


def _account(request: AgentRequest) -> Account:
    return request.agent.account


def _show_app(request: AgentRequest, secret: str, form: Form, status: int = 200) -> HttpResponse:
    address = second_factor.address_of(
        secret, account=_account(request).email, desk=request.desk.name
    )
    context = {
        "form": form,
        "picture": Markup(second_factor.picture_of(address)),  # noqa: S704  drawn by us
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }
    return page(request, "me/app.html", context, here="me", status=status)


def _show_codes(request: AgentRequest, codes: list[str]) -> HttpResponse:
    return page(request, "me/recovery_codes.html", {"codes": codes}, here="me")

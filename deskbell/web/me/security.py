"""How I sign in: my password, and where I am signed in at the moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from deskbell.errors import BadInput
from deskbell.people import accounts, factors
from deskbell.security import devices, passkeys, second_factor, sessions, throttle
from deskbell.security.models import Authenticator
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.sure import is_sure
from deskbell.web.visit import AgentRequest, for_agents


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere that I am signed in.

    name     by which the page ends it; "" for the one that asks
    is_here  it is the one that asks
    """

    name: str
    device: str
    peer: str
    since: datetime
    seen_at: datetime
    is_here: bool


@require_safe
@for_agents(before_second_factor=True)
def security(request: AgentRequest) -> HttpResponse:
    """Show how I sign in."""
    return show(request, Form())


@require_POST
@sensitive_post_parameters("password", "old_password")
@for_agents
def password(request: AgentRequest) -> HttpResponseBase:
    """Change my password; everywhere else I am signed out."""
    return tried(
        request, lambda: _change(request), lambda form, status: show(request, form, status)
    )


@require_POST
@for_agents
def session(request: AgentRequest, name: str) -> HttpResponseBase:
    """End one of my sessions; one that has ended already is ended."""
    sessions.end(request.agent.account_id, name)
    return redirect("/me/security?kept=session")


@require_POST
@for_agents
def all_sessions(request: AgentRequest) -> HttpResponseBase:
    """End all my sessions but this one."""
    sessions.end_all(request.agent.account_id, besides=request.session.session_key)
    return redirect("/me/security?kept=session")


def show(request: AgentRequest, form: Form, status: int = 200) -> HttpResponse:
    """Return the page; other views of it come back here with what was refused."""
    number = request.agent.account_id
    context = {
        "form": form,
        "places": _places(request),
        "is_sure": is_sure(request),
        "is_missing": factors.is_missing(request.agent.account, request.desk),
        "app": Authenticator.objects.filter(account_id=number).first(),
        "passkeys": passkeys.of(number),
        "codes_left": second_factor.recovery_codes_left(number),
        "said": request.GET.get("kept", "") if request.method == "GET" else "",
    }
    return page(request, "me/security.html", context, here="me", status=status)


def require_password(request: AgentRequest, field: str = "old_password") -> None:
    """Raise BadInput unless the form brings my password: a desk left open gives nobody my account.

    Guesses are counted as those at the door are.  Raises TooManySignIns.
    """
    email, peer = request.agent.account.email, request.META.get("REMOTE_ADDR", "")
    throttle.count_try(email, peer)
    if not request.agent.account.check_password(request.POST.get(field, "")):
        raise BadInput(field, _("This is not your current password."))
    throttle.succeed(email, peer)


def _change(request: AgentRequest) -> HttpResponseBase:
    account = request.agent.account
    require_password(request)
    with transaction.atomic():
        accounts.choose_password(
            account, request.POST.get("password", ""), stays=request.session.session_key
        )
    update_session_auth_hash(request, account)
    return redirect("/me/security?kept=password")


def _places(request: AgentRequest) -> list[Place]:
    here = request.session.session_key
    return [
        Place(
            name="" if one.session_key == here else sessions.name_of(one),
            device=devices.words_of(one.device),
            peer=one.peer,
            since=one.since,
            seen_at=one.seen_at,
            is_here=one.session_key == here,
        )
        for one in sessions.sessions_of(request.agent.account_id)
    ]

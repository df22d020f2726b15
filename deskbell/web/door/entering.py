"""Coming in: the one way into a session, whichever door it was.  Views of the door call it.

Who has a second factor stands half in after the password: the session knows who it may become, for some
minutes, and nothing else opens.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from deskbell import clock
from deskbell.people.models import Account, Agent
from deskbell.security import sessions
from deskbell.web.sure import be_sure

BACKEND = "django.contrib.auth.backends.ModelBackend"

# How long somebody may look for their phone.
HALF_IN = timedelta(minutes=10)

_HALF = "half_in"


def enter(request: HttpRequest, account: Account, *, to: str = "/") -> HttpResponseBase:
    """Let somebody in who showed one factor: to `to`, or to the second step when they have another."""
    if not account.has_second_factor:
        return come_in(request, account, to=to)
    request.session.flush()
    until = round((clock.now() + HALF_IN).timestamp())
    request.session.set_expiry(HALF_IN)
    # With the sum of the password: who changes it ends this as well.
    request.session[_HALF] = {
        "account": account.pk,
        "password": account.get_session_auth_hash(),
        "until": until,
        "to": to,
    }
    return redirect("second_step")


def come_in(request: HttpRequest, account: Account, *, to: str = "/") -> HttpResponseBase:
    """Begin a session of `account`, seen from its device, and lead on."""
    request.session.pop(_HALF, None)
    request.session.set_expiry(None)
    login(request, account, backend=BACKEND)
    sessions.began(
        request.session,
        device=request.headers.get("User-Agent", ""),
        peer=request.META.get("REMOTE_ADDR", ""),
    )
    be_sure(request)
    return redirect(to)


def half_in(request: HttpRequest) -> tuple[Account, str] | None:
    """Return who stands half in, and where they are going; None for nobody, any more."""
    half = request.session.get(_HALF)
    if not half or half["until"] < clock.now().timestamp():
        return None
    account = Account.objects.filter(pk=half["account"], is_active=True).first()
    if account is None or not works_here(account):
        return None
    if not constant_time_compare(half["password"], account.get_session_auth_hash()):
        return None
    return account, str(half["to"])


def works_here(account: Account) -> bool:
    """Whether an agent who has not left signs in by this account."""
    return Agent.objects.filter(account=account, archived_at=None).exists()

"""Coming in: the one way into a session, whichever door it was.  Views of the door call it."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest

from deskbell.people.models import Account
from deskbell.security import sessions

BACKEND = "django.contrib.auth.backends.ModelBackend"


def come_in(request: HttpRequest, account: Account) -> None:
    """Begin a session of `account`, seen from its device."""
    login(request, account, backend=BACKEND)
    sessions.began(
        request.session,
        device=request.headers.get("User-Agent", ""),
        peer=request.META.get("REMOTE_ADDR", ""),
    )

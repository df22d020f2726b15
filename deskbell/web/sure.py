"""Being sure who sits there: the password was given a moment ago.

What changes how somebody signs in asks for that: a desk that was left open gives nobody an account.
"""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest

from deskbell import clock
from deskbell.errors import NotAllowed

LASTS = timedelta(minutes=10)

_SURE = "sure_until"


def be_sure(request: HttpRequest) -> None:
    """The password was given just now."""
    request.session[_SURE] = round((clock.now() + LASTS).timestamp())


def is_sure(request: HttpRequest) -> bool:
    """Return whether the password was given a moment ago."""
    return float(request.session.get(_SURE, 0)) > clock.now().timestamp()


def require_sure(request: HttpRequest) -> None:
    """Raise NotAllowed unless the password was given a moment ago; the page asks for it before."""
    if not is_sure(request):
        raise NotAllowed(action="change_factors")

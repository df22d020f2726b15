"""Asking for a new password: whoever it is learns nothing about who works here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from deskbell.channels.mail import to_accounts
from deskbell.errors import BadInput
from deskbell.people.models import Desk
from deskbell.security import throttle
from deskbell.web.forms import Form, tried


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lost_password(request: HttpRequest) -> HttpResponseBase:
    """Take an address; if somebody signs in with it, a letter with a link goes there."""
    if request.method == "POST":
        return tried(
            request, lambda: _ask(request), lambda form, status: _show(request, form, status)
        )
    return _show(request, Form())


def _ask(request: HttpRequest) -> HttpResponseBase:
    email = request.POST.get("email", "").strip()
    if "@" not in email:
        raise BadInput(
            "email", _("This is not a whole mail address; it looks like name@example.com.")
        )
    # A counter of its own: asking for a link makes nobody wait who knows the password.
    throttle.count_try(f"lost password of {email}", request.META.get("REMOTE_ADDR", ""))
    to_accounts.ask_for_new_password(email)
    return redirect("/lost-password?sent=1")


def _show(request: HttpRequest, form: Form, status: int = 200) -> HttpResponseBase:
    context = {
        "form": form,
        "team": Desk.get().name,
        "is_sent": "sent" in request.GET and request.method == "GET",
    }
    return render(request, "door/lost_password.html", context, status=status)

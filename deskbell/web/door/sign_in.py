"""Signing in with address and password, and out again."""

from __future__ import annotations

from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from deskbell.errors import DeskError
from deskbell.people.models import Account, Desk
from deskbell.security import throttle
from deskbell.web.door.entering import enter, works_here
from deskbell.web.door.going import next_of
from deskbell.web.forms import Form, tried
from deskbell.web.visit import agent_of


class WrongPassword(DeskError):
    """The same sentence whether the address or the password is wrong: nobody learns who has an account."""

    code = "wrong_password"
    status = 403
    template = _("This address and this password do not belong together. Check both and try again.")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Show the form; take an address and a password and open the desk."""
    if Desk.get().set_up_at is None:
        return redirect("set_up")
    if request.method == "POST":
        return tried(
            request, lambda: _enter(request), lambda form, status: _show(request, form, status)
        )
    if agent_of(request) is not None:
        return redirect(next_of(request))
    return _show(request, Form())


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session."""
    logout(request)
    return redirect("/sign-in?out=1")


def _enter(request: HttpRequest) -> HttpResponseBase:
    email, peer = request.POST.get("email", ""), request.META.get("REMOTE_ADDR", "")
    throttle.count_try(email, peer)
    account = authenticate(request, username=email, password=request.POST.get("password", ""))
    if not isinstance(account, Account) or not works_here(account):
        raise WrongPassword
    throttle.succeed(email, peer)
    return enter(request, account, to=next_of(request))


def _show(request: HttpRequest, form: Form, status: int = 200) -> HttpResponseBase:
    context = {
        "form": form,
        "team": Desk.get().name,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "sign_out_said": "out" in request.GET and request.method == "GET",
    }
    return render(request, "door/sign_in.html", context, status=status)

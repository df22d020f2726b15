"""The keys of mail: those that open letters to our addresses, and those that customers sign with.

A private one is never shown.
"""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from deskbell import clock
from deskbell.channels.mail import opening, pgp
from deskbell.channels.mail.models import MailBox, MailKey
from deskbell.errors import BadInput, NotFound
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may, verb_of


@sensitive_post_parameters("passphrase")
@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def mail_keys(request: AgentRequest) -> HttpResponseBase:
    """List the keys, and add one from a file."""

    def act() -> HttpResponseBase:
        raw, address = _file(request), request.POST.get("address", "")
        if address:
            opening.add_box_key(address, raw, request.POST.get("passphrase", ""))
        else:
            opening.add_public_key(raw)
        return redirect("mail_keys")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, form, status))
    return _show(request, Form())


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def mail_key(request: AgentRequest, number: int) -> HttpResponseBase:
    """Ask whether a key is to be forgotten; DELETE forgets it."""
    found = MailKey.objects.select_related("box").filter(pk=number).first()
    if found is None:
        raise NotFound
    if request.method == "POST" and verb_of(request) == "DELETE":
        opening.remove_key(found.fingerprint)
        return redirect("mail_keys")
    return page(request, "admin/mail_key.html", {"key": found}, here="settings")


def _file(request: AgentRequest) -> bytes:
    file = request.FILES.get("file")
    if file is None:
        raise BadInput("file", _("Choose a file first."))
    # One byte more than may be, so that what is too large is found to be.
    return bytes(file.read(opening.MAX_KEY_BYTES + 1))


def _show(request: AgentRequest, form: Form, status: int = 200) -> HttpResponse:
    boxes = MailBox.objects.filter(archived_at=None).values_list("address", flat=True)
    context = {
        "form": form,
        "keys": MailKey.objects.select_related("box").order_by("box__address", "id"),
        "now": clock.now(),
        "whose": [
            *((address, address) for address in boxes),
            ("", _("of a customer, whose signatures count")),
        ],
        "has_gpg": pgp.is_here(),
    }
    return page(request, "admin/mail_keys.html", context, here="settings", status=status)

"""Senders who are heard no more."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from deskbell.channels.mail import blocking
from deskbell.channels.mail.models import BlockedSender
from deskbell.errors import NotFound
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may


@require_http_methods(["GET", "HEAD", "POST"])
@may("block_sender")
def blocked_senders(request: AgentRequest) -> HttpResponseBase:
    """List them; post blocks one more."""

    def act() -> HttpResponseBase:
        blocking.block(request.POST.get("sender", ""), by=request.by)
        return redirect("blocked_senders")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, form, status))
    return _show(request, Form())


@require_POST
@may("block_sender")
def unblock(request: AgentRequest, number: int) -> HttpResponseBase:
    """Hear of one again."""
    found = BlockedSender.objects.filter(pk=number).first()
    if found is None:
        raise NotFound
    blocking.unblock(found, by=request.by)
    return redirect("blocked_senders")


def _show(request: AgentRequest, form: Form, status: int = 200) -> HttpResponse:
    found = BlockedSender.objects.select_related("blocked_by").order_by("-blocked_at", "-pk")
    context = {"form": form, "senders": list(found)}
    return page(request, "desk/blocked_senders.html", context, here="letters", status=status)

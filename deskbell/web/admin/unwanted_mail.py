"""What the desk has decided about unwanted mail: limits of its own letters, whose word is believed, its filter."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from deskbell.channels.mail import precautions
from deskbell.channels.mail.spam import learn, suspect
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def unwanted_mail(request: AgentRequest) -> HttpResponseBase:
    """Show what was decided, and change it."""

    def act() -> HttpResponseBase:
        precautions.change(
            to_a_sender=request.POST.get("to_a_sender", ""),
            on_a_ticket=request.POST.get("on_a_ticket", ""),
            filters=bool(request.POST.get("filters")),
            checkers=request.POST.get("checkers", ""),
            sealers=request.POST.get("sealers", ""),
        )
        return redirect("unwanted_mail")

    if request.method == "POST":
        return tried(request, act, lambda form, status: _show(request, form, status))
    return _show(request, _form())


def _form() -> Form:
    now = precautions.current()
    return Form(
        {
            "to_a_sender": str(now.to_a_sender),
            "on_a_ticket": str(now.on_a_ticket),
            "filters": "1" if now.filters else "",
            "checkers": "\n".join(now.checkers),
            "sealers": "\n".join(now.sealers),
        }
    )


def _show(request: AgentRequest, form: Form, status: int = 200) -> HttpResponse:
    context = {"form": form, "learned": learn.learned(), "fewest": suspect.FEWEST_LESSONS}
    return page(request, "admin/unwanted_mail.html", context, here="settings", status=status)

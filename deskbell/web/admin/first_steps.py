"""The checklist of the first day; each step with a working example, in any order."""

from __future__ import annotations

import shlex
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from deskbell.channels.mail.models import MailBox, Source
from deskbell.environment import ALL_INTERFACES, DEFAULT_DATA
from deskbell.people.models import Agent
from deskbell.tickets.models import Message, Ticket
from deskbell.web.desk.page import page
from deskbell.web.visit import AgentRequest, may


@require_safe
@may("administer")
def first_steps(request: AgentRequest) -> HttpResponse:
    """Show what is done and what comes next."""
    box = MailBox.objects.filter(archived_at=None).order_by("id").first()
    first = Ticket.objects.filter(channel="mail").order_by("id").first()
    context = {
        "box": box,
        "source": Source.objects.filter(box=box).first() if box else None,
        "first_ticket": first,
        "agents": list(
            Agent.objects.filter(archived_at=None).exclude(pk=request.agent.pk).order_by("id")
        ),
        "is_answered": Message.objects.filter(kind=Message.Kind.REPLY).exists(),
        "smtp": _port(settings.SMTP),
        "has_relay": bool(settings.RELAY) or MailBox.objects.exclude(relay="").exists(),
        "named": _named(settings.DATA),
        "to": box.address if box else "help@example.com",
    }
    return page(request, "admin/first_steps.html", context, here="settings")


def _named(data: Path) -> str:
    """Return what names this desk's folder to a command; "" for the one that commands take by themselves."""
    return "" if data == DEFAULT_DATA else f" --data {shlex.quote(str(data))}"


def _port(address: str) -> tuple[str, str]:
    """Return host and port that somebody on this machine reaches the desk's SMTP under."""
    host, _, port = address.rpartition(":")
    return (host if host not in ALL_INTERFACES else "127.0.0.1"), port

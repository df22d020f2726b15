"""The page for a link out of a letter that leads nowhere any more; who followed it is no agent, or not yet."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from deskbell.people.models import Desk


def broken_question(request: HttpRequest) -> HttpResponse:
    """Tell a customer whose "is it solved?" link is mistyped or cut how to reach us all the same."""
    say = _(
        "Perhaps a part of it was lost on the way. Simply answer our letter, and it reaches us."
    )
    return _page(request, _("This link is broken"), say)


def used_invitation(request: HttpRequest) -> HttpResponse:
    """Tell somebody who was invited that the link works no more, and what to do."""
    say = _("An invitation works once, for three days. Sign in, or ask for a new one.")
    return _page(request, _("This link was used or has run out"), say, to_the_door=True)


def _page(request: HttpRequest, title: str, say: str, *, to_the_door: bool = False) -> HttpResponse:
    context = {"team": Desk.get().name, "title": title, "say": say, "to_the_door": to_the_door}
    return render(request, "public/broken.html", context, status=404)

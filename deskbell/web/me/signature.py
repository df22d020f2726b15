"""How my signature stands below an answer, with the team's words around it filled: looked at while it is written."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from deskbell import languages
from deskbell.notices.examples import example
from deskbell.notices.rendering import Words
from deskbell.people import own_words
from deskbell.people.models import Department
from deskbell.people.profile import checked_signature
from deskbell.web import csp
from deskbell.web.forms import tried
from deskbell.web.visit import AgentRequest, for_agents

# What of the team's words stands in the same letter.
TOGETHER = ("answer", "signature")


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def signature(request: AgentRequest) -> HttpResponseBase:
    """Show an answer signed as it was typed, or is kept, once for each look that my departments give it."""

    def show() -> HttpResponse:
        typed = request.POST.get("signature", request.agent.signature)
        name = request.POST.get("name", "").strip() or request.agent.name
        return _shown(request, {"letters": _letters(request, name, checked_signature(typed))}, 200)

    return tried(request, show, lambda form, status: _shown(request, {"form": form}, status))


def _letters(request: AgentRequest, name: str, typed: str) -> list[tuple[str, Words]]:
    """Return letters that look different, each with the names of the departments whose letters look so."""
    found: dict[Words, list[str]] = {}
    for department in _departments(request):
        words = _letter(request, department, name, typed)
        found.setdefault(words, []).append(department.name if department else "")
    return [(", ".join(names), words) for words, names in found.items()]


def _departments(request: AgentRequest) -> list[Department | None]:
    own = request.standing.departments
    return [one for one in request.working if one.pk in own] or [None]


def _letter(request: AgentRequest, department: Department | None, name: str, typed: str) -> Words:
    language = languages.nearest(request.desk.language) or languages.SOURCE
    place = department.pk if department else 0
    with translation.override(language):
        return example(
            "signature",
            {one: own_words.words_for(one, place, language) for one in TOGETHER},
            team=request.desk.name,
            department=department.name if department else _("Support"),
            agent=name,
            signature=typed,
        )


def _shown(request: AgentRequest, context: dict[str, object], status: int) -> HttpResponse:
    response = render(request, "me/signature.html", context, status=status)
    response.headers[csp.HEADER] = csp.PREVIEW
    return response

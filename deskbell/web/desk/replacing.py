"""Search & Replace in canned answers, ticket templates and the letters' own words: shown, chosen, done, and undone."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from deskbell.channels.mail import plain, safe_html
from deskbell.errors import BadInput
from deskbell.knowledge import replacing
from deskbell.knowledge.canned import Said
from deskbell.knowledge.models import ReplacedText
from deskbell.knowledge.replacing import Hit, Place
from deskbell.knowledge.substitution import Wish
from deskbell.web.admin.our_letters import NAMES
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, for_agents, verb_of
from deskbell.web.words import language_name

# More changes of one text than anybody reads.
MOST_SHOWN = 5


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def replacing_page(request: AgentRequest) -> HttpResponseBase:
    """Show what would change; post replaces in the chosen, DELETE undoes what this agent replaced last."""
    if request.method != "POST":
        asked = "find" in request.GET
        form = Form(request.GET)
        if not asked:
            return _show(request, form, None)
        return tried(
            request,
            lambda: _show(request, form, replacing.hits(_wish(request.GET), _again, by=request.by)),
            lambda refused, status: _show(
                request, Form(request.GET, refused.errors, refused.notice), None, status
            ),
        )
    if verb_of(request) == "DELETE":
        left = replacing.undo(by=request.by)
        return redirect(f"{reverse('replacing')}?{urlencode({'undone': left})}")

    def act() -> HttpResponseBase:
        replacing.do(_wish(request.POST), request.POST.getlist("chosen"), _again, by=request.by)
        return redirect(f"{reverse('replacing')}?done=1")

    def again(form: Form, status: int) -> HttpResponse:
        return _show(request, form, _shown_again(request), status)

    return tried(request, act, again)


def _shown_again(request: AgentRequest) -> list[Hit] | None:
    try:
        return replacing.hits(_wish(request.POST), _again, by=request.by)
    except BadInput:
        return None


def _show(
    request: AgentRequest, form: Form, found: list[Hit] | None, status: int = 200
) -> HttpResponse:
    last = replacing.last(request.by)
    undone = request.GET.get("undone", "")
    context = {
        "form": form,
        "hits": None if found is None else [(one, *_where(one.place), one.changes[:MOST_SHOWN]) for one in found],
        "able": sum(1 for one in found or () if not one.refused),
        "last": last,
        "texts": last.texts.count() if last else 0,
        "is_done": "done" in request.GET and last is not None,
        "left": int(undone) if undone.isdecimal() and len(undone) < len(str(2**31)) else None,
    }  # fmt: skip
    return page(request, "desk/canned/replacing.html", context, here="canned", status=status)


def _where(place: Place) -> tuple[str, str, str]:
    """Return what a text is called, its language, and where it is changed by hand."""
    if place.answer is not None:
        address = reverse("canned_answer", args=[place.answer.pk])
        if place.part == ReplacedText.Part.NAME:
            return place.answer.name, pgettext("of a thing", "Name"), address
        language = language_name(place.language)
        return place.answer.name, language, f"{address}?{urlencode({'language': place.language})}"
    if place.template is not None:
        address = reverse("ticket_template", args=[place.template.pk])
        parts = {"name": pgettext("of a thing", "Name"), "subject": _("Subject"), "text": _("Text")}
        return place.template.name, f"{_('Ticket template')} · {parts[place.part]}", address
    number = place.department.pk if place.department else ""
    query = urlencode({"department": number, "language": place.language})
    name = _("Letter: %(name)s") % {"name": NAMES[place.letter][0]}
    whose = place.department.name if place.department else _("All departments")
    language = language_name(place.language) if place.language else _("Every language")
    return name, f"{whose} · {language}", f"{reverse('our_letter', args=[place.letter])}?{query}"


def _again(html: str) -> Said:
    safe = safe_html.clean(html)
    return Said(plain.text_of_html(safe).strip(), safe)


def _wish(sent: QueryDict) -> Wish:
    return Wish(
        find=sent.get("find", ""),
        instead=sent.get("instead", ""),
        match_case="match_case" in sent,
        whole_words="whole_words" in sent,
    )

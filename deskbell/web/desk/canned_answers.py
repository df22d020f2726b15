"""Canned answers: the list by folder, making, changing and archiving them, and what one says for a ticket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deskbell import access, languages
from deskbell.errors import BadInput, NoSuchTicket, NotFound
from deskbell.knowledge import canned, filling, whose
from deskbell.knowledge.canned import Said, Wanted
from deskbell.knowledge.filling import About, Filled, about_ticket
from deskbell.knowledge.models import CannedAnswer, CannedFile
from deskbell.knowledge.offers import with_words
from deskbell.knowledge.whose import ChangedMeanwhile
from deskbell.notices.paragraphs import html_of_text
from deskbell.people.wording import require_known_places
from deskbell.tickets import queries
from deskbell.tickets.drafts import numbers_of
from deskbell.tickets.models import Ticket
from deskbell.web import csp
from deskbell.web.desk import chosen, written
from deskbell.web.desk.frames import document
from deskbell.web.desk.meanwhile import Meanwhile, form_over, meanwhile, seen
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.giving import give
from deskbell.web.visit import AgentRequest, for_agents, verb_of
from deskbell.web.words import language_name

# Of a text the list shows so much.
FIRST_WORDS = 160
LONGEST_SEARCH = 100
# More than anybody reads on one page; who has more searches.
MOST = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A canned answer in the list."""

    answer: CannedAnswer
    words: str
    languages: list[str]
    files: int
    may_change: bool


@require_safe
@for_agents
def canned_answers(request: AgentRequest) -> HttpResponse:
    """List the canned answers that this agent may look at by folder, those with all words of `q`."""
    asked = request.GET.get("q", "")[:LONGEST_SEARCH]
    found = with_words(canned.listed(request.by, shares=_shares(request)), asked)
    found = found.select_related("department").prefetch_related("texts", "files")
    rows = [_row(request, one) for one in found[:MOST]]
    offered = [row for row in rows if row.answer.archived_at is None]
    gone = request.GET.get("archived", "")
    context = {
        "asked": asked,
        "is_cut": len(rows) == MOST,
        "folders": [
            (folder, list(group)) for folder, group in groupby(offered, lambda row: row.answer.folder)
        ],
        "archived": [row for row in rows if row.answer.archived_at is not None],
        "just_archived": next((row.answer for row in rows if str(row.answer.pk) == gone), None),
        "just_kept": next((row.answer for row in rows if str(row.answer.pk) == request.GET.get("kept")), None),
    }  # fmt: skip
    return page(request, "desk/canned/list.html", context, here="canned")


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def new_canned_answer(request: AgentRequest) -> HttpResponseBase:
    """Show the form; post makes the answer."""

    def act() -> HttpResponseBase:
        return _kept(request, canned.make(_wanted(request, None), by=request.by))

    if request.method == "POST":
        return _tried(request, act, None)
    begins = {
        "audience": "mine",
        "language": _own_language(request),
        "folder": request.GET.get("folder", ""),
    }
    return _show(request, None, Form(begins))


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def canned_answer(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show an answer, with its form for who may change it; post changes it."""
    found = canned.one_of(request.by, number, shares=_shares(request))

    def act() -> HttpResponseBase:
        wanted = _wanted(request, found)
        try:
            canned.change(found, wanted, by=request.by, seen=seen(request))
        except ChangedMeanwhile as error:
            return _show_both(request, found, wanted, error.status)
        return _kept(request, found)

    if request.method == "POST":
        whose.require_change(found, request.by)
        return _tried(request, act, found)
    return _show(request, found, _form_of(request, found))


@require_POST
@for_agents
def archived(request: AgentRequest, number: int) -> HttpResponseBase:
    """Offer an answer no more; DELETE offers it again."""
    found = canned.one_of(request.by, number, shares=_shares(request))
    if verb_of(request) == "DELETE":
        whose.bring_back(found, by=request.by)
        return redirect("canned_answers")
    whose.archive(found, by=request.by)
    return redirect(f"{reverse('canned_answers')}?archived={number}")


@require_safe
@for_agents
def canned_file(request: AgentRequest, number: int, token: str) -> HttpResponse:
    """Give a file that goes along with an answer."""
    found = canned.one_of(request.by, number, shares=_shares(request))
    file = CannedFile.objects.filter(answer=found, token=token).first()
    if file is None:
        raise NotFound
    return give(file, as_download=True)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def preview(request: AgentRequest) -> HttpResponseBase:
    """Show what a text says for a ticket and where nothing is known; kept is nothing.

    Post shows what was typed, for the ticket whose code stands in `ticket`; get that of the answer `number`.
    """

    def show() -> HttpResponse:
        plain, html, language = _text_to_show(request)
        ticket = _ticket_to_show(request)
        shown = (
            [(_("For %(code)s") % {"code": ticket.code}, about_ticket(ticket))] if ticket else []
        )
        shown.append((_("Where nothing is known"), About()))
        documents = [
            (title, _document(filling.fill(plain, html, language, about, request.agent)))
            for title, about in shown
        ]
        return _previewed(request, {"shown": documents}, 200)

    return tried(request, show, lambda form, status: _previewed(request, {"form": form}, status))


def _row(request: AgentRequest, answer: CannedAnswer) -> Row:
    text = filling.in_language(list(answer.texts.all()), [_own_language(request)])
    return Row(
        answer,
        words=" ".join((text.plain if text else "").split())[:FIRST_WORDS],
        languages=_languages_said(answer),
        files=len(answer.files.all()),
        may_change=whose.keeps(answer, request.by, shares=_shares(request)),
    )


def _languages_said(answer: CannedAnswer) -> list[str]:
    """Return what the languages of an answer are called."""
    return [language_name(one.language) for one in answer.texts.all()]


def _kept(request: AgentRequest, answer: CannedAnswer) -> HttpResponseBase:
    """Lead on to the language that is written next, else to the list."""
    language = request.POST.get("then", "")
    if language in dict(settings.LANGUAGES):
        return redirect(f"{reverse('canned_answer', args=[answer.pk])}?language={language}")
    return redirect(f"{reverse('canned_answers')}?kept={answer.pk}")


def _tried(
    request: AgentRequest, act: Callable[[], HttpResponseBase], found: CannedAnswer | None
) -> HttpResponseBase:
    """Do it, or show the form again; of its texts the page shows one, under the name that its editor has."""

    def in_editor() -> HttpResponseBase:
        try:
            return act()
        except BadInput as error:
            if error.field.startswith("texts."):
                raise BadInput("text", error.sentence) from error
            raise

    return tried(request, in_editor, lambda form, status: _show(request, found, form, status))


def _show_both(
    request: AgentRequest, found: CannedAnswer, typed: Wanted, status: int
) -> HttpResponse:
    """Show the form as it was typed, and how it differs from what a colleague has kept meanwhile."""
    kept, language = canned.as_it_is(found), request.POST.get("language", "")
    said, theirs = (one.texts.get(language, Said("")) for one in (typed, kept))
    fields = (
        (pgettext("of a thing", "Name"), kept.name, typed.name),
        (_("Abbreviation"), kept.abbreviation, typed.abbreviation),
        (_("Folder"), kept.folder, typed.folder),
        (
            _("For whom it is"),
            chosen.for_whom(kept.owner, kept.department),
            chosen.for_whom(typed.owner, typed.department),
        ),
        (_("Text"), theirs.plain, said.plain),
    )
    looks = _("Text") if theirs.plain == said.plain and theirs.html != said.html else ""
    told = meanwhile(request, found, fields, looks=looks)
    return _show(request, found, form_over(request, found), status, told)


def _wanted(request: AgentRequest, found: CannedAnswer | None) -> Wanted:
    """Return the answer as the form wants it; texts in other languages stay as they are."""
    sent, audience = request.POST, request.POST.get("audience", "mine")
    said = written.words(request)
    texts = {one.language: Said(one.plain, one.html) for one in found.texts.all()} if found else {}
    texts[sent.get("language", "")] = Said(said.text, said.html)
    return Wanted(
        name=sent.get("name", ""),
        texts=texts,
        folder=sent.get("folder", ""),
        abbreviation=sent.get("abbreviation", ""),
        owner=request.agent if audience == "mine" else None,
        department=chosen.working(request, "department") if audience == "department" else None,
        more_files=written.new_files(request),
        less_files=numbers_of(sent.getlist("less")),
    )


def _form_of(request: AgentRequest, found: CannedAnswer) -> Form:
    texts = list(found.texts.all())
    asked = request.GET.get("language", "")
    text = filling.in_language(texts, [_own_language(request)])
    if asked in dict(settings.LANGUAGES):
        text = next((one for one in texts if one.language == asked), None)
    return Form(
        {
            "name": found.name,
            "folder": found.folder,
            "abbreviation": found.abbreviation,
            "audience": found.audience,
            "department": str(found.department_id or ""),
            "version": str(found.version),
            "language": text.language if text else asked,
            "text": text.plain if text else "",
            "html": text.html if text else "",
        }
    )


def _show(
    request: AgentRequest,
    found: CannedAnswer | None,
    form: Form,
    status: int = 200,
    told: Meanwhile | None = None,
) -> HttpResponse:
    shares = _shares(request)
    texts = {one.language for one in found.texts.all()} if found else set()
    context = {
        "answer": found,
        "form": form,
        "meanwhile": told,
        "files_lost": bool(request.FILES),
        "files": list(found.files.all()) if found else [],
        "may_change": found is None or whose.keeps(found, request.by, shares=shares),
        "audiences": chosen.audiences(shares=shares),
        "departments": [("", _("Choose a department"))]
        + [(one.pk, one.name) for one in request.working],
        "folders": canned.folders(request.by, shares=shares),
        "languages": [
            (code, name, code in texts)
            for code, name in settings.LANGUAGES
            if code in languages.spoken() or code in texts
        ],
        "places": ", ".join(f"{{{place}}}" for place in filling.PLACES),
        "ticket": _latest_ticket(request),
    }
    return page(request, "desk/canned/form.html", context, here="canned", status=status)


def _text_to_show(request: AgentRequest) -> tuple[str, str, str]:
    if request.method == "POST":
        said = written.words(request)
        for words in (said.text, said.html):
            require_known_places(words, "text", filling.PLACES, canned.LONGEST_HTML)
        return said.text, said.html, request.POST.get("language", "")
    number, asked = chosen.number_in(request.GET.get("number", "")), request.GET.get("language", "")
    if number is None:
        return "", "", asked
    answer = canned.one_of(request.by, number, shares=_shares(request))
    text = filling.in_language(list(answer.texts.all()), [asked])
    return (text.plain, text.html, text.language) if text else ("", "", asked)


def _ticket_to_show(request: AgentRequest) -> Ticket | None:
    """Return the ticket whose code was typed, one that the agent may see.  Raises BadInput."""
    sent = request.POST if request.method == "POST" else request.GET
    code = sent.get("ticket", "").strip()
    if not code:
        return None
    try:
        return queries.ticket_for(request.by, code)
    except NoSuchTicket as error:
        raise BadInput("ticket", error.sentence) from error


def _latest_ticket(request: AgentRequest) -> str:
    """Return the code of a ticket to preview with: the last one that something happened to."""
    seen = access.visible(request.by, Ticket.objects.exclude(status__in=("spam", "deleted")))
    return seen.order_by("-last_activity_at").values_list("code", flat=True).first() or ""


def _document(said: Filled) -> str:
    return document(said.html or html_of_text(said.plain), pictures=False)


def _previewed(request: AgentRequest, context: dict[str, object], status: int) -> HttpResponse:
    response = render(request, "desk/canned/preview.html", context, status=status)
    response.headers[csp.HEADER] = csp.PREVIEW
    return response


def _own_language(request: AgentRequest) -> str:
    return languages.nearest(request.desk.language) or languages.SOURCE


def _shares(request: AgentRequest) -> bool:
    return request.standing.may("share_canned_answers", None)

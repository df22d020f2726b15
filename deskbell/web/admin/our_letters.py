"""The words of the letters that customers are sent: the team's own, by department and language, with a preview."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from deskbell import languages
from deskbell.errors import NotFound
from deskbell.notices.examples import example
from deskbell.people import own_words
from deskbell.people.models import Department
from deskbell.people.wording import PLACES, checked_wording
from deskbell.web import csp
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may, verb_of

# What each is called, and what one should know before one writes it.
NAMES = {
    "answer": (
        gettext_lazy("Answer"),
        gettext_lazy("Stands around what an agent writes: a greeting, a closing. {answer} is theirs."),
    ),
    "signature": (
        gettext_lazy("Signature"),
        gettext_lazy("Stands below every answer. {signature} is the agent's own, else their name."),
    ),
    "acknowledgement": (
        gettext_lazy("Acknowledgement"),
        gettext_lazy("Tells a customer once that their letter has come."),
    ),
    "ask_if_solved": (
        gettext_lazy("Is it solved?"),
        gettext_lazy("Asks after a resolution. The two buttons stand below your words."),
    ),
    "portal": (
        gettext_lazy("Link to their page"),
        gettext_lazy("For a customer whose link has run out. It stands below your words."),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Where:
    """Where words hold: in one department or, with None, in all; in one language or, with "", in every one."""

    department: Department | None
    language: str

    @property
    def number(self) -> int:
        """Of the department; 0 for all."""
        return self.department.pk if self.department else 0

    @property
    def query(self) -> str:
        """Leads to the same place on another page."""
        return urlencode({"department": self.number or "", "language": self.language})


@require_safe
@may("administer")
def our_letters(request: AgentRequest) -> HttpResponse:
    """List the letters, and whose words they have."""
    where = _where(request)
    context = {
        "where": where,
        "letters": [
            (name, word, says, _whose(name, where)) for name, (word, says) in NAMES.items()
        ],
        **_choices(where),
    }
    return page(request, "admin/our_letters.html", context, here="settings")


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def our_letter(request: AgentRequest, letter: str) -> HttpResponseBase:
    """Show and write the words of a letter; DELETE takes ours away, and the next that fit hold."""
    _require_known(letter)
    where = _where(request)

    def act() -> HttpResponseBase:
        words = "" if verb_of(request) == "DELETE" else request.POST.get("words", "")
        own_words.write(letter, where.department, where.language, words)
        return redirect(f"{reverse('our_letter', args=[letter])}?{where.query}&kept=1")

    def show(form: Form, status: int) -> HttpResponse:
        return _show(request, letter, where, form, status)

    if request.method == "POST":
        return tried(request, act, show)
    written = own_words.written(letter, where.department, where.language)
    return show(Form({"words": written}), 200)


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def preview(request: AgentRequest, letter: str) -> HttpResponseBase:
    """Show a letter as it would be sent, with the words that were typed; kept is nothing."""
    _require_known(letter)
    where = _where(request)

    def show() -> HttpResponse:
        own = _own(letter, where)
        if "words" in request.POST:
            typed = checked_wording(request.POST["words"], "words", letter)
            own[letter] = typed or own_words.words_for(
                letter, where.number, where.language, besides_here=True
            )
        language = where.language or languages.nearest(request.desk.language) or languages.SOURCE
        with translation.override(language):
            words = example(
                letter,
                own,
                team=request.desk.name,
                department=where.department.name if where.department else _("Support"),
                agent=request.agent.name,
                signature=request.agent.signature,
            )
        return _previewed(request, {"words": words, "widths": (320, 640)}, 200)

    return tried(request, show, lambda form, status: _previewed(request, {"form": form}, status))


def _previewed(request: HttpRequest, context: dict[str, object], status: int) -> HttpResponse:
    response = render(request, "admin/letter_preview.html", context, status=status)
    response.headers[csp.HEADER] = csp.PREVIEW
    return response


def _own(letter: str, where: _Where) -> dict[str, str]:
    """Return the words of a letter, and of what stands in the same one, that hold there."""
    together = {letter, *(("answer", "signature") if letter in ("answer", "signature") else ())}
    return {one: own_words.words_for(one, where.number, where.language) for one in together}


def _whose(letter: str, where: _Where) -> str:
    if own_words.written(letter, where.department, where.language):
        return _("Your words")
    if _own(letter, where)[letter]:
        return _("Your words, from a wider place")
    return _("Words of the desk")


def _where(request: HttpRequest) -> _Where:
    sent = request.POST if request.method == "POST" else request.GET
    number, language = sent.get("department", ""), sent.get("language", "")
    if language not in ("", *languages.spoken()):
        raise NotFound
    if not number:
        return _Where(None, language)
    found = Department.objects.filter(pk=number).first() if number.isdecimal() else None
    if found is None:
        raise NotFound
    return _Where(found, language)


def _choices(where: _Where) -> dict[str, object]:
    """Return what the page offers to choose from, and what is chosen."""
    working = Department.objects.filter(archived_at=None)
    return {
        "departments": [("", _("All departments")), *((one.pk, one.name) for one in working)],
        "languages": [("", _("Every language")), *languages.choices()],
        "chosen": Form(
            {
                "department": str(where.number or ""),
                "language": where.language,
            }
        ),
    }


def _require_known(letter: str) -> None:
    if letter not in PLACES:
        raise NotFound


def _show(
    request: AgentRequest, letter: str, where: _Where, form: Form, status: int
) -> HttpResponse:
    name, says = NAMES[letter]
    context = {
        "letter": letter,
        "name": name,
        "says": says,
        "where": where,
        "form": form,
        "places": ", ".join(f"{{{place}}}" for place in PLACES[letter]),
        "is_written": bool(own_words.written(letter, where.department, where.language)),
        "is_kept": request.method == "GET" and "kept" in request.GET,
        **_choices(where),
    }
    return page(request, "admin/our_letter.html", context, here="settings", status=status)

"""What an agent who left kept for themselves: an admin sees it, takes it over or puts it away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from deskbell import access
from deskbell.errors import NotFound
from deskbell.knowledge import left_behind as knowledge
from deskbell.knowledge.models import CannedAnswer, Shared
from deskbell.people.models import Agent
from deskbell.saved_views import keeping
from deskbell.saved_views.models import SavedView
from deskbell.tickets import leaving
from deskbell.web.desk.page import page
from deskbell.web.forms import Form, tried
from deskbell.web.visit import AgentRequest, may, verb_of

# Of a text the page shows so much.
FIRST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Left:
    """One thing that was left behind.

    key    names it in a form
    says   what it says, or looks for
    """

    key: str
    kind: str
    thing: Shared | SavedView
    says: str


@require_http_methods(["GET", "HEAD", "POST"])
@may("administer")
def left_behind(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show what a leaver left; post takes over what `thing` names, all where it names none; DELETE puts it away."""
    leaver = leaver_of(number)
    access.require_may_see_to(leaver, request.by)
    if request.method != "POST":
        return _show(request, leaver, Form())
    does = _put_away if verb_of(request) == "DELETE" else _take_over

    def act() -> HttpResponseBase:
        _each(request, leaver, does)
        return redirect("left_behind", number=leaver.pk)

    return tried(request, act, lambda form, status: _show(request, leaver, form, status))


def leaver_of(number: int) -> Agent:
    """Return the agent of this number, who has left.  Raises NotFound."""
    found = Agent.objects.exclude(archived_at=None).filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def count_left(agent: Agent) -> int:
    """Return how much an agent keeps for themselves."""
    lists = (knowledge.answers_of(agent), knowledge.templates_of(agent), keeping.left_by(agent))
    return sum(one.count() for one in lists)


def _each(
    request: AgentRequest, leaver: Agent, does: Callable[[Shared | SavedView, AgentRequest], None]
) -> None:
    """Do it to what the form names, all of it or nothing.  Raises NotFound, NotAllowed, BadInput."""
    named = request.POST.get("thing", "")
    with transaction.atomic():
        found = [one.thing for one in _things(leaver) if named in {"", one.key}]
        if named and not found:
            raise NotFound
        for thing in found:
            does(thing, request)


def _take_over(thing: Shared | SavedView, request: AgentRequest) -> None:
    if isinstance(thing, SavedView):
        keeping.take_over(thing, by=request.by)
    else:
        knowledge.take_over(thing, by=request.by)


def _put_away(thing: Shared | SavedView, request: AgentRequest) -> None:
    if isinstance(thing, SavedView):
        keeping.delete_left(thing, by=request.by)
    else:
        knowledge.archive(thing, by=request.by)


def _things(leaver: Agent) -> Iterator[Left]:
    for answer in knowledge.answers_of(leaver).prefetch_related("texts"):
        yield Left(f"answer-{answer.pk}", _("Canned answer"), answer, _words_of(answer))
    for template in knowledge.templates_of(leaver):
        says = f"{template.subject}\n{template.plain}".strip()[:FIRST_WORDS]
        yield Left(f"template-{template.pk}", _("Ticket template"), template, says)
    for view in keeping.left_by(leaver):
        yield Left(f"view-{view.pk}", _("Saved view"), view, view.query)


def _words_of(answer: CannedAnswer) -> str:
    first = next(iter(answer.texts.all()), None)
    return first.plain[:FIRST_WORDS] if first else ""


def _show(request: AgentRequest, leaver: Agent, form: Form, status: int = 200) -> HttpResponse:
    context = {
        "agent": leaver,
        "wrong": form.notice or next(iter(form.errors.values()), ""),
        "things": list(_things(leaver)),
        "letters": leaving.count_of(leaver),
    }
    return page(request, "admin/left_behind.html", context, here="settings", status=status)

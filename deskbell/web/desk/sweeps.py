"""Sweeps: choosing what is done to the tickets that are picked, beginning it, looking at it, taking it back."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from deskbell import access, clock
from deskbell.access.roles import Reach
from deskbell.errors import BadInput, Conflict, NoSuchTicket
from deskbell.sweeps import beginning, reading, refusals, undoing
from deskbell.sweeps.acts import ACTS, writes_to_customers
from deskbell.sweeps.beginning import Wish
from deskbell.sweeps.models import Sweep, SweptTicket
from deskbell.tickets import queries
from deskbell.tickets.models import Tag, Ticket
from deskbell.web.desk import chosen, moments, sweeping
from deskbell.web.desk.on_screen import OnScreen, on_screen
from deskbell.web.desk.page import page
from deskbell.web.desk.sweep_words import act_words, told
from deskbell.web.desk.ticket_page import KNOWN_TAGS
from deskbell.web.desk.ticket_words import priority_words
from deskbell.web.visit import AgentRequest, for_agents, verb_of

# Of a sweep's page: refusals; of the list: sweeps.
ROWS = 50
# So many that were picked one by one are changed without a question.
UNASKED = 100
# Fields of the form that a question hands on.
HANDED_ON = ("list", "code", "all", "act", "once", "zone", "when", "tag", "text", "into")


@require_GET
@for_agents
def acts(request: AgentRequest) -> HttpResponse:
    """Give what may be done to tickets of the list that the address names, and how many that list holds."""
    return render(request, "desk/sweeps/acts.html", _offered(request, request.GET))


@require_POST
@for_agents
def new_sweep(request: AgentRequest) -> HttpResponse:
    """Show what may be done to the tickets that were picked."""
    return _show_new(request)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def sweeps(request: AgentRequest) -> HttpResponseBase:
    """List one's own; post begins one, of the tickets `code`, or with `all` of the whole list.

    What writes to customers, or changes more than was picked by hand, asks first; `sure` is the answer.
    """
    if request.method != "POST":
        return _show_list(request)
    list_ = _list_of(request)
    try:
        wish = _wish(request, list_)
        values = beginning.checked(wish.act, wish.values, by=request.by)
        if not request.POST.get("sure") and _asks(wish, values):
            return _ask(request, wish, values, list_)
        sweep = beginning.begin(wish, by=request.by)
    except (BadInput, Conflict) as error:
        return _show_new(request, error=error.sentence, status=error.status)
    sweeping.show(request, sweep)
    return redirect(list_.address)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def sweep(request: AgentRequest, number: int) -> HttpResponseBase:
    """Show one of one's own; DELETE takes it back."""
    found = reading.one(request.by, number)
    if verb_of(request) != "DELETE":
        return _show(request, found)
    try:
        undo = undoing.take_back(found, by=request.by)
    except Conflict as error:
        return _show(request, found, error=error.sentence, status=error.status)
    sweeping.show(request, undo)
    return _back(request, undo)


@require_POST
@for_agents
def stop(request: AgentRequest, number: int) -> HttpResponseBase:
    """Let no further ticket of it have its turn."""
    found = reading.one(request.by, number)
    undoing.stop(found, by=request.by)
    return _back(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def progress(request: AgentRequest) -> HttpResponseBase:
    """Give what the rail shows of a sweep, for the page `back`; DELETE puts it away."""
    if verb_of(request) == "DELETE":
        sweeping.put_away(request)
        return _back(request, None)
    context = {"told": sweeping.shown(request), "back": request.GET.get("back", "")}
    return render(request, "desk/sweeps/progress.html", context)


def _offered(request: AgentRequest, asked: QueryDict) -> dict[str, Any]:
    """Return what the acts show."""
    standing = request.standing
    may = {name: standing.reach(act.verb) > Reach.NONE for name, act in ACTS.items()}
    count = on_screen(request, asked).tickets.order_by()[: beginning.MOST + 1].count()
    return {
        "may": may,
        "number": count if count <= beginning.MOST else "",
        "agents": chosen.able_agents().select_related("account") if may["assign"] else [],
        "departments": request.working,
        "presets": moments.presets(),
        "priorities": priority_words(),
        "tags": Tag.objects.order_by("key")[:KNOWN_TAGS] if may["tag"] else [],
        "shows": asked.get("view", ""),
        "once": secrets.token_urlsafe(16),
    }


def _wish(request: AgentRequest, list_: OnScreen) -> Wish:
    """Return what the form wants: `act` is a name, and behind it what was chosen for it.  Raises BadInput."""
    act, _blank, choice = request.POST.get("act", "").partition(" ")
    values, once = _values(request, act, choice), request.POST.get("once", "")[:64]
    if request.POST.get("all"):
        return Wish(act, list_.tickets, values, query=list_.query, once=once)
    return Wish(act, beginning.picked(request.by, _codes(request)), values, once=once)


def _values(request: AgentRequest, act: str, choice: str) -> dict[str, Any]:
    """Return what the act needs, as far as the form says it.  Raises BadInput for a moment that is none."""
    match act:
        case "assign":
            values: dict[str, Any] = {"agent": None if choice == "none" else _number(choice)}
        case "transfer":
            values = {"department": _number(choice)}
        case "prioritise":
            values = {"priority": _number(choice)}
        case "resolve":
            values = {"silent": choice != "loud"}
        case "postpone":
            values = {"until": _moment(request, choice)}
        case "merge":
            values = {"into": _into(request)}
        case _:
            values = {name: request.POST.get(name, "") for name in ("tag", "text")}
    return values


def _moment(request: AgentRequest, choice: str) -> datetime:
    zone = moments.zone_of(request.POST.get("zone", ""))
    if choice:
        return moments.preset(choice, clock.now(), zone)
    return moments.typed(request.POST.get("when", ""), zone)


def _into(request: AgentRequest) -> int | None:
    """Return the number of the ticket whose code was typed; None for none that this agent may see."""
    try:
        return queries.ticket_for(request.by, request.POST.get("into", "")).pk
    except NoSuchTicket:
        return None


def _number(text: str) -> int:
    return chosen.number_in(text) or 0


def _codes(request: AgentRequest) -> list[str]:
    return list(dict.fromkeys(request.POST.getlist("code")))


def _asks(wish: Wish, values: dict[str, Any]) -> bool:
    """Return whether to ask first: of what nobody can fetch back, and of more than one has looked at."""
    if wish.query or writes_to_customers(wish.act, values):
        return True
    return wish.tickets.count() > UNASKED


def _ask(
    request: AgentRequest, wish: Wish, values: dict[str, Any], list_: OnScreen
) -> HttpResponse:
    is_loud = writes_to_customers(wish.act, values)
    number = wish.tickets.order_by()[: beginning.MOST + 1].count()
    context = {
        "words": act_words(wish.act, values),
        "number": number,
        "query": wish.query,
        "is_loud": is_loud,
        "is_grave": is_loud or wish.act in {"delete", "merge", "spam"},
        "sent": [(name, value) for name in HANDED_ON for value in request.POST.getlist(name)],
        "address": list_.address,
    }
    return page(request, "desk/sweeps/sure.html", context)


def _list_of(request: AgentRequest) -> OnScreen:
    return on_screen(request, QueryDict(request.POST.get("list", "")))


def _show_new(request: AgentRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    list_ = request.POST.get("list", "")
    codes = _codes(request)
    context = {
        **_offered(request, QueryDict(list_)),
        "list": list_,
        "codes": codes,
        "address": _list_of(request).address,
        "error": error or ("" if codes else _("Pick a ticket first.")),
    }
    return page(request, "desk/sweeps/new.html", context, status=status)


def _show_list(request: AgentRequest) -> HttpResponse:
    found = reading.of(request.by).order_by("-pk")
    after = _number(request.GET.get("after", ""))
    rows = list((found.filter(pk__lt=after) if after else found)[: ROWS + 1])
    more = f"?{urlencode({'after': rows[ROWS - 1].pk})}" if len(rows) > ROWS else ""
    context = {"sweeps": told(rows[:ROWS]), "more": more}
    return page(request, "desk/sweeps/list.html", context, here="sweeps")


def _show(
    request: AgentRequest, found: Sweep, *, error: str = "", status: int = 200
) -> HttpResponse:
    after = _number(request.GET.get("after", ""))
    rows = list(reading.refused(found).filter(ticket__gt=after)[: ROWS + 1])
    more = f"?{urlencode({'after': rows[ROWS - 1].ticket_id})}" if len(rows) > ROWS else ""
    context = {
        "told": told([found])[0],
        "refused": _refused(request, rows[:ROWS]),
        "more": more,
        "undone_by": reading.undo_of(found),
        "error": error,
    }
    return page(request, "desk/sweeps/show.html", context, here="sweeps", status=status)


def _refused(request: AgentRequest, rows: list[SweptTicket]) -> list[tuple[str, str | None, str]]:
    """Return code, subject and reason of each; no subject of what is out of the reader's sight by now."""
    numbers = [one.ticket_id for one in rows]
    seen = access.visible(request.by, Ticket.objects.filter(pk__in=numbers, purged_at=None))
    subjects = dict(seen.values_list("pk", "subject__plain"))
    return [(one.ticket.code, subjects.get(one.ticket_id), refusals.sentence(one)) for one in rows]


def _back(request: AgentRequest, found: Sweep | None) -> HttpResponseBase:
    """Lead back to the page where the form stood, else to the sweep's own, or to the list of them."""
    back = request.POST.get("back", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("sweep", number=found.pk) if found else redirect("sweeps")

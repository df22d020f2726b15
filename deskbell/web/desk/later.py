"""Letters that leave later: the list of them, and each of them sent now, changed or kept here after all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from deskbell import clock
from deskbell.channels.mail.outbox import in_sight
from deskbell.errors import BadInput, Conflict, NotFound
from deskbell.people.models import Department
from deskbell.tickets import first_mails, leaving, scheduled
from deskbell.tickets.content import Recipient
from deskbell.tickets.leaving import OUTCOMES, Plan
from deskbell.tickets.models import Draft, Message, Ticket
from deskbell.tickets.state import state_of
from deskbell.web.desk import chosen, handed_on, kept_here, moments, written
from deskbell.web.desk.doing import do
from deskbell.web.desk.page import page
from deskbell.web.visit import AgentRequest, for_agents, may, verb_of

# More than anybody reads; the next ones leave first.
MOST = 200
# Before the names of fields that are about a forward.
PREFIXES = {"forward": "outside_"}


@require_safe
@for_agents
def leaving_later(request: AgentRequest) -> HttpResponse:
    """List what leaves later: one's own, and for whoever runs the desk everybody's that they may see."""
    return _list(request)


@require_POST
@for_agents
def leaving_answer(request: AgentRequest, code: str, number: int) -> HttpResponseBase:
    """Post sends it now; DELETE makes it the draft of its writer again, with its moment where `change` is asked."""

    def act(ticket: Ticket) -> object:
        found = _one_of(leaving.waiting([ticket.pk, *state_of(ticket).sources]), number)
        return _send_or_take_up(request, found)

    return do(request, code, act, then="#composer" if verb_of(request) == "DELETE" else "")


@require_POST
@for_agents
def leaving_mail(request: AgentRequest, number: int) -> HttpResponseBase:
    """The same for a mail with which a ticket is to begin."""
    found = _one_of(scheduled.seen_by(request.by).filter(ticket=None), number)
    try:
        done = _send_or_take_up(request, found)
    except (BadInput, Conflict) as error:
        return _list(request, error.sentence, error.status)
    if isinstance(done, Message):
        return redirect(f"/tickets/{done.ticket.code}")
    is_own = found.agent_id == request.agent.pk
    return redirect(f"/tickets/new?draft={done.pk}" if is_own else "leaving_later")


@require_POST
@for_agents
def was_due(request: AgentRequest, number: int) -> HttpResponseBase:
    """DELETE forgets that a draft of one's own was to leave; its words stay where they are written.

    `then` says write to go on there.
    """
    if verb_of(request) != "DELETE":
        raise NotFound
    draft = scheduled.forget_moment(request.agent, number)
    if request.POST.get("then") == "write" and draft.ticket is not None:
        return redirect(f"/tickets/{draft.ticket.code}#composer")
    return redirect("leaving_later")


@require_POST
@may("administer")
def left_letter(request: AgentRequest, number: int) -> HttpResponseBase:
    """DELETE drops what somebody who has left was to send; nobody sends it in their name."""
    if verb_of(request) != "DELETE":
        raise NotFound
    scheduled.drop_left(number, by=request.by)
    return redirect("leaving_later")


def send_later(request: AgentRequest, ticket: Ticket) -> Draft:
    """Keep what the form holds until the moment that it names.  Raises BadInput, ForgottenFile and as schedule()."""
    words = written.words(request)
    said = written.content(request, ticket, words)
    kind = request.POST.get("kind", "")
    prefix = PREFIXES.get(kind, "")
    to = written.recipients(request, prefix)
    written.require_file(request, handed_on.own_words(said) if kind == "forward" else said)
    plan = _plan(request, to, in_sight(to) if kind != "forward" else (), prefix)
    return scheduled.schedule(
        ticket,
        words,
        plan,
        by=request.by,
        seen_step=chosen.number(request, "seen_step"),
        once=written.once(request),
    )


def begin_later(request: AgentRequest, department: Department, customer: Recipient) -> Draft:
    """Keep the mail with which a ticket is to begin until the moment that its form names.

    Raises BadInput and as first_mails.schedule().
    """
    to = written.beside(request, customer)
    copied = in_sight([one for one in to if one.role == "cc"])
    return first_mails.schedule(
        written.words(request),
        _plan(request, to, copied),
        department,
        by=request.by,
        once=written.once(request),
    )


def _list(request: AgentRequest, notice: str = "", status: int = 200) -> HttpResponse:
    rows = list(scheduled.seen_by(request.by)[:MOST])
    context = {
        "refused": notice,
        "own": [one for one in rows if one.agent_id == request.agent.pk],
        "others": [one for one in rows if one.agent_id != request.agent.pk],
        "still_here": kept_here.all_of(request),
        "left": list(scheduled.left_here(request.by).prefetch_related("files")[:MOST]),
    }
    return page(request, "desk/later.html", context, here="later", status=status)


def _send_or_take_up(request: AgentRequest, found: Draft) -> Message | Draft:
    if verb_of(request) != "DELETE":
        scheduled.require_own(found, by=request.by)
        return scheduled.send(found)
    return scheduled.take_up(
        found,
        by=request.by,
        fields=_moment_of(request, found),
        to_change=bool(request.POST.get("change")),
    )


def _plan(
    request: AgentRequest, to: Sequence[Recipient], copied: Iterable[Recipient], prefix: str = ""
) -> Plan:
    then = request.POST.get(f"{prefix}later_then", "")
    return Plan(
        send_at=_moment(request, moments.zone_of(request.POST.get("zone", "")), prefix),
        then=next((one for one in OUTCOMES if one == then), "answered"),
        unless_something_comes="1" in request.POST.getlist(f"{prefix}later_unless"),
        to=to,
        copies=[one.address for one in copied],
    )


def _moment_of(request: AgentRequest, found: Draft) -> dict[str, list[str]]:
    """Return the fields that name its moment again, in the reader's zone, when it is only to be changed."""
    prefix = PREFIXES.get(found.kind, "")
    if not request.POST.get("change") or found.send_at is None:
        return {f"{prefix}later_at": [""]}
    zone = moments.zone_of(request.POST.get("zone", ""))
    return {
        f"{prefix}later_at": [found.send_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")],
        f"{prefix}later_then": [found.then],
        f"{prefix}later_unless": ["", "1"] if found.unless_something_comes else [""],
    }


def _moment(request: AgentRequest, zone: tzinfo, prefix: str) -> datetime:
    name = request.POST.get("later", "")
    if name == "typed":
        return moments.typed(request.POST.get(f"{prefix}later_at", ""), zone)
    return moments.preset(name, clock.now(), zone)


def _one_of(found: Iterable[Draft], number: int) -> Draft:
    """Return the one of this number.  Raises NotFound."""
    one = next((one for one in found if one.pk == number), None)
    if one is None:
        raise NotFound
    return one

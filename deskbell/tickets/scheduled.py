"""Answers that are written now and leave later: rows beside drafts, sent by a job in their writer's name.

What lies here is no part of the timeline: nothing has happened yet.  What keeps an answer here after all (a message
that came before, a right that is gone) is said there, and the answer is its writer's draft again: words are never lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, cast

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access, clock
from deskbell.database.prepared import Prepared
from deskbell.errors import BadInput, DeskError, NotAllowed, NotFound
from deskbell.people.actors import CLOCK, Actor
from deskbell.people.customers import customer_for
from deskbell.people.models import Agent
from deskbell.tickets import actions, drafts, lifecycle, timeline
from deskbell.tickets.actions.postpone import require_ahead
from deskbell.tickets.content import Recipient
from deskbell.tickets.drafts import Words
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Draft, Entry, Ticket
from deskbell.tickets.state import TicketState, state_of
from deskbell.work.jobs import Later, enqueue, job

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet
    from django.utils.functional import _StrPromise

    from deskbell.tickets.actions.reply import Outcome
    from deskbell.tickets.models import Message

JOB = "send_scheduled"

# What may become of the ticket when such an answer leaves; whether it rests then is decided that day.
OUTCOMES: tuple[Outcome, ...] = ("answered", "resolved", "as_it_was")

# A message that keeps an answer here whose writer wished so.
COMES_BEFORE = frozenset({"message.received", "message.replied"})
# Why else it may stay here: by what an action refuses it with, "" for all else.
SOMETHING_CAME, TAKEN_OUT = "something_came", "taken_out"

_HELD_BACK: dict[str, _StrPromise] = {
    SOMETHING_CAME: _("What {agent} wrote for later stayed here: something came before"),
    TAKEN_OUT: _("{by} kept here what {agent} wrote for later"),
    "not_allowed": _("What {agent} wrote for later stayed here: they may not answer any more"),
    "wrong_status": _(
        "What {agent} wrote for later stayed here: the ticket cannot be answered as it stands"
    ),
    "": _("What {agent} wrote for later could not leave"),
}


@event("answer.held_back", v=1)
class AnswerHeldBack(Event):
    """An answer that was to leave later stayed here; it is its writer's draft again.

    reason  something_came, taken_out, or the code of what refused it
    """

    agent_id: int
    reason: str
    refs: ClassVar[dict[str, tuple[str, str]]] = {"agent": ("agent_id", "agent")}

    @override
    def words(self) -> str | _StrPromise:
        """Return the sentence that says why."""
        return _HELD_BACK.get(self.reason, _HELD_BACK[""])

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as it was: nobody was answered."""
        return state


@dataclass(frozen=True, slots=True)
class Plan:
    """When an answer is to leave, and how.

    send_at                 aware, ahead
    then                    one of OUTCOMES
    unless_something_comes  whether a message before keeps it here
    to                      its recipients, each once, as actions.reply takes them; () for the usual ones
    copies                  the addresses of those among them who take part from then on
    """

    send_at: datetime
    then: Outcome = "answered"
    unless_something_comes: bool = True
    to: Sequence[Recipient] = ()
    copies: Collection[str] = ()


@timeline.action
def schedule(ticket: Ticket, words: Words, plan: Plan, *, by: Actor, once: str = "") -> Draft:
    """Let what `by` has written leave later, with the files of their draft, which goes over into it.

    once  a token of the form that was sent: sent again, it gives back what the first made of it
    Raises NotAllowed, WrongStatus, BadInput.
    """
    access.require(by, "reply", ticket)
    lifecycle.require("reply", ticket, by)
    agent, parts = Agent.objects.get(pk=by.id or 0), state_of(ticket).sources
    earlier = leaving([ticket.pk]).filter(agent=agent, writer=once[:32]).first() if once else None
    if earlier is not None:
        return earlier
    require_ahead(plan.send_at)
    draft = drafts.held(agent, ticket, parts)
    if words.is_empty and not (draft is not None and draft.files.exists()):
        raise BadInput("text", _("Write something before you send it."))
    now = clock.now()
    draft = draft or Draft(agent=agent, begun_at=now)
    draft.ticket, draft.changed_at, draft.writer = ticket, now, once[:32]
    draft.text, draft.html = words.text, words.html
    draft.fields = {name: list(values) for name, values in words.fields.items()}
    draft.send_at, draft.then = plan.send_at, plan.then
    draft.unless_something_comes = plan.unless_something_comes
    draft.going_to = [
        [one.role, one.address, one.name, "part" if one.address in plan.copies else ""]
        for one in plan.to
    ]
    draft.save()
    enqueue(JOB, key=str(draft.pk), run_at=plan.send_at, number=draft.pk)
    return draft


@job(JOB)
def send_when_due(number: int) -> None:
    """Send one whose moment has come; what is gone, or being written again, is left alone.

    Raises Later when its moment was moved.
    """
    found = Draft.objects.filter(pk=number).exclude(send_at=None).first()
    if found is None or found.send_at is None:
        return
    if found.send_at > clock.now():
        raise Later(found.send_at, "not_yet")
    try:
        send(found)
    except NotFound:
        return  # it was sent or taken out in this very moment
    except DeskError as refused:
        _hold_back_refused(found, refused.code)


def send(found: Draft) -> Message:
    """Send what waits to leave, now, in its writer's name and with their rights.

    Raises NotFound when it waits no longer, and what actions.reply refuses it with.
    """
    with transaction.atomic():
        ticket, draft = _held_with_ticket(found)
        to = tuple(Recipient(role, value, name) for role, value, name, _part in draft.going_to)
        copies = [customer_for(value, name) for _role, value, name, part in draft.going_to if part]
        message = actions.reply(
            ticket,
            drafts.as_content(Words(draft.text, draft.html), drafts.files_of(draft)),
            by=Actor.agent(draft.agent),
            then=cast("Outcome", draft.then),
            to=to,
            copies=copies,
            once=draft.writer,
        )
        drafts.delete(Draft.objects.filter(pk=draft.pk))
    return message


def take_up(found: Draft, *, by: Actor, fields: dict[str, list[str]] | None = None) -> Draft:
    """Make it the draft of its writer again: it is to be changed, or not to leave at all.

    fields  what else its form is to hold
    By somebody else than its writer it is said on the timeline.  Raises NotFound, NotAllowed.
    """
    with transaction.atomic():
        ticket, draft = _held_with_ticket(found)
        is_own = by.is_agent and by.id == draft.agent_id
        if not is_own:
            access.require(by, "administer")
        draft.fields = {**draft.fields, **(fields or {})}
        begun = drafts.take_up(draft, state_of(ticket).sources)
        if not is_own:
            timeline.record(
                ticket, AnswerHeldBack(agent_id=draft.agent_id, reason=TAKEN_OUT), by=by
            )
    return begun


def require_own(found: Draft, *, by: Actor) -> None:
    """Raise NotAllowed unless `by` wrote it: nobody speaks in another one's name."""
    if (by.kind, by.id) != ("agent", found.agent_id):
        raise NotAllowed(action="reply")


def leaving(tickets: Collection[int] | None = None) -> QuerySet[Draft]:
    """Return what waits to leave, of everybody, the next one first.

    tickets  only on these
    """
    found = Draft.objects.exclude(send_at=None).select_related("agent", "ticket__subject")
    found = found.order_by("send_at", "pk")
    return found if tickets is None else found.filter(ticket__in=tickets)


def writers() -> list[int]:
    """Return whose answers wait to leave, a number for each answer; one query."""
    return list(_writers())


def follow(entry: Entry, state: TicketState) -> list[Event]:
    """Keep here what was to leave unless something comes, in the transaction of what came; stands in reactions.py."""
    if entry.kind not in COMES_BEFORE:
        return []
    found = [
        one
        for one in _to_keep_here([entry.ticket_id, *state.sources])
        if (entry.by_kind, entry.by_id) != ("agent", one.agent_id)
    ]
    for one in found:
        drafts.take_up(one, state.sources)
    return [AnswerHeldBack(agent_id=one.agent_id, reason=SOMETHING_CAME) for one in found]


def _hold_back_refused(found: Draft, reason: str) -> None:
    with transaction.atomic():
        try:
            ticket, draft = _held_with_ticket(found)
        except NotFound:
            return
        agent = draft.agent_id
        drafts.take_up(draft, state_of(ticket).sources)
        # What somebody last did to the ticket by themselves is what explains it best.
        because = Entry.objects.filter(ticket=ticket, cause=None).latest("step")
        with timeline.caused_by(because):
            timeline.record(ticket, AnswerHeldBack(agent_id=agent, reason=reason), by=CLOCK)


def _held_with_ticket(found: Draft) -> tuple[Ticket, Draft]:
    """Return it and its ticket, or the one that this was merged into, both held.  Raises NotFound."""
    ticket = timeline.lock_survivor(found.ticket_id or 0)
    waiting = Draft.objects.filter(pk=found.pk).exclude(send_at=None).select_related("agent")
    if connection.features.has_select_for_update:
        waiting = waiting.select_for_update(of=("self",), no_key=True)
    draft = waiting.first()
    if draft is None:
        raise NotFound
    return ticket, draft


# Asked for every message and on every page, so their SQL is worked out once.
_to_keep_here = Prepared(
    lambda tickets: (
        Draft.objects.filter(ticket__in=tickets, unless_something_comes=True)
        .exclude(send_at=None)
        .select_related("agent", "ticket")
        .order_by("agent", "pk")
    )
)
_writers = Prepared(
    lambda: Draft.objects.exclude(send_at=None).order_by().values_list("agent_id", flat=True)
)

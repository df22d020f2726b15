"""Letters that are written now and leave later: rows beside drafts, sent by a job in their writer's name.

What lies here is no part of the timeline: nothing has happened yet.  What keeps a letter here after all (a message
that came before, a right that is gone) is said there, and it is its writer's draft again: words are never lost.
Answers and forwards are here; the mail that begins a ticket is in first_mails.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deskbell import access, clock
from deskbell.database.prepared import Prepared
from deskbell.errors import BadInput, DeskError, NotAllowed, NotFound
from deskbell.people.actors import CLOCK, Actor
from deskbell.people.models import Address, Agent
from deskbell.tickets import actions, drafts, first_mails, leaving, lifecycle, timeline
from deskbell.tickets.actions.forward import require_outsiders, side_of
from deskbell.tickets.actions.reply import require_nothing_came
from deskbell.tickets.drafts import Words
from deskbell.tickets.held_back import (
    BEING_CHANGED,
    NOT_THEIRS,
    SOMETHING_CAME,
    TAKEN_OUT,
    AnswerHeldBack,
    AnswerLetGo,
)
from deskbell.tickets.leaving import (
    JOB,
    copies_of,
    held,
    kept_here,
    put_aside,
    recipients_of,
    waiting,
)
from deskbell.tickets.models import Draft, Entry, Message, Ticket
from deskbell.tickets.queries import with_parts
from deskbell.tickets.replay import fold
from deskbell.tickets.state import TicketState, state_of
from deskbell.work.jobs import Later, enqueue, job

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from deskbell.tickets.actions.reply import Outcome
    from deskbell.tickets.content import Content, Recipient
    from deskbell.tickets.events import Event
    from deskbell.tickets.leaving import Plan

# Of the mails of others with which tickets are to begin: more than anybody reads.
MOST_FIRST = 1_000
# What leaves later, with the messages of others that keep it here where its writer wished so: what was asked or said
# may be known by then.  A note is none of these: it leaves nowhere.
COMES_BEFORE: dict[str, frozenset[str]] = {
    "reply": frozenset({"message.received", "message.replied"}),
    "forward": frozenset({"message.received", "message.answered_aside", "message.forwarded"}),
}

# What takes somebody off a ticket, to whom an answer may wait.
LEAVES_OUT = frozenset(
    {
        "act.undone",
        "customer.changed",
        "customer.erased",
        "participant.removed",
        "ticket.released",
    }
)

# Asked whether somebody may still write from an address of ours; each raises what refuses it.  Filled at start-up by
# reactions.py, the heart knows no addresses.
asked_of_senders: list[Callable[[Actor, str], None]] = []
# Who is told of what left, in its transaction.  Filled at start-up, the heart knows none of them.
when_sent: list[Callable[[Draft, Message], None]] = []


@timeline.action
def schedule(
    ticket: Ticket,
    words: Words,
    plan: Plan,
    *,
    by: Actor,
    seen_step: int | None = None,
    once: str = "",
) -> Draft:
    """Let what `by` has written leave later, with the files that the plan names or those of their draft.

    words      as the form holds them: `kind` says whether they are an answer or a forward, `about` and `answers` of a
               forward what actions.forward is told
    seen_step  of an answer: the last step that the writer had seen; None does not ask
    once       a token of the form that was sent: sent again, it gives back what the first made of it
    Raises NotAllowed, WrongStatus, BadInput, SomethingCame.
    """
    kind = drafts.kind_of(words.fields)
    if kind not in COMES_BEFORE:
        raise BadInput("kind", _("A note leaves nowhere, so it cannot leave later."))
    access.require(by, kind, ticket)
    lifecycle.require(kind, ticket, by)
    agent, parts = Agent.objects.get(pk=by.id or 0), state_of(ticket).sources
    earlier = waiting([ticket.pk]).filter(agent=agent, once=once).first() if once else None
    if earlier is not None:
        return earlier
    if kind == "reply":
        # What comes from now on keeps it here; of what came before, nobody would ask at its moment.
        require_nothing_came(ticket, seen_step, by)
    else:
        require_outsiders(ticket, plan.to)
        side_of(ticket, _named(ticket, words.fields, "answers"))
    begun = None if plan.files is not None else drafts.held(agent, ticket, parts)
    return put_aside(begun, agent, ticket, words, plan, once)


def seen_by(by: Actor) -> QuerySet[Draft]:
    """Return what waits to leave, the next first: one's own, for who runs the desk all that they may see."""
    found, own = waiting(), Q(agent=by.id)
    if not access.may(by, "administer"):
        found = found.filter(own)
    return _in_sight(by, found, own)


def left_here(by: Actor) -> QuerySet[Draft]:
    """Return what was to leave of agents who have left and stayed here, for who runs the desk, as far as they see it.

    What an owner left is for owners.
    """
    found = leaving.of_leavers()
    if not access.may(by, "administer"):
        return found.none()
    if not access.may(by, "change_owner"):
        found = found.exclude(agent__role=Agent.Role.OWNER)
    return _in_sight(by, found, Q(pk__in=()))


def drop_left(number: int, *, by: Actor) -> None:
    """Forget what somebody who has left was to send, with its files.  Raises NotFound."""
    with transaction.atomic():
        found = left_here(by).filter(pk=number).first()
        if found is None:
            raise NotFound
        drafts.delete(Draft.objects.filter(pk=found.pk))


def _in_sight(by: Actor, found: QuerySet[Draft], own: Q) -> QuerySet[Draft]:
    on_tickets = access.visible(by, Ticket.objects.filter(drafts__in=found))
    of_others = found.filter(ticket=None).exclude(own).select_related(None).only("fields")
    first = [one.pk for one in of_others[:MOST_FIRST] if _sees_first(by, one)]
    return found.filter(Q(ticket__in=on_tickets) | Q(ticket=None) & (own | Q(pk__in=first)))


@job(JOB)
def send_when_due(number: int) -> None:
    """Send one whose moment has come; of one that is being changed at its moment its writer is told.

    Raises Later when its moment was moved.
    """
    found = Draft.objects.filter(pk=number).first()
    due = (found.send_at or found.was_due_at) if found is not None else None
    if found is None or due is None:
        return
    if due > clock.now():
        raise Later(due, "not_yet")
    if found.send_at is None:
        _say_that_it_is_being_changed(found)
        return
    try:
        send(found)
    except NotFound:
        return  # it was sent or taken out in this very moment
    except DeskError as refused:
        _hold_back_refused(found, refused.code)


def send(found: Draft) -> Message:
    """Send what waits to leave, now, in its writer's name and with the rights that they have now.

    Raises NotFound when it waits no longer, what the actions refuse it with, and what asked_of_senders raise.
    """
    with transaction.atomic():
        ticket, draft = held(found)
        by, to = Actor.agent(draft.agent), recipients_of(draft)
        content = drafts.as_content(Words(draft.text, draft.html), drafts.files_of(draft))
        message = _say(ticket, draft, content, to, by=by)
        # After what the action refuses, which says more of somebody who may not write here at all.
        for one in to:
            if one.role == "from":
                for require in asked_of_senders:
                    require(by, one.address)
        for hear in when_sent:
            hear(draft, message)
        drafts.delete(Draft.objects.filter(pk=draft.pk))
    return message


def send_for(found: Draft, *, by: Actor) -> Message:
    """Send what somebody else wrote for later, now and in their name, and say on its ticket who let it go.

    Raises NotAllowed, and as send().
    """
    access.require(by, "administer")
    with transaction.atomic():
        message = send(found)
        ticket = timeline.lock(message.ticket_id)
        timeline.record(ticket, AnswerLetGo(agent_id=found.agent_id), by=by)
    return message


def _say(
    ticket: Ticket | None, draft: Draft, content: Content, to: tuple[Recipient, ...], *, by: Actor
) -> Message:
    if ticket is None:
        return first_mails.begin_ticket(draft, content, to, by=by)
    if draft.kind == "forward":
        return actions.forward(
            ticket,
            content,
            by=by,
            to=to,
            about=_named(ticket, draft.fields, "about"),
            answers=_named(ticket, draft.fields, "answers"),
            once=draft.once,
        )
    return actions.reply(
        ticket,
        content,
        by=by,
        then=cast("Outcome", draft.then),
        to=to,
        copies=copies_of(draft),
        once=draft.once,
    )


def take_up(
    found: Draft,
    *,
    by: Actor,
    fields: dict[str, list[str]] | None = None,
    to_change: bool = False,
) -> Draft:
    """Make it the draft of its writer again: it is to be changed, or not to leave at all.

    fields     what else its form is to hold
    to_change  it remembers when it was to leave; when that moment comes its writer is told that it is still here
    By somebody else than its writer it is said on the timeline.  Raises NotFound, NotAllowed.
    """
    with transaction.atomic():
        ticket, draft = held(found)
        is_own = by.is_agent and by.id == draft.agent_id
        if not is_own:
            access.require(by, "administer")
        draft.fields = {**draft.fields, **(fields or {})}
        begun = drafts.take_up(
            draft,
            _parts(ticket),
            was_due_at=draft.send_at if to_change or not is_own else None,
            stayed="" if is_own else TAKEN_OUT,
        )
        if to_change and begun.was_due_at is not None:
            enqueue(JOB, key=str(begun.pk), run_at=begun.was_due_at, number=begun.pk)
        if not is_own and ticket is not None:
            held_back = AnswerHeldBack(agent_id=draft.agent_id, reason=TAKEN_OUT)
            timeline.record(ticket, held_back, by=by)
    return begun


def forget_moment(agent: Agent, number: int) -> Draft:
    """Forget that a draft of `agent` was to leave, and return it; its words stay.  Raises NotFound."""
    found = kept_here(agent).filter(pk=number).first()
    if found is None:
        raise NotFound
    Draft.objects.filter(pk=number).update(was_due_at=None, stayed="")
    return found


def require_own(found: Draft, *, by: Actor) -> None:
    """Raise NotAllowed unless `by` wrote it: nobody speaks in another one's name."""
    if (by.kind, by.id) != ("agent", found.agent_id):
        raise NotAllowed(action="reply")


def follow(entry: Entry, state: TicketState) -> list[Event]:
    """Keep here what was to leave unless something comes, in the transaction of what came; stands in reactions.py."""
    if entry.kind in LEAVES_OUT and "participants" in entry.data.get("restores", ("participants",)):
        return _keep_from_who_is_out(entry, state)
    kinds = {kind for kind, those in COMES_BEFORE.items() if entry.kind in those}
    if not kinds:
        return []
    found = [
        one
        for one in _to_keep_here([entry.ticket_id, *state.sources])
        if one.kind in kinds and (entry.by_kind, entry.by_id) != ("agent", one.agent_id)
    ]
    for one in found:
        drafts.take_up(one, state.sources, was_due_at=one.send_at, stayed=SOMETHING_CAME)
    return [AnswerHeldBack(agent_id=one.agent_id, reason=SOMETHING_CAME) for one in found]


def _keep_from_who_is_out(entry: Entry, state: TicketState) -> list[Event]:
    """Keep here the answers to somebody who takes part no longer, whatever their writers wished."""
    found = [one for one in waiting([entry.ticket_id, *state.sources]) if one.kind == "reply"]
    if not found:
        return []
    entries = Entry.objects.filter(ticket=entry.ticket_id, step__lt=entry.step).order_by("step")
    gone = _values_of_who_is_out(fold(entries), state)
    theirs = [one for one in found if gone & leaving.addresses_of(one)]
    for one in theirs:
        drafts.take_up(one, state.sources, was_due_at=one.send_at, stayed=NOT_THEIRS)
    return [AnswerHeldBack(agent_id=one.agent_id, reason=NOT_THEIRS) for one in theirs]


def _values_of_who_is_out(before: TicketState, now: TicketState) -> set[str]:
    """Return the addresses that took part before and do not now, with all others of customers who do not any more."""
    here = {one.address_id for one in now.participants}
    out = Address.objects.filter(pk__in={one.address_id for one in before.participants} - here)
    stay = Address.objects.filter(pk__in=here).values("customer")
    theirs = Address.objects.filter(customer__in=out.values("customer")).exclude(customer__in=stay)
    found = (*out.values_list("value", flat=True), *theirs.values_list("value", flat=True))
    return {value.lower() for value in found}


def _hold_back_refused(found: Draft, reason: str) -> None:
    with transaction.atomic():
        try:
            ticket, draft = held(found)
        except NotFound:
            return
        agent = draft.agent_id
        drafts.take_up(draft, _parts(ticket), was_due_at=draft.send_at, stayed=reason)
        if ticket is not None:
            _record_by_clock(ticket, AnswerHeldBack(agent_id=agent, reason=reason))


def _say_that_it_is_being_changed(found: Draft) -> None:
    with transaction.atomic():
        ticket = None if found.ticket_id is None else timeline.lock_survivor(found.ticket_id)
        changing = Draft.objects.filter(pk=found.pk, send_at=None, stayed="")
        is_first = changing.filter(was_due_at=found.was_due_at).update(stayed=BEING_CHANGED)
        if is_first and ticket is not None:
            held_back = AnswerHeldBack(agent_id=found.agent_id, reason=BEING_CHANGED)
            _record_by_clock(ticket, held_back)


def _record_by_clock(ticket: Ticket, held_back: AnswerHeldBack) -> None:
    # What somebody last did to the ticket by themselves is what explains it best.
    because = Entry.objects.filter(ticket=ticket, cause=None).latest("step")
    with timeline.caused_by(because):
        timeline.record(ticket, held_back, by=CLOCK)


def _sees_first(by: Actor, found: Draft) -> bool:
    place = Ticket(department_id=first_mails.department_of(found))
    return access.may(by, "see", place)


def _named(ticket: Ticket, fields: drafts.Fields, name: str) -> Message | None:
    """Return the message of the ticket or its parts that a field names; None for none, or none any more."""
    numbers = drafts.numbers_of((fields.get(name) or ())[:1])
    return Message.objects.filter(pk__in=numbers, ticket__in=with_parts(ticket.pk)).first()


def _parts(ticket: Ticket | None) -> tuple[int, ...]:
    return () if ticket is None else state_of(ticket).sources


# Asked for every message and on every page, so their SQL is worked out once.
_to_keep_here = Prepared(
    lambda tickets: (
        Draft.objects.filter(ticket__in=tickets, unless_something_comes=True)
        .exclude(send_at=None)
        .select_related("agent", "ticket")
        .order_by("agent", "pk")
    )
)

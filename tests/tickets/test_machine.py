"""Random people do random things to a few tickets, and after every one of them all that is always true still is.

DESKBELL_STEPS=20000 .venv/bin/python -m pytest tests/tickets/test_machine.py   goes on for longer, and differently
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from typing_extensions import override

from deskbell import clock
from deskbell.channels.mail.models import Delivery
from deskbell.errors import DeskError
from deskbell.people.actors import CLOCK, Actor
from deskbell.people.customers import customer_for
from deskbell.people.models import Address
from deskbell.sla.clocks import answer_clock, waits
from deskbell.sla.warnings import warn_when_due
from deskbell.tickets import actions, history, lifecycle, queries, timeline
from deskbell.tickets.check import check_tickets
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.events import ALWAYS_WRITES
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.settle import settle
from deskbell.tickets.state import FIELDS, state_of
from deskbell.tickets.thread import thread
from tests.cast import by, meet
from tests.conftest import NOON

STEPS = int(os.environ.get("DESKBELL_STEPS", "0"))
MANY = 20_000
STEPS_EACH = 60
EXAMPLES = STEPS // STEPS_EACH or 40

MOST_TICKETS = 6
AGENTS, CUSTOMERS, OTHERS = (
    ("anna", "bela", "cecil", "dora"),
    ("emil", "frida", "mallory"),
    ("rule", "clock"),
)
EVERYBODY = (*AGENTS, *CUSTOMERS, *OTHERS)
# The verb of the lifecycle's table that stands behind one of the machine's.
ACTIONS = {
    "mark_acknowledged": "acknowledge",
    "mark_asked": "ask",
    "redact_message": "redact",
    "unfollow": "follow",
    "add_check": "check_off",
    "remove_check": "check_off",
    "rate_answer": "rate",
    "send_on": "reply",
}
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=3),
    timedelta(hours=5),
    timedelta(days=5),
    timedelta(days=31),
)

MAKER = Recipient("to", "zips@maker.example")  # takes part in nothing

SCORES = ("good", "fair", "bad", "great")  # the last one is none

Verb = Callable[["Desk", Ticket, Ticket, Actor, int], Any]


def _message(ticket: Ticket, n: int) -> Message:
    messages = list(Message.objects.filter(ticket=ticket).order_by("pk"))
    return messages[n % len(messages)]


def _line(ticket: Ticket, n: int) -> int:
    lines = state_of(ticket).checklist
    return lines[n % len(lines)].text_id if lines else 0


def _open(desk: Desk, who: Actor, n: int) -> Ticket:
    customer = desk.customer(n)
    return actions.open_ticket(
        by=who if who.is_agent else by(customer),
        subject=f"Concern {n}",
        content=Content("The zip came apart."),
        department=desk.cast.support if n % 2 else desk.cast.billing,
        customer=customer,
        channel="mail",
        kind=("customer", "reply", "note")[n % 3] if who.is_agent else "customer",
        is_spam=n % 11 == 0,
    )


def _receive(desk: Desk, ticket: Ticket, n: int) -> Ticket:
    address = desk.customer(n)
    trust = "participant" if n % 3 else "new_sender"
    came = actions.receive(ticket, Content("More."), by=by(address), address=address, trust=trust)
    desk.received.append(came.message.pk)
    return came.ticket


def _answer_aside(desk: Desk, ticket: Ticket) -> Message | None:
    """Let the maker answer what was last forwarded to them; nothing where nothing was."""
    side = Message.objects.filter(ticket=ticket, kind="forward").order_by("pk").last()
    if side is None:
        return None
    maker = customer_for(MAKER.address)
    return actions.receive_aside(
        ticket, Content("It is known."), by=by(maker), address=maker, side=side
    )


def _accept(desk: Desk, ticket: Ticket, who: Actor, n: int) -> object:
    return actions.accept_sender(ticket, desk.customer(n), by=who)


VERBS: dict[str, Verb] = {
    "open": lambda d, t, o, a, n: _open(d, a, n) if d.has_room() else None,
    "receive": lambda d, t, o, a, n: _receive(d, t, n) if d.has_room() else None,
    "reply": lambda d, t, o, a, n: actions.reply(
        t,
        Content("Look."),
        by=a,
        then=("answered", "resolved", "postponed", "as_it_was")[n % 4],
        until=clock.now() + timedelta(hours=1 + n % 90),
    ),
    "send_on": lambda d, t, o, a, n: actions.send_on(t, _message(t, n), d.customer(n), by=a),
    "forward": lambda d, t, o, a, n: actions.forward(
        t, Content("Known?"), by=a, to=[MAKER], about=_message(t, n) if n % 2 else None
    ),
    "receive_aside": lambda d, t, o, a, n: _answer_aside(d, t),
    "note": lambda d, t, o, a, n: actions.note(t, Content("Hm."), by=a, mentions=[d.agent(n)]),
    "mark_answered": lambda d, t, o, a, n: actions.mark_answered(t, by=a),
    "assign": lambda d, t, o, a, n: actions.assign(t, d.agent(n) if n % 5 else None, by=a),
    "take": lambda d, t, o, a, n: actions.take(t, by=a),
    "resign": lambda d, t, o, a, n: actions.resign(t, by=a),
    "give_back": lambda d, t, o, a, n: actions.give_back(t, by=a, reason="away"),
    "transfer": lambda d, t, o, a, n: actions.transfer(
        t, d.department(n), by=a, agent=d.agent(n) if n % 3 else None
    ),
    "escalate": lambda d, t, o, a, n: actions.escalate(
        t, "Rain.", by=a, department=d.department(n) if n % 2 else None
    ),
    "postpone": lambda d, t, o, a, n: actions.postpone(
        t, clock.now() + timedelta(hours=n % 200), by=a
    ),
    "wake": lambda d, t, o, a, n: actions.wake(t, by=a),
    "resolve": lambda d, t, o, a, n: actions.resolve(t, by=a, silent=bool(n % 2)),
    "ask_for_portal": lambda d, t, o, a, n: actions.ask_for_portal(t, d.customer(n), by=a),
    "confirm": lambda d, t, o, a, n: actions.confirm(t, by=a),
    "deny": lambda d, t, o, a, n: actions.deny(t, by=a, comment="No." if n % 2 else ""),
    "rate": lambda d, t, o, a, n: actions.rate(t, by=a, score=SCORES[n % 4], words=f"{n % 3}"),
    "rate_answer": lambda d, t, o, a, n: actions.rate_answer(
        t, _message(t, n), by=a, score=SCORES[n % 4], words="Quick!" if n % 2 else ""
    ),
    "close": lambda d, t, o, a, n: actions.close(t, by=a, solution="Glue." if n % 2 else ""),
    "reopen": lambda d, t, o, a, n: actions.reopen(t, by=a),
    "spam": lambda d, t, o, a, n: actions.spam(t, by=a),
    "not_spam": lambda d, t, o, a, n: actions.not_spam(t, by=a),
    "delete": lambda d, t, o, a, n: actions.delete(t, by=a),
    "restore": lambda d, t, o, a, n: actions.restore(t, by=a),
    "purge": lambda d, t, o, a, n: actions.purge(t, by=a),
    "merge": lambda d, t, o, a, n: actions.merge(t, o, by=a),
    "unmerge": lambda d, t, o, a, n: actions.unmerge(t, by=a),
    "split": lambda d, t, o, a, n: actions.split(t, _message(t, n), by=a) if d.has_room() else None,
    "link": lambda d, t, o, a, n: actions.link(
        t, o, by=a, kind=("related", "child_of", "follow_up_of")[n % 3]
    ),
    "unlink": lambda d, t, o, a, n: actions.unlink(t, o, by=a, kind="related"),
    "redact": lambda d, t, o, a, n: actions.redact(t, by=a, passage="came apart"),
    "redact_message": lambda d, t, o, a, n: actions.redact_message(t, _message(t, n), by=a),
    "erase": lambda d, t, o, a, n: actions.erase(t, d.customer(n).customer, by=a),
    "describe": lambda d, t, o, a, n: actions.describe(
        t, by=a, subject=f"Concern {n % 3}", description="A tent." if n % 2 else ""
    ),
    "prioritise": lambda d, t, o, a, n: actions.prioritise(t, n % 6, by=a),
    "tag": lambda d, t, o, a, n: actions.tag(t, by=a, add=[f"t{n % 4}"], remove=[f"t{n % 3}"]),
    "change_customer": lambda d, t, o, a, n: actions.change_customer(t, d.customer(n), by=a),
    "add_participant": lambda d, t, o, a, n: actions.add_participant(t, d.customer(n), by=a),
    "remove_participant": lambda d, t, o, a, n: actions.remove_participant(t, d.customer(n), by=a),
    "accept_sender": lambda d, t, o, a, n: _accept(d, t, a, n),
    "follow": lambda d, t, o, a, n: actions.follow(t, by=a),
    "unfollow": lambda d, t, o, a, n: actions.unfollow(t, by=a),
    "add_check": lambda d, t, o, a, n: actions.add_check(t, f"Do {n}", by=a),
    "check_off": lambda d, t, o, a, n: actions.check_off(t, _line(t, n), by=a, done=bool(n % 3)),
    "remove_check": lambda d, t, o, a, n: actions.remove_check(t, _line(t, n), by=a),
    "undo": lambda d, t, o, a, n: actions.undo(t, max(1, t.last_step - n % 4), by=a),
    "fail_delivery": lambda d, t, o, a, n: actions.fail_delivery(
        t, message=_message(t, n), address=d.customer(n).value, reason="bounced", by=a
    ),
    "mark_acknowledged": lambda d, t, o, a, n: actions.mark_acknowledged(t, delivery_id=n, by=a),
    "mark_asked": lambda d, t, o, a, n: actions.mark_asked(t, delivery_id=n, by=a),
}
# What a desk does all day.
OFTEN = ("open", "open", "receive", "receive", "receive", "reply", "reply", "assign", "undo")
# Called by others of these, or by the desk itself.
LEFT_OUT = {"Received", "mention", "close_when_due", "wake_when_due", "purge_when_due"}
NAMED_ELSE = {"open_ticket": "open"}

numbers = st.integers(min_value=0, max_value=999)
done: Counter[str] = Counter()


class Desk(RuleBasedStateMachine):
    """A desk with up to MOST_TICKETS tickets, and what happened to it so far."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(NOON, tick=False)
        self.now = self.clock.start()
        self.undoing = transaction.atomic()
        self.undoing.__enter__()
        self.cast = meet()
        # Support promises an answer, Billing does not.
        self.cast.support.answer_within_minutes = 60
        self.cast.support.save()
        self.received: list[int] = []
        for n in (1, 2):
            _open(self, by(self.cast.emil), n)

    @override
    def teardown(self) -> None:
        try:
            self.lists_show_what_stands()
            self.nothing_is_lost()
        finally:
            transaction.set_rollback(True)
            self.undoing.__exit__(None, None, None)
            self.clock.stop()

    @rule(verb=st.sampled_from([*sorted(VERBS), *OFTEN]), n=numbers, first=numbers, second=numbers)
    def somebody_does_something(self, verb: str, n: int, first: int, second: int) -> None:
        self.try_it(verb, self.somebody(verb, n), n, first, second)
        self.all_is_well()

    @rule(
        verb=st.sampled_from(sorted(VERBS.keys() - {"open", "receive", "undo"})),
        n=numbers,
        first=numbers,
        second=numbers,
        is_settled=st.booleans(),
    )
    def the_owner_does_something_and_takes_it_back(
        self, verb: str, n: int, first: int, second: int, is_settled: bool
    ) -> None:
        anna = by(self.cast.anna)
        ticket = self.likely(verb, anna, first, n)
        settle(ticket.pk)  # what was done before is no part of what is taken back
        before = self.what_stands()
        step = ticket.last_step
        if not self.try_it(verb, anna, n, first, second):
            return
        if is_settled:
            settle(ticket.pk)
        entry = Entry.objects.filter(ticket=ticket, step=step + 1).first()
        if entry is None:
            return
        reason = self.undo(ticket.pk, entry.step)
        assert reason in {"", "for_good", "not_yours", "no_such_ticket"}, verb
        after = self.what_stands()
        assert reason or {pk: after[pk] for pk in before} == before, verb
        self.all_is_well()

    @rule(first=numbers, second=numbers, unmerges=st.booleans(), n=numbers)
    def the_owner_merges_two_and_changes_her_mind(
        self, first: int, second: int, unmerges: bool, n: int
    ) -> None:
        """This way, apart, that way, and something of it back: whatever is refused, nothing goes round in a ring."""
        one, other, anna = self.ticket(first), self.ticket(second), by(self.cast.anna)
        self.try_this("merge", partial(actions.merge, one, other, by=anna))
        if unmerges:
            self.try_this("unmerge", partial(actions.unmerge, one, by=anna))
        else:
            self.undo(one.pk, Ticket.objects.get(pk=one.pk).last_step)
        self.try_this("merge", partial(actions.merge, other, one, by=anna))
        back = Ticket.objects.get(pk=(one, other)[n % 2].pk)
        self.undo(back.pk, max(1, back.last_step - n % 3))
        self.all_is_well()

    def undo(self, ticket_id: int, step: int) -> str:
        """Let the owner undo a step; return why not, "" when she did."""
        try:
            actions.undo(Ticket.objects.get(pk=ticket_id), step, by=by(self.cast.anna))
        except DeskError as refused:
            reason = str(refused.fields.get("reason", refused.code))
            done[f"refused to undo: {reason}"] += 1
            return reason
        done["undone"] += 1
        return ""

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait: timedelta) -> None:
        self.now.shift(wait)
        for due in (
            actions.wake_when_due,
            actions.close_when_due,
            actions.purge_when_due,
            warn_when_due,
        ):
            done[due.__name__] += due()
        self.all_is_well()

    @rule(first=numbers)
    def a_ticket_settles(self, first: int) -> None:
        settle(self.ticket(first).pk)
        self.all_is_well()

    @rule()
    def letters_leave(self) -> None:
        Delivery.objects.filter(state=Delivery.State.HELD).update(state=Delivery.State.SENT)

    # What is done

    def try_it(self, verb: str, who: Actor, n: int, first: int, second: int) -> bool:
        """Do it, and return whether that was possible; what is refused leaves no trace."""
        ticket, other = self.likely(verb, who, first, n), self.ticket(second)
        because = Entry.objects.get(ticket=ticket, step=1)
        automatic = timeline.caused_by(because) if who.kind in OTHERS else nullcontext()
        with automatic:
            return self.try_this(verb, lambda: VERBS[verb](self, ticket, other, who, n))

    def try_this(self, name: str, act: Callable[[], object]) -> bool:
        rows, refusal = self.rows(), ""
        try:
            act()
        except DeskError as refused:
            refusal = refused.sentence or "without a word"
        done["refused" if refusal else name] += 1
        assert not refusal or self.rows() == rows, f"{name} was refused and left a trace"
        assert refusal != "without a word"
        return not refusal

    def ticket(self, n: int) -> Ticket:
        tickets = list(Ticket.objects.order_by("pk"))
        return tickets[n % len(tickets)]

    def likely(self, verb: str, who: Actor, first: int, n: int) -> Ticket:
        """Return a ticket to which this may be done as its status is, if there is one; now and then any."""
        action = ACTIONS.get(verb, verb)
        tickets = list(Ticket.objects.order_by("pk"))
        if n % 7 and action in lifecycle.TABLE:
            tickets = [
                one for one in tickets if lifecycle.allows(action, one.status, who.kind)
            ] or tickets
        return tickets[first % len(tickets)]

    def has_room(self) -> bool:
        return Ticket.objects.count() < MOST_TICKETS

    def agent(self, n: int) -> Any:
        return getattr(self.cast, AGENTS[n % len(AGENTS)])

    def customer(self, n: int) -> Address:
        found: Address = getattr(self.cast, CUSTOMERS[n % len(CUSTOMERS)])
        return found

    def department(self, n: int) -> Any:
        return (self.cast.support, self.cast.billing)[n % 2]

    def somebody(self, verb: str, n: int) -> Actor:
        """Return somebody who may do this to something, the owner more often than others; now and then anybody."""
        action = ACTIONS.get(verb, verb)
        kinds = lifecycle.TABLE[action].actors if action in lifecycle.TABLE else {"agent"}
        likely = ["anna", "anna", *AGENTS] if "agent" in kinds else []
        likely += CUSTOMERS[:2] if "customer" in kinds else ()
        likely += [who for who in OTHERS if who in kinds]
        return self.actor(EVERYBODY[n % len(EVERYBODY)] if n % 10 == 0 else likely[n % len(likely)])

    def actor(self, who: str) -> Actor:
        match who:
            case "rule":
                return Actor("rule", 1)
            case "clock":
                return CLOCK
            case _:
                return by(getattr(self.cast, who))

    # What is always true

    def all_is_well(self) -> None:
        assert [problem for _, found in check_tickets() for problem in found] == []
        for ticket in Ticket.objects.all():
            found = answer_clock(state_of(ticket))
            is_promised = ticket.department_id == self.cast.support.pk
            runs = found is not None and not found.rests
            assert runs == (is_promised and waits(state_of(ticket))), f"{ticket}: {found}"

    def lists_show_what_stands(self) -> None:
        anna = by(self.cast.anna)
        for name in sorted(set(queries.VIEWS) - queries.VIEWS_OF_NOW):
            shown = Ticket.objects.filter(pk__in=[row.id for row in queries.inbox(anna, name).rows])
            assert not shown.exclude(merged_into=None, purged_at=None).exists()
            stood = {row.code for row in history.queue(anna, name, clock.now()).rows}
            stands = {row.code for row in queries.view(anna, name).all()}
            assert stood == stands or name == "mine", f"the queue {name}, now"

    def nothing_is_lost(self) -> None:
        """Every message that a customer sent stands in the thread of the ticket that goes on for it."""
        for number in self.received:
            message = Message.objects.get(pk=number)
            going_on = Ticket.objects.get(pk=queries.survivor_id(message.ticket_id))
            told = {item.message.pk for item in thread(going_on) if item.message is not None}
            assert number in told

    def what_stands(self) -> dict[int, dict[str, object]]:
        return {
            ticket.pk: {
                name: getattr(state_of(ticket), name)
                for name in FIELDS
                if name not in ALWAYS_WRITES
            }
            for ticket in Ticket.objects.all()
        }

    def rows(self) -> tuple[Any, ...]:
        return (
            list(Ticket.objects.order_by("pk").values()),
            Entry.objects.count(),
            Message.objects.count(),
            Delivery.objects.count(),
        )


def test_no_verb_is_missing_from_the_machine() -> None:
    named = {NAMED_ELSE.get(name, name) for name in actions.__all__} - LEFT_OUT
    assert named == set(VERBS)


@pytest.mark.django_db
def test_whatever_people_do_what_is_always_true_stays_true() -> None:
    done.clear()
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS_EACH,
            derandomize=not STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),  # to shrink a walk takes longer than to read it
        ),
    )
    if not STEPS:
        return
    print("\n", sum(done.values()), "steps:", dict(done.most_common()))  # noqa: T201  asked for
    assert STEPS < MANY or VERBS.keys() <= done.keys(), "every verb succeeded at least once"

"""Two people press at the same moment, for every pair of verbs: each happens or is refused with a sentence, and what
comes out is what one after the other would have given, in one of the two orders.

DESKBELL_PAIRS=all compares every pair with its two orders, not every seventh.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import combinations_with_replacement
from queue import SimpleQueue
from threading import Barrier, Thread
from time import sleep

import pytest
from django.db import connection

from deskbell.clock import now
from deskbell.errors import DeskError
from deskbell.people.actors import CLOCK
from deskbell.people.models import Department
from deskbell.tickets import actions, lifecycle, timeline
from deskbell.tickets.actions.close import _close_if_still_due
from deskbell.tickets.actions.purge import _purge_if_still_there
from deskbell.tickets.actions.wake import _wake_if_still_due
from deskbell.tickets.check import check_ticket
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Entry, Message, Tag, Ticket
from deskbell.tickets.state import state_of
from tests.cast import Cast, by, meet
from tests.desk import a_ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

EVERY = 1 if os.environ.get("DESKBELL_PAIRS") == "all" else 7
# So many tests share the pairs, for two workers to share the work.
PARTS = 4


MAKER = "zips@maker.example"


@dataclass(frozen=True)
class Scene:
    """Two tickets of Emil's, the people, and the step of the ticket that somebody may take back."""

    ticket: Ticket
    other: Ticket
    cast: Cast
    last_step: int = 0


Verb = Callable[[Scene], object]
Pair = tuple[str, str]


def _first_message(scene: Scene) -> Message:
    return Message.objects.filter(ticket=scene.ticket).order_by("pk")[0]


def _ask(scene: Scene) -> object:
    """Let the desk have asked whether it is solved, because of what happened last."""
    with timeline.caused_by(Entry.objects.get(ticket=scene.ticket, step=scene.last_step)):
        return actions.mark_asked(scene.ticket, delivery_id=1, by=CLOCK)


VERBS: dict[str, Verb] = {
    "receive": lambda s: actions.receive(
        s.ticket, Content("More."), by=by(s.cast.emil), address=s.cast.emil
    ),
    "reply": lambda s: actions.reply(s.ticket, Content("Look."), by=by(s.cast.anna)),
    "note": lambda s: actions.note(s.ticket, Content("Hm."), by=by(s.cast.anna)),
    "forward": lambda s: actions.forward(
        s.ticket, Content("Known?"), by=by(s.cast.anna), to=[Recipient("to", MAKER)]
    ),
    "receive_aside": lambda s: actions.receive_aside(
        s.ticket,
        Content("It is."),
        by=by(s.cast.mallory),
        address=s.cast.mallory,
        side=_first_message(s),
    ),
    "mark_answered": lambda s: actions.mark_answered(s.ticket, by=by(s.cast.anna)),
    "assign": lambda s: actions.assign(s.ticket, s.cast.bela, by=by(s.cast.anna)),
    "take": lambda s: actions.take(s.ticket, by=by(s.cast.bela)),
    "resign": lambda s: actions.resign(s.ticket, by=by(s.cast.anna)),
    "give_back": lambda s: actions.give_back(s.ticket, by=by(s.cast.anna), reason="away"),
    "transfer": lambda s: actions.transfer(s.ticket, s.cast.billing, by=by(s.cast.anna)),
    "escalate": lambda s: actions.escalate(s.ticket, "Rain.", by=by(s.cast.anna)),
    "postpone": lambda s: actions.postpone(
        s.ticket, now() + timedelta(hours=1), by=by(s.cast.anna)
    ),
    "wake": lambda s: actions.wake(s.ticket, by=by(s.cast.anna)),
    "resolve": lambda s: actions.resolve(s.ticket, by=by(s.cast.anna)),
    "confirm": lambda s: actions.confirm(s.ticket, by=by(s.cast.emil)),
    "deny": lambda s: actions.deny(s.ticket, by=by(s.cast.emil)),
    "rate": lambda s: actions.rate(s.ticket, by=by(s.cast.emil), score="good", words="Quick!"),
    "ask_for_portal": lambda s: actions.ask_for_portal(s.ticket, s.cast.emil, by=by(s.cast.emil)),
    "close": lambda s: actions.close(s.ticket, by=by(s.cast.anna)),
    "reopen": lambda s: actions.reopen(s.ticket, by=by(s.cast.anna)),
    "spam": lambda s: actions.spam(s.ticket, by=by(s.cast.anna)),
    "not_spam": lambda s: actions.not_spam(s.ticket, by=by(s.cast.anna)),
    "delete": lambda s: actions.delete(s.ticket, by=by(s.cast.anna)),
    "restore": lambda s: actions.restore(s.ticket, by=by(s.cast.anna)),
    "purge": lambda s: actions.purge(s.ticket, by=by(s.cast.anna)),
    "merge": lambda s: actions.merge(s.ticket, s.other, by=by(s.cast.anna)),
    "merge back": lambda s: actions.merge(s.other, s.ticket, by=by(s.cast.anna)),
    "unmerge": lambda s: actions.unmerge(s.ticket, by=by(s.cast.anna)),
    "write to the other": lambda s: actions.receive(
        s.other, Content("More."), by=by(s.cast.emil), address=s.cast.emil
    ),
    "split": lambda s: actions.split(s.ticket, _first_message(s), by=by(s.cast.anna)),
    "link": lambda s: actions.link(s.ticket, s.other, by=by(s.cast.anna), kind="child_of"),
    "link back": lambda s: actions.link(s.other, s.ticket, by=by(s.cast.anna), kind="child_of"),
    "unlink": lambda s: actions.unlink(s.ticket, s.other, by=by(s.cast.anna), kind="related"),
    "redact": lambda s: actions.redact(s.ticket, by=by(s.cast.anna), passage="came apart"),
    "erase": lambda s: actions.erase(s.ticket, s.cast.emil.customer, by=by(s.cast.anna)),
    "describe": lambda s: actions.describe(s.ticket, by=by(s.cast.anna), subject="The zip"),
    "prioritise": lambda s: actions.prioritise(s.ticket, 4, by=by(s.cast.anna)),
    "tag": lambda s: actions.tag(s.ticket, by=by(s.cast.anna), add=["zip"]),
    "change_customer": lambda s: actions.change_customer(
        s.ticket, s.cast.frida, by=by(s.cast.anna)
    ),
    "add_participant": lambda s: actions.add_participant(
        s.ticket, s.cast.frida, by=by(s.cast.anna)
    ),
    "remove_participant": lambda s: actions.remove_participant(
        s.ticket, s.cast.frida, by=by(s.cast.anna)
    ),
    "check_off": lambda s: actions.add_check(s.ticket, "Ask", by=by(s.cast.anna)),
    "follow": lambda s: actions.follow(s.ticket, by=by(s.cast.anna)),
    "undo": lambda s: actions.undo(s.ticket, s.last_step, by=by(s.cast.anna)),
    "mention": lambda s: actions.note(
        s.ticket, Content("Bela?"), by=by(s.cast.anna), mentions=[s.cast.bela]
    ),
    "accept_sender": lambda s: actions.accept_sender(s.ticket, s.cast.mallory, by=by(s.cast.anna)),
    "fail_delivery": lambda s: actions.fail_delivery(
        s.ticket, message=None, address="emil@acme.example", reason="mailbox_unknown", by=CLOCK
    ),
    "acknowledge": lambda s: actions.mark_acknowledged(s.ticket, delivery_id=1, by=CLOCK),
    "ask": _ask,
    "close when due": lambda s: _close_if_still_due(s.ticket),
    "wake when due": lambda s: _wake_if_still_due(s.ticket),
    "purge when due": lambda s: _purge_if_still_there(s.ticket, since=now()),
}
# What has to do with the other ticket too; else that one is left as it began.
WITH_BOTH = {"merge", "merge back", "link", "link back", "unlink", "write to the other"}
# Longer than it takes to set a scene up on a busy machine.
SOON = timedelta(milliseconds=150)
# What the clock does, and the status in which it finds a ticket.
BY_THE_CLOCK = {
    "close when due": "resolved",
    "wake when due": "postponed",
    "purge when due": "deleted",
    "ask": "resolved",
}
# What is done to a ticket that is merged into the other one, and to that one.
TO_MERGED: dict[str, Verb] = {
    **{
        name: VERBS[name]
        for name in ("receive", "write to the other", "unmerge", "erase", "undo", "fail_delivery")
    },
    "reply there": lambda s: actions.reply(s.other, Content("Look."), by=by(s.cast.anna)),
    "delete that": lambda s: actions.delete(s.other, by=by(s.cast.anna)),
    "restore that": lambda s: actions.restore(s.other, by=by(s.cast.anna)),
    "purge that": lambda s: actions.purge(s.other, by=by(s.cast.anna)),
    "purge that when due": lambda s: _purge_if_still_there(s.other, since=now()),
    "redact there": lambda s: actions.redact(s.other, by=by(s.cast.anna), passage="came apart"),
}
STATUSES = ("answered", "open", "resolved", "postponed", "closed", "spam", "deleted")


def test_no_verb_is_missing_from_the_pairs() -> None:
    assert set(lifecycle.TABLE) <= set(VERBS)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_pair_at_the_same_moment_is_one_after_the_other(part: int) -> None:
    cast = meet()
    Tag.objects.create(name="zip", key="zip")

    def in_a_scene(pair: Pair) -> Scene:
        return set_up(cast, fitting(*pair), pair)

    assert race_all(pairs_of(VERBS)[part::PARTS], VERBS, in_a_scene) == []


def test_every_pair_on_a_merged_ticket_is_one_after_the_other() -> None:
    cast = meet()

    def merged(pair: Pair) -> Scene:
        scene = set_up(cast, "open", pair)
        actions.merge(scene.ticket, scene.other, by=by(cast.anna))
        if {"purge that", "purge that when due", "restore that"} & set(pair):
            actions.delete(scene.other, by=by(cast.anna))
        return scene

    assert race_all(pairs_of(TO_MERGED), TO_MERGED, merged) == []


def pairs_of(verbs: dict[str, Verb]) -> list[Pair]:
    return list(combinations_with_replacement(sorted(verbs), 2))


def race_all(
    pairs: list[Pair], verbs: dict[str, Verb], in_a_scene: Callable[[Pair], Scene]
) -> list[str]:
    """Let every pair of these happen at once, each time in a scene of their own; return what went wrong."""
    wrong = []
    with two_people() as at_once:
        for number, pair in enumerate(pairs):
            first, second = (verbs[name] for name in pair)
            problems = race(
                partial(in_a_scene, pair),
                at_once,
                first,
                second,
                compare=number % EVERY == 0,
            )
            wrong += [f"{' and '.join(pair)}: {problem}" for problem in problems]
    return wrong


def race(
    a_scene: Callable[[], Scene], at_once: AtOnce, first: Verb, second: Verb, *, compare: bool
) -> list[str]:
    """Let both happen at once; return what is wrong with what came out."""
    scene = begun(a_scene())
    surprises = at_once(scene, first, second)
    found = [f"{type(error).__name__}: {error}" for error in surprises]
    found += [
        problem.what for one in (scene.ticket, scene.other) for problem in check_ticket(one.pk)
    ]
    if compare and not found:
        came_out, orders = outcome(scene), []
        for order in ((first, second), (second, first)):
            twin = begun(a_scene())
            for verb in order:
                try_(verb, twin)
            orders.append(outcome(twin))
        if came_out not in orders:
            found.append(f"{came_out} is neither {orders[0]} nor {orders[1]}")
    return found


def begun(scene: Scene) -> Scene:
    """Return the scene with the last step of its ticket, as everybody sees it before the race."""
    return replace(scene, last_step=Ticket.objects.get(pk=scene.ticket.pk).last_step)


def fitting(first: str, second: str) -> str:
    """Return the status in which both may be done, or the first at least."""

    def allowed(status: str) -> int:
        return sum(
            BY_THE_CLOCK.get(verb) == status
            or (
                verb in lifecycle.TABLE
                and any(lifecycle.allows(verb, status, kind) for kind in ("agent", "customer"))
            )
            for verb in (first, second)
        )

    return max(STATUSES, key=allowed)


def set_up(cast: Cast, status: str, pair: Pair) -> Scene:
    """Return two tickets of Emil's, one or both of them Anna's in `status`, ready for what this pair of verbs wants."""
    Department.objects.filter(pk=cast.support.pk).update(
        close_after_days=0 if "close when due" in pair else 4
    )
    scene = Scene(a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.emil), cast)
    is_due = "wake when due" in pair
    for ticket in (scene.ticket, scene.other) if WITH_BOTH & set(pair) else (scene.ticket,):
        actions.assign(ticket, cast.anna, by=by(cast.anna))
        bring_to(status, ticket, cast, SOON if is_due else timedelta(days=1))
    if "accept_sender" in pair:
        mallory = cast.mallory
        actions.receive(
            scene.ticket, Content("Me too."), by=by(mallory), address=mallory, trust="new_sender"
        )
    if is_due:
        sleep(SOON.total_seconds())
    return scene


def bring_to(status: str, ticket: Ticket, cast: Cast, wait: timedelta) -> None:
    """Let Anna bring a new ticket of hers to `status`; postponed for so long."""
    anna = by(cast.anna)
    match status:
        case "answered":
            actions.mark_answered(ticket, by=anna)
        case "open":
            actions.mark_answered(ticket, by=anna)
            actions.receive(ticket, Content("Hm."), by=by(cast.emil), address=cast.emil)
        case "postponed":
            actions.postpone(ticket, now() + wait, by=anna)
        case "resolved":
            actions.resolve(ticket, by=anna, silent=True)
        case "closed":
            actions.close(ticket, by=anna)
        case "spam":
            actions.spam(ticket, by=anna)
        case "deleted":
            actions.delete(ticket, by=anna)


def outcome(scene: Scene) -> list[tuple[object, ...]]:
    """Return what both tickets are in the end, apart from numbers and times."""
    found: list[tuple[object, ...]] = []
    for ticket in (scene.ticket, scene.other):
        state = state_of(Ticket.objects.get(pk=ticket.pk))
        found.append(
            (
                state.status,
                state.assignee_id,
                state.department_id,
                state.priority,
                state.customer_id,
                state.merged_into_id is not None,
                state.purged_at is not None,
                state.postponed_until is not None,
                len(state.links),
                len(state.tags),
                len(state.participants),
                len(state.checklist),
                state.step,
            )
        )
    return found


def try_(verb: Verb, scene: Scene) -> Exception | None:
    """Do it; return what it raised that is no refusal with a sentence."""
    own = Scene(
        Ticket.objects.get(pk=scene.ticket.pk),
        Ticket.objects.get(pk=scene.other.pk),
        scene.cast,
        scene.last_step,
    )
    try:
        verb(own)
    except Exception as error:
        return None if isinstance(error, DeskError) and error.sentence else error
    return None


AtOnce = Callable[[Scene, Verb, Verb], list[Exception]]


@contextmanager
def two_people() -> Iterator[AtOnce]:
    """Give a function that lets two verbs begin at the same moment, in two threads that keep their connections."""
    barrier = Barrier(2)
    wanted: list[SimpleQueue[tuple[Scene, Verb] | None]] = [SimpleQueue(), SimpleQueue()]
    told: SimpleQueue[Exception | None] = SimpleQueue()

    def person(number: int) -> None:
        try:
            while (asked := wanted[number].get()) is not None:
                scene, verb = asked
                barrier.wait(30)
                told.put(try_(verb, scene))
        finally:
            connection.close()

    people = [Thread(target=person, args=(number,), daemon=True) for number in (0, 1)]
    for one in people:
        one.start()

    def at_once(scene: Scene, first: Verb, second: Verb) -> list[Exception]:
        wanted[0].put((scene, first))
        wanted[1].put((scene, second))
        outcomes = [told.get(timeout=60) for _ in range(2)]
        return [surprise for surprise in outcomes if surprise is not None]

    yield at_once
    for queue in wanted:
        queue.put(None)
    for one in people:
        one.join(10)

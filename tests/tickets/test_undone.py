"""Taking back: exactly the state before, what it had caused included; refused with its reason where it must be."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from deskbell.channels.mail.models import Delivery
from deskbell.clock import now
from deskbell.errors import CannotUndo, NotFound
from deskbell.tickets import actions
from deskbell.tickets.actions.undo import WITHIN
from deskbell.tickets.content import Content
from deskbell.tickets.events import ALWAYS_WRITES
from deskbell.tickets.models import Entry, Link, Message, Tagging, Ticket
from deskbell.tickets.settle import settle
from deskbell.tickets.state import FIELDS, state_of
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again

Act = Callable[[Ticket, Cast], object]


def open_ticket(cast: Cast) -> Ticket:
    """Return an Open ticket of Emil's that Anna owns."""
    ticket = a_ticket(cast.support, cast.emil)
    actions.reply(ticket, Content("Send it in."), by=by(cast.anna))
    Delivery.objects.update(state=Delivery.State.SENT)
    writes_again(ticket, cast.emil)
    ticket.refresh_from_db()
    return ticket


def last_root(ticket: Ticket) -> int:
    """Return the step of the last act on the ticket: an entry that nothing else on it caused."""
    mine = Entry.objects.filter(ticket=ticket).order_by("-step")
    return next(e.step for e in mine if e.cause is None or e.cause.ticket_id != ticket.pk)


def what_stands(ticket: Ticket) -> dict[str, object]:
    ticket.refresh_from_db()
    state = state_of(ticket)
    return {name: getattr(state, name) for name in FIELDS if name not in ALWAYS_WRITES}


ACTS: dict[str, Act] = {
    "reply": lambda t, c: actions.reply(t, Content("Look."), by=by(c.anna)),
    "reply and resolve": lambda t, c: actions.reply(
        t, Content("Look."), by=by(c.anna), then="resolved"
    ),
    "reply and postpone": lambda t, c: actions.reply(
        t, Content("Look."), by=by(c.anna), then="postponed", until=now() + timedelta(days=1)
    ),
    "note": lambda t, c: actions.note(t, Content("Hm."), by=by(c.anna), mentions=[c.bela]),
    "mark answered": lambda t, c: actions.mark_answered(t, by=by(c.anna)),
    "assign": lambda t, c: actions.assign(t, c.bela, by=by(c.anna)),
    "unassign": lambda t, c: actions.assign(t, None, by=by(c.anna)),
    "resign": lambda t, c: actions.resign(t, by=by(c.anna)),
    "give back": lambda t, c: actions.give_back(t, by=by(c.anna), reason="left"),
    "transfer": lambda t, c: actions.transfer(t, c.billing, by=by(c.anna), agent=c.dora),
    "escalate": lambda t, c: actions.escalate(
        t, "They wait in the rain.", by=by(c.anna), department=c.billing, agent=c.dora
    ),
    "postpone": lambda t, c: actions.postpone(t, now() + timedelta(days=1), by=by(c.anna)),
    "resolve": lambda t, c: actions.resolve(t, by=by(c.anna)),
    "close": lambda t, c: actions.close(t, by=by(c.anna), solution="Glue."),
    "spam": lambda t, c: actions.spam(t, by=by(c.anna)),
    "delete": lambda t, c: actions.delete(t, by=by(c.anna)),
    "describe": lambda t, c: actions.describe(
        t, by=by(c.anna), subject="The zip", description="Of a tent."
    ),
    "prioritise": lambda t, c: actions.prioritise(t, 4, by=by(c.anna)),
    "tag": lambda t, c: actions.tag(t, by=by(c.anna), add=["zip", "tent"]),
    "change customer": lambda t, c: actions.change_customer(t, c.frida, by=by(c.anna)),
    "add participant": lambda t, c: actions.add_participant(t, c.frida, by=by(c.anna)),
    "link": lambda t, c: actions.link(t, a_ticket(c.support, c.frida), by=by(c.anna)),
    "follow": lambda t, c: actions.follow(t, by=by(c.anna)),
    "checklist": lambda t, c: actions.add_check(t, "Ask the workshop", by=by(c.anna)),
    "merge": lambda t, c: actions.merge(t, a_ticket(c.support, c.frida), by=by(c.anna)),
    "split": lambda t, c: actions.split(t, t.messages.order_by("pk")[0], by=by(c.anna)),
}


@pytest.mark.parametrize("settled", [False, True], ids=["at once", "settled"])
@pytest.mark.parametrize("name", sorted(ACTS))
def test_what_is_taken_back_leaves_the_ticket_exactly_as_it_was(
    cast: Cast, name: str, settled: bool
) -> None:
    ticket = open_ticket(cast)
    before = what_stands(ticket)
    ACTS[name](ticket, cast)
    if settled:
        settle(ticket.pk)
    actions.undo(ticket, last_root(ticket), by=by(cast.anna))
    assert what_stands(ticket) == before


def test_an_answer_taken_back_never_leaves_and_is_shown_as_taken_back(cast: Cast) -> None:
    ticket = open_ticket(cast)
    message = actions.reply(ticket, Content("Look."), by=by(cast.anna), then="resolved")
    settle(ticket.pk)
    actions.undo(ticket, last_root(ticket), by=by(cast.anna))
    message.refresh_from_db()
    assert message.taken_back_at is not None
    pending = Delivery.objects.filter(state__in=Delivery.PENDING)
    assert not pending.exists(), "neither the answer nor the question"


def test_an_answer_that_has_left_stays(cast: Cast) -> None:
    ticket = open_ticket(cast)
    actions.reply(ticket, Content("Look."), by=by(cast.anna))
    Delivery.objects.update(state=Delivery.State.SENT)
    refused(ticket, cast, "left_the_house")
    assert not Message.objects.exclude(taken_back_at=None).exists()


def test_an_answer_that_a_worker_has_in_hand_stays(cast: Cast) -> None:
    ticket = open_ticket(cast)
    actions.reply(ticket, Content("Look."), by=by(cast.anna))
    Delivery.objects.filter(state=Delivery.State.HELD).update(
        state=Delivery.State.QUEUED, attempts=1
    )
    refused(ticket, cast, "left_the_house")


def refused(ticket: Ticket, cast: Cast, reason: str, step: int | None = None) -> None:
    before, entries = what_stands(ticket), Entry.objects.filter(ticket=ticket).count()
    with pytest.raises(CannotUndo) as told:
        actions.undo(ticket, step or last_root(ticket), by=by(cast.anna))
    assert told.value.fields["reason"] == reason
    assert what_stands(ticket) == before
    assert Entry.objects.filter(ticket=ticket).count() == entries


def test_nobody_takes_back_what_another_did(cast: Cast) -> None:
    ticket = open_ticket(cast)
    actions.prioritise(ticket, 4, by=by(cast.bela))
    refused(ticket, cast, "not_yours")


def test_after_ten_minutes_it_stays(cast: Cast, clock: time_machine.Traveller) -> None:
    ticket = open_ticket(cast)
    actions.prioritise(ticket, 4, by=by(cast.anna))
    clock.shift(WITHIN)
    actions.undo(ticket, last_root(ticket), by=by(cast.anna))
    actions.prioritise(ticket, 4, by=by(cast.anna))
    clock.shift(WITHIN + timedelta(seconds=1))
    refused(ticket, cast, "too_late")


def test_it_is_taken_back_once(cast: Cast) -> None:
    ticket = open_ticket(cast)
    step = actions.prioritise(ticket, 4, by=by(cast.anna))
    assert step is not None
    undone = actions.undo(ticket, step.step, by=by(cast.anna))
    refused(ticket, cast, "undone_before", step.step)
    refused(ticket, cast, "for_good", undone.step)


def test_a_part_of_an_act_is_not_taken_back_alone(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.reply(ticket, Content("Send it in."), by=by(cast.anna))
    taken = Entry.objects.get(ticket=ticket, kind="ticket.taken")
    refused(ticket, cast, "a_part", taken.step)


def test_what_somebody_changed_since_stays(cast: Cast) -> None:
    ticket = open_ticket(cast)
    first = actions.assign(ticket, cast.bela, by=by(cast.anna))
    assert first is not None
    actions.assign(ticket, None, by=by(cast.bela))
    refused(ticket, cast, "changed_since", first.step)


def test_nobody_who_wrote_since_is_left_waiting_in_a_ticket_at_rest(cast: Cast) -> None:
    ticket = open_ticket(cast)
    actions.resolve(ticket, by=by(cast.anna))
    reopened = actions.reopen(ticket, by=by(cast.anna))
    writes_again(ticket, cast.emil, "It came apart again.")
    refused(ticket, cast, "changed_since", reopened.step)
    assert ticket.status == "open"


def test_a_merge_that_opened_the_survivor_stays_when_its_customer_wrote_since(cast: Cast) -> None:
    source, survivor = open_ticket(cast), open_ticket(cast)
    actions.resolve(survivor, by=by(cast.anna))
    merged = actions.merge(source, survivor, by=by(cast.anna))
    writes_again(source, cast.emil, "Where is it?")
    with pytest.raises(CannotUndo):
        actions.undo(source, merged.step, by=by(cast.anna))
    survivor.refresh_from_db()
    source.refresh_from_db()
    assert (survivor.status, source.merged_into) == ("open", survivor)


def test_what_changes_no_status_is_taken_back_whoever_wrote_since(cast: Cast) -> None:
    ticket = open_ticket(cast)
    tagged = actions.tag(ticket, by=by(cast.anna), add=["zip"])
    assert tagged is not None
    writes_again(ticket, cast.emil)
    actions.undo(ticket, tagged.step, by=by(cast.anna))
    assert state_of(ticket).tags == ()


def test_what_somebody_changed_beside_it_stays_as_they_made_it(cast: Cast) -> None:
    ticket = open_ticket(cast)
    first = actions.assign(ticket, cast.bela, by=by(cast.anna))
    assert first is not None
    actions.prioritise(ticket, 4, by=by(cast.bela))
    actions.undo(ticket, first.step, by=by(cast.anna))
    assert (ticket.assignee_id, ticket.priority) == (cast.anna.pk, 4)


def test_acts_are_taken_back_one_after_the_other(cast: Cast) -> None:
    ticket = open_ticket(cast)
    before = what_stands(ticket)
    steps = [
        entry.step
        for priority in (3, 4, 1)
        if (entry := actions.prioritise(ticket, priority, by=by(cast.anna)))
    ]
    for step in reversed(steps):
        actions.undo(ticket, step, by=by(cast.anna))
    assert what_stands(ticket) == before


def test_what_is_for_good_is_not_taken_back(cast: Cast) -> None:
    ticket = open_ticket(cast)
    actions.redact(ticket, by=by(cast.anna), passage="the zip came apart")
    refused(ticket, cast, "for_good")
    with pytest.raises(NotFound):
        actions.undo(ticket, 999, by=by(cast.anna))


def test_an_agent_takes_back_a_transfer_out_of_their_own_sight(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    moved = actions.transfer(ticket, cast.billing, by=by(cast.bela))
    assert moved is not None
    actions.undo(ticket, moved.step, by=by(cast.bela))
    assert ticket.department_id == cast.support.pk


def test_a_merge_is_taken_back_on_either_ticket(cast: Cast) -> None:
    for take_back_on in ("source", "survivor"):
        source, survivor = open_ticket(cast), a_ticket(cast.support, cast.frida)
        stood = what_stands(source), what_stands(survivor)
        actions.merge(source, survivor, by=by(cast.anna))
        ticket = source if take_back_on == "source" else survivor
        actions.undo(ticket, last_root(ticket), by=by(cast.anna))
        assert (what_stands(source), what_stands(survivor)) == stood


def taken_apart(cast: Cast) -> tuple[Ticket, Ticket, int]:
    """Return two tickets that stand for themselves again, and the step on the first that says so."""
    source, survivor = open_ticket(cast), a_ticket(cast.support, cast.frida)
    actions.merge(source, survivor, by=by(cast.anna))
    unmerged = actions.unmerge(source, by=by(cast.anna))
    survivor.refresh_from_db()
    return source, survivor, unmerged.step


def test_a_merge_comes_back_when_its_taking_apart_is_taken_back(cast: Cast) -> None:
    source, survivor, step = taken_apart(cast)
    actions.undo(source, step, by=by(cast.anna))
    assert source.merged_into_id == survivor.pk


def test_a_merge_does_not_come_back_in_a_ring(cast: Cast) -> None:
    source, survivor, step = taken_apart(cast)
    actions.merge(survivor, source, by=by(cast.anna))
    refused(source, cast, "changed_since", step)


def test_a_merge_does_not_come_back_into_what_was_thrown_away_since(cast: Cast) -> None:
    for is_purged in (False, True):
        source, survivor, step = taken_apart(cast)
        actions.delete(survivor, by=by(cast.anna))
        if is_purged:
            actions.purge(survivor, by=by(cast.anna))
        refused(source, cast, "changed_since", step)


def test_a_part_does_not_come_back_into_its_own_part(cast: Cast) -> None:
    part, whole = open_ticket(cast), open_ticket(cast)
    actions.link(part, whole, by=by(cast.anna), kind="child_of")
    unlinked = actions.unlink(part, whole, by=by(cast.anna), kind="child_of")
    assert unlinked is not None
    actions.link(whole, part, by=by(cast.anna), kind="child_of")
    refused(part, cast, "changed_since", unlinked.step)


def test_taking_a_split_back_deletes_the_new_ticket(cast: Cast) -> None:
    ticket = open_ticket(cast)
    opened = actions.split(ticket, ticket.messages.order_by("pk")[0], by=by(cast.anna))
    actions.undo(ticket, last_root(ticket), by=by(cast.anna))
    opened.refresh_from_db()
    assert opened.status == "deleted"


def test_a_split_whose_ticket_went_on_stays(cast: Cast) -> None:
    ticket = open_ticket(cast)
    opened = actions.split(ticket, ticket.messages.order_by("pk")[0], by=by(cast.anna))
    actions.take(opened, by=by(cast.bela))
    refused(ticket, cast, "changed_since")


def test_a_ticket_that_an_agent_began_is_deleted_when_it_is_taken_back(cast: Cast) -> None:
    ticket = actions.open_ticket(
        by=by(cast.bela),
        subject="Your order",
        content=Content("It is ready."),
        department=cast.support,
        customer=cast.emil,
        channel="mail",
        kind="reply",
    )
    actions.undo(ticket, 1, by=by(cast.bela))
    assert ticket.status == "deleted"
    assert not Delivery.objects.filter(state__in=Delivery.PENDING).exists()


def test_a_form_sent_again_after_it_was_taken_back_is_meant(cast: Cast) -> None:
    ticket = open_ticket(cast)
    first = actions.reply(ticket, Content("Look."), by=by(cast.anna), once="the form")
    actions.undo(ticket, last_root(ticket), by=by(cast.anna))
    second = actions.reply(ticket, Content("Look."), by=by(cast.anna), once="the form")
    assert first.pk != second.pk


def test_companions_follow_what_is_taken_back(cast: Cast) -> None:
    ticket, other = open_ticket(cast), a_ticket(cast.support, cast.frida)
    actions.tag(ticket, by=by(cast.anna), add=["zip"])
    actions.link(ticket, other, by=by(cast.anna))
    for _act in range(2):
        actions.undo(ticket, _last_standing(ticket), by=by(cast.anna))
    assert not Tagging.objects.exists()
    assert not Link.objects.exists()


def _last_standing(ticket: Ticket) -> int:
    """Return the last step that is no taking back and was not taken back."""
    entries = Entry.objects.filter(ticket=ticket).order_by("-step")
    undone = {step for e in entries if e.kind == "act.undone" for step in e.data["steps"]}
    return next(e.step for e in entries if e.kind != "act.undone" and e.step not in undone)

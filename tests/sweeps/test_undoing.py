"""One undo for all that a sweep did: what somebody touched since stays, letters that have left are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from deskbell import clock as time
from deskbell.channels.mail.models import Delivery
from deskbell.channels.mail.sending import send_delivery
from deskbell.errors import CannotUndo, NotFound
from deskbell.sweeps import going, reading, undoing
from deskbell.sweeps.models import Sweep
from deskbell.tickets import actions
from deskbell.tickets.models import Draft, Message
from deskbell.work.jobs import Later
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.sweeps.sweeping import begun, ended, figures, fresh, kinds, now, some_tickets, swept, why

pytestmark = pytest.mark.django_db


def test_one_press_takes_back_what_was_done_to_each(cast: Cast) -> None:
    tickets = some_tickets(cast)
    actions.prioritise(tickets[0], 3, by=by(cast.bela))
    sweep = swept(cast.anna, "prioritise", tickets, priority=4)
    undo = ended(undoing.take_back(sweep, by=by(cast.anna)))
    assert (undo.undoes, undo.act, figures(undo)) == (sweep, "undo", (3, 0, 0))
    assert [fresh(ticket).priority for ticket in tickets] == [3, 2, 2]
    assert [kinds(ticket)[-1] for ticket in tickets] == ["act.undone"] * 3


def test_what_somebody_worked_on_since_stays_and_says_why(cast: Cast) -> None:
    touched, left = some_tickets(cast, 2)
    sweep = swept(cast.anna, "prioritise", [touched, left], priority=4)
    actions.prioritise(touched, 1, by=by(cast.bela))
    undo = ended(undoing.take_back(sweep, by=by(cast.anna)))
    assert figures(undo) == (1, 0, 1)
    assert why(undo) == {
        touched.code: "Something else has changed the same since. Change it by hand."
    }
    assert [fresh(ticket).priority for ticket in (touched, left)] == [1, 2]


def test_what_was_refused_or_was_so_already_is_left_alone(cast: Cast) -> None:
    mine, nobodys, deleted = some_tickets(cast)
    actions.take(mine, by=by(cast.bela))
    actions.delete(deleted, by=by(cast.anna))
    sweep = swept(cast.bela, "take", [mine, nobodys, deleted])
    assert figures(sweep) == (1, 1, 1)
    assert ended(undoing.take_back(sweep, by=by(cast.bela))).total == 1
    assert fresh(mine).assignee == cast.bela


def test_it_may_be_taken_back_out_of_ones_sight(cast: Cast) -> None:
    tickets = some_tickets(cast)
    sweep = swept(cast.bela, "transfer", tickets, department=cast.billing.pk)
    ended(undoing.take_back(sweep, by=by(cast.bela)))
    assert {fresh(ticket).department for ticket in tickets} == {cast.support}


def test_its_ten_minutes_begin_at_its_end(cast: Cast, clock: time_machine.Traveller) -> None:
    tickets = some_tickets(cast, 2)
    sweep = begun(cast.anna, "take", tickets)
    going._one_more(sweep.pk)
    clock.shift(timedelta(minutes=9))
    sweep = ended(sweep)
    clock.shift(timedelta(minutes=9))
    undo = undoing.take_back(sweep, by=by(cast.anna))
    clock.shift(timedelta(minutes=9))  # the worker had something else to do
    assert figures(ended(undo)) == (2, 0, 0)


def test_later_it_is_too_late(cast: Cast, clock: time_machine.Traveller) -> None:
    sweep = swept(cast.anna, "take", some_tickets(cast, 1))
    assert reading.may_be_taken_back(sweep)
    clock.shift(timedelta(minutes=11))
    assert not reading.may_be_taken_back(sweep)
    with pytest.raises(CannotUndo, match="ten minutes"):
        undoing.take_back(sweep, by=by(cast.anna))


def test_pressed_twice_it_is_taken_back_once(cast: Cast) -> None:
    sweep = swept(cast.anna, "take", some_tickets(cast, 1))
    undo = undoing.take_back(sweep, by=by(cast.anna))
    assert undoing.take_back(sweep, by=by(cast.anna)) == undo
    assert not reading.may_be_taken_back(reading.one(by(cast.anna), sweep.pk))
    with pytest.raises(CannotUndo):
        undoing.take_back(ended(undo), by=by(cast.anna))


def test_the_same_form_means_a_new_one_after_that(cast: Cast) -> None:
    tickets = some_tickets(cast, 1)
    sweep = ended(begun(cast.anna, "take", tickets, once="form"))
    ended(undoing.take_back(sweep, by=by(cast.anna)))
    assert begun(cast.anna, "take", tickets, once="form") != sweep


def test_only_whoever_began_it_stops_it_or_takes_it_back(cast: Cast) -> None:
    sweep = begun(cast.bela, "take", some_tickets(cast, 1))
    for act in (undoing.stop, undoing.take_back):
        with pytest.raises(NotFound):
            act(sweep, by=by(cast.anna))
    with pytest.raises(NotFound):
        reading.one(by(cast.anna), sweep.pk)


def test_a_stopped_one_keeps_what_was_done_and_can_be_taken_back(cast: Cast) -> None:
    tickets = some_tickets(cast)
    sweep = begun(cast.anna, "take", tickets)
    going._one_more(sweep.pk)
    undoing.stop(sweep, by=by(cast.anna))
    run_due()
    assert (now(sweep).state, figures(now(sweep))) == ("stopped", (1, 0, 0))
    assert [fresh(ticket).assignee for ticket in tickets] == [cast.anna, None, None]
    ended(undoing.take_back(now(sweep), by=by(cast.anna)))
    assert fresh(tickets[0]).assignee is None


def test_taking_back_one_that_is_going_stops_it_first(cast: Cast) -> None:
    tickets = some_tickets(cast)
    sweep = begun(cast.anna, "take", tickets)
    going._one_more(sweep.pk)
    undo = undoing.take_back(sweep, by=by(cast.anna))
    undoing.stop(undo, by=by(cast.anna))  # which is not stopped
    run_due()
    assert (now(sweep).state, figures(now(undo))) == ("stopped", (1, 0, 0))
    assert [fresh(ticket).assignee for ticket in tickets] == [None] * 3


def test_a_note_on_many_goes_back_to_no_composer(cast: Cast) -> None:
    sweep = swept(cast.bela, "note", some_tickets(cast, 2), text="Known to the workshop.")
    ended(undoing.take_back(sweep, by=by(cast.bela)))
    assert not Draft.objects.exists()
    assert not Message.objects.filter(kind="note", taken_back_at=None).exists()


def test_customers_are_asked_only_if_that_was_chosen(cast: Cast) -> None:
    swept(cast.anna, "resolve", some_tickets(cast, 1))
    assert not Delivery.objects.exists()
    swept(cast.anna, "resolve", some_tickets(cast, 1), silent=False)
    assert Delivery.objects.get().purpose == "ask_if_solved"


def test_its_letters_wait_for_its_end_so_that_one_press_takes_all_back(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    tickets = some_tickets(cast, 2)
    sweep = begun(cast.anna, "resolve", tickets, silent=False)
    going._one_more(sweep.pk)
    from deskbell.tickets.settle import settle

    settle(tickets[0].pk)
    delivery = Delivery.objects.get()
    clock.shift(timedelta(minutes=2))
    with pytest.raises(Later, match="sweep"):
        send_delivery(delivery.pk)
    going.go_on(sweep.pk)
    clock.shift(timedelta(seconds=9))
    with pytest.raises(Later, match="sweep"):
        send_delivery(delivery.pk)
    undo = undoing.take_back(now(sweep), by=by(cast.anna))
    clock.shift(timedelta(minutes=1))  # it has many before this one
    with pytest.raises(Later, match="sweep"):
        send_delivery(delivery.pk)
    going.go_on(undo.pk)
    assert figures(now(undo)) == (2, 0, 0)
    delivery.refresh_from_db()
    assert delivery.state == "cancelled"
    run_due()
    assert [fresh(ticket).status for ticket in tickets] == ["new", "new"]


def test_when_a_letter_has_left_its_ticket_stays_resolved(cast: Cast) -> None:
    gone, here = some_tickets(cast, 2)
    sweep = swept(cast.anna, "resolve", [gone, here], silent=False)
    Delivery.objects.filter(ticket=gone).update(state="sent", attempts=1, sent_at=time.now())
    undo = ended(undoing.take_back(sweep, by=by(cast.anna)))
    assert why(undo) == {gone.code: "A letter has already left. Write another one."}
    assert [fresh(ticket).status for ticket in (gone, here)] == ["resolved", "new"]


def test_a_sweep_that_stands_still_keeps_no_letter_for_ever(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    [ticket] = some_tickets(cast, 1)
    sweep = begun(cast.anna, "resolve", [ticket], silent=False)
    going._one_more(sweep.pk)
    step = fresh(ticket).last_step
    until = reading.holds_until(ticket.pk, step, timedelta(seconds=10))
    assert until == time.now() + reading.HOLDS_AT_MOST
    assert reading.holds_until(ticket.pk, step - 1, timedelta(seconds=10)) is None
    assert Sweep.objects.get().is_going

"""One act on many tickets: each through its own action, refusals kept, nothing twice, whoever presses again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError

from deskbell.clock import now as moment
from deskbell.errors import BadInput, NotAllowed
from deskbell.people.actors import Actor
from deskbell.people.agents import archive_agent
from deskbell.people.models import Membership
from deskbell.search.tickets import find
from deskbell.sweeps import acts, beginning, going, undoing
from deskbell.sweeps.acts import Act
from deskbell.sweeps.beginning import TooManySweeps, Wish
from deskbell.sweeps.models import Sweep, SweptTicket
from deskbell.tickets import actions, timeline
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.work.jobs import Later
from deskbell.work.models import Job
from deskbell.work.run import run_due, run_each_twice
from tests.cast import Cast, by, hire, meet
from tests.desk import a_ticket
from tests.sweeps.sweeping import begun, ended, figures, fresh, kinds, now, some_tickets, swept, why

pytestmark = pytest.mark.django_db


def test_each_ticket_goes_through_its_action_by_the_agent_who_asked(cast: Cast) -> None:
    tickets = some_tickets(cast)
    sweep = swept(cast.bela, "take", tickets)
    assert (sweep.state, figures(sweep), sweep.percent) == ("ended", (3, 0, 0), 100)
    assert sweep.ended_at is not None
    for ticket in tickets:
        assert fresh(ticket).assignee == cast.bela
        last = Entry.objects.filter(ticket=ticket).latest("step")
        assert (last.kind, last.by_id, last.cause) == ("ticket.taken", cast.bela.pk, None)


TOMORROW = timedelta(days=1)


@pytest.mark.parametrize(
    ("act", "values", "kind"),
    [
        ("take", {}, "ticket.taken"),
        ("assign", {"agent": "bela"}, "ticket.assigned"),
        ("transfer", {"department": "billing"}, "ticket.transferred"),
        ("resolve", {}, "ticket.resolved"),
        ("postpone", {"until": TOMORROW}, "ticket.postponed"),
        ("tag", {"tag": "zip"}, "ticket.tagged"),
        ("prioritise", {"priority": 4}, "ticket.prioritised"),
        ("note", {"text": "Known to the workshop."}, "note.added"),
        ("spam", {}, "ticket.marked_spam"),
        ("close", {}, "ticket.closed"),
        ("delete", {}, "ticket.deleted"),
        ("mark_answered", {}, "ticket.marked_answered"),
        ("follow", {}, "ticket.followed"),
        ("merge", {"into": "other"}, "ticket.merged"),
    ],
)
def test_every_act_is_done_to_a_new_ticket_and_taken_back_as_one(
    cast: Cast, act: str, values: dict[str, Any], kind: str
) -> None:
    named = {
        "bela": cast.bela.pk,
        "billing": cast.billing.pk,
        "other": a_ticket(cast.support, cast.frida).pk,
        TOMORROW: moment() + TOMORROW,
    }
    tickets = some_tickets(cast, 2)
    before = [Ticket.objects.filter(pk=one.pk).values(*STANDS).get() for one in tickets]
    sweep = swept(
        cast.anna, act, tickets, **{name: named.get(value, value) for name, value in values.items()}
    )
    assert figures(sweep) == (2, 0, 0)
    assert all(kind in kinds(one) for one in tickets)
    undo = ended(undoing.take_back(sweep, by=by(cast.anna)))
    assert figures(undo) == (2, 0, 0)
    assert [Ticket.objects.filter(pk=one.pk).values(*STANDS).get() for one in tickets] == before


STANDS = ("status", "assignee", "department", "priority", "postponed_until", "deleted_at")


@pytest.mark.parametrize(
    ("first", "then", "values"),
    [
        ("resolve", "reopen", {}),
        ("resolve", "close", {}),
        ("close", "reopen", {}),
        ("spam", "not_spam", {}),
        ("delete", "restore", {}),
        ("tag", "untag", {"tag": "Zip"}),
        ("take", "assign", {"agent": None}),
        ("take", "resign", {}),
        ("postpone", "wake", {"until": TOMORROW}),
        ("follow", "unfollow", {}),
    ],
)
def test_every_act_that_turns_another_around(
    cast: Cast, first: str, then: str, values: dict[str, Any]
) -> None:
    tickets = some_tickets(cast, 2)
    values = {name: moment() + one if one is TOMORROW else one for name, one in values.items()}
    swept(cast.anna, first, tickets, **values)
    assert figures(swept(cast.anna, then, tickets, **values)) == (2, 0, 0)


def test_every_act_is_in_one_of_these_walks() -> None:
    walks = (
        test_every_act_is_done_to_a_new_ticket_and_taken_back_as_one,
        test_every_act_that_turns_another_around,
    )
    cases = [case for walk in walks for case in vars(walk)["pytestmark"][0].args[1]]
    assert {name for case in cases for name in case[:2] if str(name) in acts.ACTS} == set(acts.ACTS)


def test_what_does_not_fit_is_refused_by_itself_and_the_rest_goes_on(cast: Cast) -> None:
    fits, resolved, merged, survivor = some_tickets(cast, 4)
    actions.resolve(resolved, by=by(cast.anna))
    sweep = begun(cast.anna, "resolve", [fits, resolved, merged])
    actions.merge(merged, survivor, by=by(cast.anna))
    sweep = ended(sweep)
    assert figures(sweep) == (1, 0, 2)
    assert why(sweep) == {
        resolved.code: "This cannot be done while the ticket is Resolved.",
        merged.code: f"This ticket was merged into {survivor.code}. Do it there.",
    }


def test_where_there_is_nothing_to_do_it_says_so(cast: Cast) -> None:
    mine, nobodys = some_tickets(cast, 2)
    actions.take(mine, by=by(cast.bela))
    assert figures(swept(cast.bela, "take", [mine, nobodys])) == (1, 1, 0)


def test_rights_are_asked_ticket_by_ticket_when_its_turn_comes(cast: Cast) -> None:
    own, colleagues = some_tickets(cast, 2)
    actions.take(own, by=by(cast.bela))
    sweep = begun(cast.bela, "resolve", [own, colleagues])  # who resolves their own only
    assert ended(sweep).refused == 1
    assert why(sweep) == {colleagues.code: "You may not do this."}
    # Whoever loses a department, or their work here, in the middle loses the rest of it.
    sweep = begun(cast.bela, "tag", some_tickets(cast, 2), tag="zip")
    Membership.objects.filter(agent=cast.bela).delete()
    assert figures(ended(sweep)) == (0, 0, 2)
    sweep = begun(cast.anna, "tag", some_tickets(cast, 2), tag="zip")
    hire("Zita", "zita@desk.example", "owner")
    archive_agent(cast.anna)
    assert figures(ended(sweep)) == (0, 0, 2)


def test_what_one_does_not_see_is_not_picked(cast: Cast) -> None:
    [mine] = some_tickets(cast, 1)
    hidden = a_ticket(cast.billing, cast.frida)
    sweep = swept(cast.bela, "tag", [mine, hidden], tag="zip")
    assert sweep.total == 1
    with pytest.raises(BadInput):
        begun(cast.bela, "tag", [hidden], tag="zip")


def test_who_may_do_it_to_no_ticket_does_not_even_begin(cast: Cast) -> None:
    tickets = some_tickets(cast, 1)
    with pytest.raises(NotAllowed):
        begun(cast.cecil, "resolve", tickets)
    assert figures(swept(cast.cecil, "note", tickets, text="Seen.")) == (1, 0, 0)


@pytest.mark.parametrize(
    ("act", "values", "field"),
    [
        ("fly", {}, "act"),
        ("undo", {}, "act"),
        ("assign", {"agent": 10**6}, "agent"),
        ("transfer", {}, "department"),
        ("transfer", {"department": 10**6}, "department"),
        ("postpone", {}, "until"),
        ("tag", {"tag": " "}, "tag"),
        ("tag", {"tag": "x" * 51}, "tag"),
        ("prioritise", {"priority": 5}, "priority"),
        ("note", {"text": " "}, "text"),
        ("note", {"text": "x" * 10_001}, "text"),
    ],
)
def test_what_an_act_cannot_use_is_refused_before_it_begins(
    cast: Cast, act: str, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        begun(cast.anna, act, some_tickets(cast, 1), **values)
    assert refused.value.field == field
    assert not Sweep.objects.exists()


def test_a_moment_that_has_passed_when_its_turn_comes_is_refused(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    [ticket] = some_tickets(cast, 1)
    sweep = begun(cast.anna, "postpone", [ticket], until=moment() + timedelta(minutes=1))
    clock.shift(timedelta(minutes=2))
    assert figures(ended(sweep)) == (0, 0, 1)
    assert why(sweep) == {ticket.code: "The moment had passed when its turn came."}


def test_an_agent_who_could_not_answer_a_ticket_is_not_given_it(cast: Cast) -> None:
    [mine] = some_tickets(cast, 1)
    bill = a_ticket(cast.billing, cast.frida)
    sweep = swept(cast.anna, "assign", [mine, bill], agent=cast.bela.pk)
    assert list(why(sweep)) == [bill.code]
    assert fresh(mine).assignee == cast.bela


def test_what_a_query_finds_is_fixed_when_it_begins(cast: Cast) -> None:
    first, second = some_tickets(cast, 2)
    found = find(by(cast.anna), "status:new")
    sweep = beginning.begin(Wish("resolve", found, query="status:new"), by=by(cast.anna))
    late = a_ticket(cast.support, cast.frida)
    actions.mark_answered(second, by=by(cast.anna))
    assert figures(ended(sweep)) == (2, 0, 0)
    assert fresh(first).status == fresh(second).status == "resolved"
    assert fresh(late).status == "new"


def test_the_same_form_sent_twice_is_one_sweep(cast: Cast) -> None:
    tickets = some_tickets(cast, 2)
    sweep = begun(cast.anna, "resolve", tickets, once="form")
    assert begun(cast.anna, "resolve", tickets, once="form") == sweep
    assert begun(cast.anna, "resolve", tickets[:1], once="form") != sweep, "others were picked"
    assert begun(cast.anna, "delete", tickets, once="form") != sweep
    assert begun(cast.anna, "resolve", tickets) != sweep, "no token, no memory"


def test_a_query_sent_twice_is_one_sweep_although_it_finds_nothing_any_more(cast: Cast) -> None:
    some_tickets(cast, 2)
    found = find(by(cast.anna), "status:new")
    wish = Wish("resolve", found, query="status:new", once="form")
    sweep = ended(beginning.begin(wish, by=by(cast.anna)))
    assert beginning.begin(wish, by=by(cast.anna)) == sweep


def test_nobody_begins_too_many_at_a_time_or_one_that_is_too_large(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = some_tickets(cast, 3)
    for _ in range(beginning.MOST_GOING):
        begun(cast.anna, "take", tickets)
    with pytest.raises(TooManySweeps):
        begun(cast.anna, "take", tickets)
    begun(cast.bela, "take", tickets)
    run_due()
    monkeypatch.setattr(beginning, "MOST", 2)
    with pytest.raises(BadInput, match="More than 2 tickets match"):
        begun(cast.anna, "take", tickets)


def test_a_slice_ends_so_that_others_have_their_turn(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(going, "SLICE", 2)
    sweep = begun(cast.anna, "take", some_tickets(cast, 3))
    with pytest.raises(Later):
        going.go_on(sweep.pk)
    assert (now(sweep).done, now(sweep).percent, now(sweep).state) == (2, 66, "going")
    going.go_on(sweep.pk)
    assert (now(sweep).done, now(sweep).state) == (3, "ended")
    going.go_on(sweep.pk)
    assert now(sweep).done == 3


def test_a_ticket_that_breaks_an_action_holds_up_no_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = some_tickets(cast, 2)

    @timeline.action
    def breaks_once(ticket: Ticket, by: Actor) -> Entry | None:
        taken = actions.take(ticket, by=by)
        if ticket.pk == broken.pk:
            raise ZeroDivisionError
        return taken

    def breaks(ticket: Ticket, _values: acts.Values, by: Actor) -> int | None:
        return acts._step(breaks_once(ticket, by))

    monkeypatch.setitem(acts.ACTS, "take", Act("take", breaks))
    sweep = swept(cast.anna, "take", [broken, fine])
    assert figures(sweep) == (1, 0, 1)
    assert why(sweep)[broken.code].startswith("Something broke on our side.")
    assert "ticket.taken" not in kinds(broken)


def test_a_database_that_ails_is_waited_for(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def ails(_ticket: Ticket, _values: acts.Values, _by: Actor) -> int | None:
        raise OperationalError("disk is full")

    with monkeypatch.context() as patch:
        patch.setitem(acts.ACTS, "take", Act("take", ails))
        sweep = begun(cast.anna, "take", some_tickets(cast, 1))
        with pytest.raises(OperationalError):
            run_due()
    assert figures(now(sweep)) == (0, 0, 0)
    Job.objects.update(run_at=moment())
    assert figures(ended(sweep)) == (1, 0, 0)


def test_one_whose_job_is_gone_is_taken_up_by_the_clock(cast: Cast) -> None:
    sweep = begun(cast.anna, "take", some_tickets(cast, 1))
    Job.objects.all().delete()
    assert going.see_to_sweeps() == 1
    assert figures(ended(sweep)) == (1, 0, 0)
    assert going.see_to_sweeps() == 0


def test_old_ones_are_forgotten_with_what_took_them_back(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    sweep = swept(cast.anna, "take", some_tickets(cast, 1))
    ended(undoing.take_back(sweep, by=by(cast.anna)))
    clock.shift(going.KEPT - timedelta(minutes=1))
    going.see_to_sweeps()
    assert Sweep.objects.count() == 2
    clock.shift(timedelta(minutes=2))
    going.see_to_sweeps()
    assert not Sweep.objects.exists()
    assert not SweptTicket.objects.exists()


def test_a_note_stands_on_each_ticket_and_nowhere_else(cast: Cast) -> None:
    tickets = some_tickets(cast, 2)
    sweep = begun(cast.bela, "note", tickets, text="Known to the workshop.")
    assert sweep.values == {"text": "Known to the workshop."}
    assert ended(sweep).values == {}
    notes = Message.objects.filter(kind="note")
    assert {note.ticket_id for note in notes} == {ticket.pk for ticket in tickets}


@pytest.mark.django_db(transaction=True)
def test_each_slice_may_run_twice_and_twice_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = meet()
    monkeypatch.setattr(going, "SLICE", 2)
    tickets = some_tickets(cast, 7)
    sweep = begun(cast.bela, "tag", tickets, tag="zip")
    run_each_twice()
    assert figures(now(sweep)) == (7, 0, 0)
    assert [kinds(ticket).count("ticket.tagged") for ticket in tickets] == [1] * 7
    undo = undoing.take_back(now(sweep), by=by(cast.bela))
    run_each_twice()
    assert figures(now(undo)) == (7, 0, 0)
    assert [kinds(ticket).count("act.undone") for ticket in tickets] == [1] * 7

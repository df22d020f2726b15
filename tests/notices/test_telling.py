"""Who is told of what: what concerns them, once, never their own doing, never what they may not see."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from deskbell import clock as desk_clock
from deskbell.notices import reading
from deskbell.notices.models import Notice, Wished
from deskbell.notices.telling import tell
from deskbell.people.actors import CLOCK
from deskbell.people.agents import archive_agent, work_in
from deskbell.people.customers import customer_for
from deskbell.people.models import Agent
from deskbell.tickets import actions, timeline
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.settle import settle
from deskbell.work.run import run_due
from tests.cast import Cast, by, hire
from tests.desk import a_ticket, writes_again

pytestmark = pytest.mark.django_db


def told(agent: Agent) -> list[str]:
    """Return what an agent has not read yet, in the order in which it came."""
    run_due()
    found = Notice.objects.filter(agent=agent, read_at=None).order_by("id")
    return list(found.values_list("why", flat=True))


def belas(cast: Cast) -> Ticket:
    """A ticket of Bela's, of which he has heard all."""
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    run_due()
    Notice.objects.update(read_at=desk_clock.now())
    return ticket


def test_a_new_ticket_is_told_to_those_of_its_department_who_could_take_it(cast: Cast) -> None:
    a_ticket(cast.support, cast.emil)
    assert told(cast.bela) == told(cast.anna) == ["new"]
    assert told(cast.cecil) == told(cast.dora) == []


def test_a_ticket_that_is_taken_is_nobody_elses_news_any_more(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    assert told(cast.anna) == ["new"]
    actions.take(ticket, by=by(cast.bela))
    assert told(cast.anna) == told(cast.bela) == []


def test_whoever_gets_a_ticket_is_told_unless_they_took_it_themselves(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.assign(ticket, cast.bela, by=by(cast.anna))
    assert told(cast.bela) == ["assigned"]
    assert told(cast.anna) == []
    actions.assign(ticket, cast.anna, by=by(cast.anna))
    assert told(cast.anna) == []


def test_a_transfer_is_told_where_it_comes_to(cast: Cast) -> None:
    ticket = belas(cast)
    actions.transfer(ticket, cast.billing, by=by(cast.anna))
    assert told(cast.dora) == ["new"]
    assert told(cast.bela) == told(cast.anna) == []
    actions.transfer(ticket, cast.support, by=by(cast.anna), agent=cast.bela)
    assert told(cast.bela) == ["assigned"]
    assert told(cast.dora) == []


def test_the_customers_word_is_told_to_assignee_and_followers(cast: Cast) -> None:
    ticket = belas(cast)
    actions.follow(ticket, by=by(cast.cecil))
    actions.follow(ticket, by=by(cast.bela))
    writes_again(ticket, cast.emil)
    assert told(cast.bela) == ["answer"]
    assert told(cast.cecil) == ["followed"]
    assert told(cast.anna) == []


MAKER = "zips@maker.example"


def forwarded(ticket: Ticket, agent: Agent, answers: Message | None = None) -> Message:
    """Let an agent write to the maker."""
    return actions.forward(
        ticket,
        Content("Is it known?"),
        by=by(agent),
        to=[Recipient("to", MAKER)],
        answers=answers,
    )


def answers_aside(ticket: Ticket, side: Message) -> Message:
    """Let the maker answer."""
    maker = customer_for(MAKER)
    return actions.receive_aside(ticket, Content("It is."), by=by(maker), address=maker, side=side)


def test_what_somebody_outside_answers_is_told_to_who_wrote_to_them(cast: Cast) -> None:
    ticket = belas(cast)
    actions.assign(ticket, None, by=by(cast.bela))
    side = forwarded(ticket, cast.anna)
    forwarded(ticket, cast.bela)  # somebody else, in a side thread of its own
    assert told(cast.anna) == told(cast.bela) == []
    answers_aside(ticket, side)
    assert told(cast.anna) == ["answer"]
    assert told(cast.bela) == []


def test_whoever_goes_on_with_a_side_thread_is_told_beside_the_assignee(cast: Cast) -> None:
    ticket = belas(cast)
    actions.follow(ticket, by=by(cast.cecil))
    side = forwarded(ticket, cast.anna)
    answers_aside(ticket, side)
    assert told(cast.anna) == told(cast.bela) == ["answer"]
    assert told(cast.cecil) == ["followed"]
    edit = hire("Edit Vass", "edit@desk.example", "agent", cast.support)
    forwarded(ticket, edit, answers=side)
    answers_aside(ticket, side)
    assert told(edit) == ["answer"]
    assert told(cast.anna) == ["answer", "answer"]


def test_nobody_is_told_of_an_answer_aside_on_a_ticket_that_they_do_not_see(cast: Cast) -> None:
    ticket = belas(cast)
    edit = hire("Edit Vass", "edit@desk.example", "agent", cast.support)
    side = forwarded(ticket, edit)
    work_in(edit, [cast.billing])
    answers_aside(ticket, side)
    assert told(edit) == []
    assert told(cast.bela) == ["answer"]


def test_who_took_their_forward_back_awaits_nothing(cast: Cast) -> None:
    ticket = belas(cast)
    side = forwarded(ticket, cast.bela)
    forwarded(ticket, cast.anna, answers=side)
    last = ticket.entries.latest("step")
    actions.undo(ticket, last.step, by=by(cast.anna))
    answers_aside(ticket, side)
    assert told(cast.bela) == ["answer"]
    assert told(cast.anna) == []


def test_a_no_with_a_word_about_it_is_told_once(cast: Cast) -> None:
    ticket = belas(cast)
    actions.resolve(ticket, by=by(cast.bela))
    actions.deny(ticket, by=by(cast.emil), comment="It broke again.")
    assert told(cast.bela) == ["answer"]


def test_who_is_called_in_a_note_is_told_and_nobody_else(cast: Cast) -> None:
    ticket = belas(cast)
    actions.note(
        ticket, Content("Cecil?"), by=by(cast.bela), mentions=[cast.cecil, cast.cecil, cast.bela]
    )
    assert told(cast.cecil) == ["mention"]
    assert told(cast.bela) == told(cast.anna) == []


def test_a_ticket_that_comes_back_is_told_also_to_whoever_postponed_it(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = belas(cast)
    actions.postpone(ticket, desk_clock.now() + timedelta(hours=2), by=by(cast.bela))
    clock.shift(timedelta(hours=3))
    actions.wake_when_due()
    assert told(cast.bela) == ["woken"]
    actions.postpone(ticket, desk_clock.now() + timedelta(hours=2), by=by(cast.bela))
    actions.wake(ticket, by=by(cast.bela))
    assert told(cast.bela) == ["woken"]


def test_a_letter_that_did_not_arrive_is_told_to_the_assignee_and_who_wrote_it(cast: Cast) -> None:
    ticket = belas(cast)
    message = actions.reply(ticket, Content("Here."), by=by(cast.anna))
    actions.fail_delivery(
        ticket, message=message, address="emil@acme.example", reason="mailbox_unknown", by=CLOCK
    )
    assert told(cast.bela) == ["failed"]
    assert "failed" in told(cast.anna)


def test_what_is_taken_back_is_not_news_any_more(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    entry = actions.assign(ticket, cast.bela, by=by(cast.anna))
    assert told(cast.bela) == ["assigned"]
    assert entry is not None
    actions.undo(ticket, entry.step, by=by(cast.anna))
    assert told(cast.bela) == []


def test_nobody_is_told_of_spam_nor_of_what_was_deleted(cast: Cast) -> None:
    ticket = belas(cast)
    writes_again(ticket, cast.emil)
    actions.spam(ticket, by=by(cast.anna))
    assert told(cast.bela) == []
    actions.not_spam(ticket, by=by(cast.anna))
    actions.assign(ticket, None, by=by(cast.anna))
    actions.spam(ticket, by=by(cast.anna))
    run_due()
    Notice.objects.all().delete()
    actions.not_spam(ticket, by=by(cast.anna))
    assert told(cast.bela) == ["new"]


def test_rights_are_asked_when_it_is_told(cast: Cast) -> None:
    ticket = belas(cast)
    actions.follow(ticket, by=by(cast.cecil))
    work_in(cast.cecil, [cast.billing])
    archive_agent(cast.bela)
    writes_again(ticket, cast.emil)
    assert told(cast.cecil) == told(cast.bela) == []


def test_rights_are_asked_again_when_it_is_shown(cast: Cast) -> None:
    ticket = belas(cast)
    actions.follow(ticket, by=by(cast.cecil))
    writes_again(ticket, cast.emil)
    run_due()
    assert reading.unread_of(by(cast.cecil)).shown == 1
    assert len(reading.told(by(cast.cecil))[0]) == 1
    work_in(cast.cecil, [cast.billing])
    assert reading.unread_of(by(cast.cecil)).shown == ""
    assert reading.told(by(cast.cecil))[0] == []
    # One's own is seen wherever it lies.
    assert reading.unread_of(by(cast.bela)).tickets == {ticket.pk}
    work_in(cast.bela, [])
    assert reading.unread_of(by(cast.bela)).tickets == {ticket.pk}


def test_who_wishes_to_hear_nothing_of_a_kind_hears_nothing(cast: Cast) -> None:
    Wished.objects.create(agent=cast.bela, ways={"new": [], "mention": ["sound"]})
    ticket = a_ticket(cast.support, cast.emil)
    assert told(cast.bela) == []
    actions.note(ticket, Content("Bela?"), by=by(cast.anna), mentions=[cast.bela])
    assert told(cast.bela) == ["mention"]


def test_of_several_reasons_the_strongest_is_told(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.follow(ticket, by=by(cast.bela))
    actions.take(ticket, by=by(cast.bela))
    run_due()
    Notice.objects.all().delete()
    writes_again(ticket, cast.emil)
    assert told(cast.bela) == ["answer"]


def test_settling_twice_tells_once(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    settle(ticket.pk)
    settle(ticket.pk)
    assert told(cast.bela) == ["new"]


def test_a_killed_settling_has_told_nobody(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = a_ticket(cast.support, cast.emil)

    def die(_ticket: Ticket, _step: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(timeline, "mark_settled", die)
        with pytest.raises(KeyboardInterrupt):
            settle(ticket.pk)
    assert not Notice.objects.exists()
    assert told(cast.bela) == ["new"]


def test_the_list_is_worded_and_pages_by_number(cast: Cast) -> None:
    ticket = belas(cast)
    for number in range(3):
        writes_again(ticket, cast.emil, f"Word {number}.")
    run_due()
    actions.assign(ticket, cast.anna, by=by(cast.bela))
    run_due()
    rows, more = reading.told(by(cast.bela), limit=2)
    assert [(one.sentence, one.words, one.is_unread) for one in rows] == [
        ("Emil Novák wrote", "Word 2.", True),
        ("Emil Novák wrote", "Word 1.", True),
    ]
    rest, end = reading.told(by(cast.bela), before=more, limit=2)
    assert [(one.words, one.is_unread) for one in rest] == [("Word 0.", True)]
    assert end is None
    [given], _ = reading.told(by(cast.anna), limit=1)
    assert (given.sentence, given.code) == ("Bela Kerekes assigned it to you", ticket.code)


def test_old_notices_are_forgotten(cast: Cast, clock: time_machine.Traveller) -> None:
    belas(cast)
    a_ticket(cast.support, cast.frida)
    run_due()
    clock.shift(timedelta(days=31))
    reading.forget_old()
    assert set(Notice.objects.values_list("read_at", flat=True)) == {None}
    clock.shift(timedelta(days=60))
    assert reading.forget_old() == 2
    assert not Notice.objects.exists()


def test_a_large_department_costs_no_more_questions_than_a_small_one(
    cast: Cast, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(20):
        hire(f"Agent {number}", f"a{number}@desk.example", "agent", cast.support)
    ticket = a_ticket(cast.support, cast.emil)
    entry = Entry.objects.get(ticket=ticket, step=1)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        assert len(tell(entry, ticket)) == 22

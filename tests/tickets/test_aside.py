"""Somebody outside is asked about a ticket: in a side thread, of which the customer sees nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from deskbell import clock as desk_clock
from deskbell.errors import BadInput, CannotUndo, NotAllowed
from deskbell.notices.models import Notice
from deskbell.people.actors import CLOCK
from deskbell.people.customers import customer_for
from deskbell.sla.clocks import answer_clock
from deskbell.tickets import actions, portal
from deskbell.tickets.check import check_ticket
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.state import state_of
from deskbell.tickets.thread import thread
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again

pytestmark = pytest.mark.django_db

MAKER = Recipient("to", "zips@maker.example", "The zip maker")


def asks_the_maker(ticket: Ticket, cast: Cast, text: str = "Is it known?") -> Message:
    return actions.forward(ticket, Content(text), by=by(cast.bela), to=[MAKER])


def maker_answers(ticket: Ticket, side: Message, text: str = "We replace it.") -> Message:
    address = customer_for("zips@maker.example", "The zip maker")
    found = actions.receive_aside(ticket, Content(text), by=by(address), address=address, side=side)
    ticket.refresh_from_db()
    return found


def test_a_forward_begins_a_side_thread_and_the_customer_waits_as_before(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(ticket, cast)
    assert (asked.kind, asked.side, asked.subject) == ("forward", asked, "Fwd: The zip came apart")
    assert (ticket.status, ticket.last_message, ticket.assignee) == ("new", asked, None)
    assert state_of(ticket).party(customer_for("zips@maker.example", "").pk) is None
    assert check_ticket(ticket.pk) == []


def test_what_is_answered_goes_on_in_the_same_side_thread_and_another_begins_another(
    cast: Cast,
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(ticket, cast)
    said = maker_answers(ticket, asked)
    thanks = actions.forward(ticket, Content("Thanks."), by=by(cast.bela), to=[MAKER], answers=said)
    shop = Recipient("to", "shop@repairs.example")
    other = actions.forward(ticket, Content("And you?"), by=by(cast.bela), to=[shop], about=said)
    assert said.side == thanks.side == asked
    assert thanks.subject == "Re: The zip came apart"
    assert other.side == other
    assert [entry.data["about_id"] for entry in forwards(ticket)] == [None, said.pk, said.pk]


def forwards(ticket: Ticket) -> list[Entry]:
    return list(Entry.objects.filter(ticket=ticket, kind="message.forwarded").order_by("step"))


def test_a_subject_that_was_handed_on_often_says_so_once(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil, subject="FW: Re: Fwd: The zip")
    assert asks_the_maker(ticket, cast).subject == "Fwd: The zip"


def test_who_takes_part_is_answered_instead(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.add_participant(ticket, cast.frida, by=by(cast.bela))
    for address in ("Emil@acme.example", "frida@acme.example"):
        with pytest.raises(BadInput, match="Answer them instead") as refused:
            actions.forward(
                ticket,
                Content("Look."),
                by=by(cast.bela),
                to=[MAKER, Recipient("bcc", address)],
            )
        assert refused.value.field == "to"
    with pytest.raises(BadInput, match="Say whom"):
        actions.forward(ticket, Content("Look."), by=by(cast.bela), to=[])
    assert not Message.objects.filter(kind="forward").exists()


def test_only_who_answers_customers_forwards(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    for agent in (cast.cecil, cast.dora):
        with pytest.raises(NotAllowed):
            actions.forward(ticket, Content("Look."), by=by(agent), to=[MAKER])


def test_a_form_that_is_sent_twice_forwards_once(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    first, second = (
        actions.forward(ticket, Content("Look."), by=by(cast.bela), to=[MAKER], once="form-1")
        for _ in range(2)
    )
    assert first == second


def test_no_side_thread_of_another_ticket_goes_on_here(cast: Cast) -> None:
    ticket, other = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.frida)
    asked = asks_the_maker(other, cast)
    first = ticket.messages.get()
    for answers in (asked, first):
        with pytest.raises(BadInput, match="side thread"):
            actions.forward(ticket, Content("Look."), by=by(cast.bela), to=[MAKER], answers=answers)


def test_a_ticket_that_waits_for_the_customer_opens_and_no_clock_of_theirs_starts(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    cast.support.answer_within_minutes = 60
    cast.support.save()
    ticket = a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(ticket, cast)
    actions.reply(ticket, Content("We ask the maker."), by=by(cast.bela))
    maker_answers(ticket, asked)
    assert (ticket.status, ticket.due_at, answer_clock(state_of(ticket))) == ("open", None, None)
    actions.prioritise(ticket, 3, by=by(cast.bela))
    assert ticket.due_at is None
    clock.shift(timedelta(minutes=5))
    writes_again(ticket, cast.emil)
    ticket.refresh_from_db()
    assert ticket.due_at == desk_clock.now() + timedelta(hours=1)
    assert check_ticket(ticket.pk) == []


@pytest.mark.parametrize("end", ["mark_answered", "resolve"])
def test_what_opened_aside_is_ended_like_any_other(cast: Cast, end: str) -> None:
    cast.support.answer_within_minutes = 60
    cast.support.save()
    ticket = a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(ticket, cast)
    actions.reply(ticket, Content("We ask the maker."), by=by(cast.bela))
    maker_answers(ticket, asked)
    getattr(actions, end)(ticket, by=by(cast.bela))
    assert not state_of(ticket).opened_aside
    assert check_ticket(ticket.pk) == []


def test_a_failed_answer_starts_the_clock_of_what_opened_aside(cast: Cast) -> None:
    cast.support.answer_within_minutes = 60
    cast.support.save()
    ticket = a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(ticket, cast)
    answer = actions.reply(ticket, Content("We ask the maker."), by=by(cast.bela))
    maker_answers(ticket, asked)
    with_reason = {"address": "emil@acme.example", "reason": "mailbox_unknown"}
    actions.fail_delivery(ticket, message=answer, by=CLOCK, **with_reason)
    assert ticket.due_at is not None


def test_a_postponed_ticket_comes_back_with_the_clock_that_rested(cast: Cast) -> None:
    cast.support.answer_within_minutes = 60
    cast.support.save()
    ticket = a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(ticket, cast)
    actions.postpone(ticket, desk_clock.now() + timedelta(days=1), by=by(cast.bela))
    assert ticket.due_at is None
    maker_answers(ticket, asked)
    assert (ticket.status, ticket.postponed_until) == ("new", None)
    assert ticket.due_at is not None
    assert check_ticket(ticket.pk) == []


@pytest.mark.parametrize("status", ["new", "open", "resolved", "closed"])
def test_all_others_stay_as_they_are(cast: Cast, status: str) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(ticket, cast)
    match status:
        case "open":
            actions.reply(ticket, Content("Hm."), by=by(cast.bela))
            writes_again(ticket, cast.emil)
            ticket.refresh_from_db()
        case "resolved":
            actions.resolve(ticket, by=by(cast.anna))
        case "closed":
            actions.close(ticket, by=by(cast.anna))
    assert ticket.status == status
    maker_answers(ticket, asked)
    assert ticket.status == status
    assert check_ticket(ticket.pk) == []


def test_the_assignee_is_told_as_of_a_customers_word(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    asked = asks_the_maker(ticket, cast)
    run_due()
    maker_answers(ticket, asked)
    run_due()
    [notice] = Notice.objects.filter(agent=cast.bela, step=ticket.last_step)
    assert notice.why == "answer"


def test_the_customer_is_shown_nothing_of_it(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(ticket, cast)
    address = customer_for("zips@maker.example", "The zip maker")
    # Even one in which somebody outside names the customer.
    actions.receive_aside(
        ticket,
        Content("We replace it."),
        by=by(address),
        address=address,
        side=asked,
        recipients=[Recipient("from", address.value), Recipient("cc", "emil@acme.example")],
    )
    actions.reply(ticket, Content("It is replaced."), by=by(cast.bela))
    seat = portal.seat_of(ticket.pk, cast.emil.pk)
    assert seat is not None
    shown = [item.message.kind for item in portal.letters(seat) if item.message]
    assert shown == ["customer", "reply"]
    assert portal.seat_of(ticket.pk, address.pk) is None
    told = [item.message.kind for item in thread(ticket) if item.message]
    assert told == ["customer", "forward", "outside", "reply"]


def test_a_forward_is_taken_back_within_its_time(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(ticket, cast)
    [entry] = forwards(ticket)
    actions.undo(ticket, entry.step, by=by(cast.bela))
    asked.refresh_from_db()
    assert asked.taken_back_at is not None
    assert [one.state for one in asked.deliveries.all()] == ["cancelled"]
    assert ticket.last_message is not None
    assert ticket.last_message.kind == "customer"
    assert check_ticket(ticket.pk) == []


def test_an_act_is_not_taken_back_over_what_an_outsider_answered_since(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(ticket, cast)
    entry = actions.mark_answered(ticket, by=by(cast.bela))
    maker_answers(ticket, asked)
    assert ticket.status == "open"
    with pytest.raises(CannotUndo):
        actions.undo(ticket, entry.step, by=by(cast.bela))


def test_the_answer_goes_to_what_the_ticket_was_merged_into(cast: Cast) -> None:
    ticket, into = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(ticket, cast)
    actions.merge(ticket, into, by=by(cast.bela))
    said = maker_answers(ticket, asked)
    assert (said.ticket, said.side) == (into, asked)
    into.refresh_from_db()
    actions.forward(into, Content("Thanks."), by=by(cast.bela), to=[MAKER], answers=said)
    assert check_ticket(into.pk) == check_ticket(ticket.pk) == []


def test_a_customer_who_waits_in_what_is_merged_waits_in_what_opened_aside(cast: Cast) -> None:
    cast.support.answer_within_minutes = 60
    cast.support.save()
    ticket, into = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(into, cast)
    actions.reply(into, Content("We ask."), by=by(cast.bela))
    maker_answers(into, asked)
    assert into.due_at is None
    actions.merge(ticket, into, by=by(cast.bela))
    assert into.due_at is not None
    assert check_ticket(into.pk) == []


def test_what_is_taken_out_purged_or_erased_goes_there_too(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    asked = asks_the_maker(ticket, cast, "Card 4111 is blocked.")
    said = maker_answers(ticket, asked, "Card 4111 it is.")
    actions.redact(ticket, by=by(cast.anna), passage="Card 4111")
    for message in (asked, said):
        message.text.refresh_from_db()
        assert "4111" not in message.text.plain
    address = customer_for("zips@maker.example", "")
    actions.erase(ticket, address.customer, by=by(cast.anna))
    said.refresh_from_db()
    assert said.text.redacted_at is not None
    assert not asked.recipients.exists()
    actions.delete(ticket, by=by(cast.anna))
    actions.purge(ticket, by=by(cast.anna))
    asked.refresh_from_db()
    assert asked.text.redacted_at is not None
    assert (asked.subject, asked.message_id) == ("", "")
    assert check_ticket(ticket.pk) == []

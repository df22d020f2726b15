"""The life of a ticket, row by row of the lifecycle, as people live it."""

from datetime import timedelta

import pytest
import time_machine

from deskbell.clock import now
from deskbell.errors import BadInput, NotAllowed, SomethingCame, WrongStatus
from deskbell.people.actors import CLOCK, Actor
from deskbell.tickets import actions, pressed, timeline
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Message, Stretch, Ticket
from deskbell.tickets.settle import settle_left
from deskbell.tickets.state import state_of
from deskbell.work.models import Job
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again


def kinds(ticket: Ticket) -> list[str]:
    return list(Entry.objects.filter(ticket=ticket).values_list("kind", flat=True))


def resolved_ticket(cast: Cast) -> Ticket:
    ticket = a_ticket(cast.support, cast.emil)
    actions.reply(ticket, Content("We send a new one."), by=by(cast.bela))
    actions.resolve(ticket, by=by(cast.bela))
    return ticket


def confirmed_ticket(cast: Cast) -> Ticket:
    ticket = resolved_ticket(cast)
    actions.confirm(ticket, by=by(cast.emil))
    return ticket


def test_a_customers_first_letter_makes_a_new_ticket_that_nobody_owns(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    assert ticket.status == "new"
    assert ticket.assignee is None
    assert kinds(ticket) == ["ticket.opened", "message.received"]
    assert len(ticket.code) == 13


def test_what_a_customer_adds_to_a_new_ticket_leaves_it_new(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    assert writes_again(ticket, cast.emil).ticket.status == "new"


def test_an_answer_makes_it_answered_and_its_writer_responsible(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    message = actions.reply(ticket, Content("We send a new one."), by=by(cast.bela))
    assert ticket.status == "answered"
    assert ticket.assignee == cast.bela
    assert [(r.role, r.address) for r in message.recipients.all()] == [("to", "emil@acme.example")]


def test_an_answer_leaves_a_ticket_to_its_owner(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.assign(ticket, cast.bela, by=by(cast.anna))
    actions.reply(ticket, Content("We send a new one."), by=by(cast.anna))
    assert ticket.assignee == cast.bela


def test_a_customer_who_answers_opens_the_ticket_again(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.reply(ticket, Content("We send a new one."), by=by(cast.bela))
    assert writes_again(ticket, cast.emil).ticket.status == "open"


def test_answer_and_resolve_are_one_act(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.reply(ticket, Content("Sent."), by=by(cast.bela), then="resolved")
    assert ticket.status == "resolved"
    assert kinds(ticket)[2:] == ["message.replied", "ticket.taken", "ticket.resolved"]


def test_the_customers_yes_closes(cast: Cast) -> None:
    ticket = confirmed_ticket(cast)
    assert ticket.status == "closed"
    assert ticket.closed_at is not None


def test_the_customers_no_opens_with_what_they_say_about_it(cast: Cast) -> None:
    ticket = resolved_ticket(cast)
    actions.deny(ticket, by=by(cast.emil), comment="It came apart again.")
    assert ticket.status == "open"
    assert ticket.resolved_at is None
    assert ticket.last_message is not None
    assert ticket.last_message.text.plain == "It came apart again."


def test_the_agent_cannot_say_yes_for_the_customer(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        actions.confirm(resolved_ticket(cast), by=by(cast.bela))


def test_another_customer_cannot_say_yes(cast: Cast) -> None:
    ticket = resolved_ticket(cast)
    with pytest.raises(NotAllowed):
        actions.confirm(ticket, by=by(cast.mallory))
    assert Ticket.objects.get(pk=ticket.pk).status == "resolved"


def test_a_letter_opens_a_resolved_ticket_and_is_shown_as_an_answer_to_the_question(
    cast: Cast,
) -> None:
    ticket = resolved_ticket(cast)
    actions.mark_asked(ticket, delivery_id=1, by=CLOCK)
    received = writes_again(ticket, cast.emil, "No, not yet.")
    assert received.ticket.status == "open"
    assert received.message.answers_question


def test_where_resolved_does_not_reopen_a_letter_makes_a_linked_follow_up(cast: Cast) -> None:
    cast.support.reopens_resolved = False
    cast.support.save()
    ticket = resolved_ticket(cast)
    received = writes_again(ticket, cast.emil)
    assert received.is_follow_up
    assert Ticket.objects.get(pk=ticket.pk).status == "resolved"
    assert [tie.other_id for tie in state_of(received.ticket).links] == [ticket.pk]


def test_a_customer_who_writes_again_continues_a_closed_ticket_within_its_time(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = confirmed_ticket(cast)
    clock.shift(timedelta(days=29))
    received = writes_again(ticket, cast.emil)
    assert received.ticket == ticket
    assert received.ticket.status == "open"
    assert received.ticket.closed_at is None


def test_after_that_time_a_follow_up_is_made(cast: Cast, clock: time_machine.Traveller) -> None:
    ticket = confirmed_ticket(cast)
    clock.shift(timedelta(days=31))
    received = writes_again(ticket, cast.emil)
    assert received.is_follow_up
    assert received.ticket.status == "new"


def test_a_follow_up_keeps_when_its_letter_truly_came(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.close(ticket, by=by(cast.anna))
    clock.shift(timedelta(days=31))
    came = now() - timedelta(hours=2)
    follow_up = actions.receive(
        ticket, Content("Again."), by=by(cast.emil), address=cast.emil, occurred_at=came
    ).ticket
    assert {e.occurred_at for e in follow_up.entries.exclude(kind="ticket.linked")} == {came}


def test_thanks_within_a_day_of_ones_own_yes_stays_closed_and_the_agent_is_asked(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = confirmed_ticket(cast)
    clock.shift(timedelta(hours=23))
    received = writes_again(ticket, cast.emil, "Thanks!")
    assert received.ticket.status == "closed"
    assert received.ticket.wrote_after_close


def test_a_closing_by_an_agent_is_no_yes_so_thanks_opens(cast: Cast) -> None:
    ticket = resolved_ticket(cast)
    actions.close(ticket, by=by(cast.bela))
    assert writes_again(ticket, cast.emil, "Thanks!").ticket.status == "open"


def test_closing_an_open_ticket_resolves_it_silently_on_the_way(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    actions.close(ticket, by=by(cast.bela), solution="A new zip.", lessons="Check zips.")
    assert kinds(ticket)[-2:] == ["ticket.resolved", "ticket.closed"]
    assert Entry.objects.get(ticket=ticket, kind="ticket.resolved").data["silent"]


def test_an_agent_who_reopens_becomes_the_assignee(cast: Cast) -> None:
    ticket = confirmed_ticket(cast)
    actions.reopen(ticket, by=by(cast.anna))
    assert (ticket.status, ticket.assignee) == ("open", cast.anna)


def test_a_customer_reopens_within_the_time_and_leaves_the_assignee(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = confirmed_ticket(cast)
    clock.shift(timedelta(days=10))
    actions.reopen(ticket, by=by(cast.emil))
    assert (ticket.status, ticket.assignee) == ("open", cast.bela)


def test_a_customer_cannot_reopen_after_the_time(cast: Cast, clock: time_machine.Traveller) -> None:
    ticket = confirmed_ticket(cast)
    clock.shift(timedelta(days=31))
    with pytest.raises(NotAllowed):
        actions.reopen(ticket, by=by(cast.emil))


def test_the_clock_closes_what_rested_four_days_in_resolved(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = resolved_ticket(cast)
    clock.shift(timedelta(days=3, hours=23))
    assert actions.close_when_due() == 0
    clock.shift(timedelta(hours=1))
    assert actions.close_when_due() == 1
    assert actions.close_when_due() == 0
    assert Ticket.objects.get(pk=ticket.pk).status == "closed"
    closed = Entry.objects.get(ticket=ticket, kind="ticket.closed")
    assert closed.by_kind == "clock"
    assert closed.cause is not None
    assert closed.cause.kind == "ticket.resolved"


def test_a_department_may_let_nothing_close_by_itself(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    cast.support.close_after_days = None
    cast.support.save()
    ticket = resolved_ticket(cast)
    clock.shift(timedelta(days=400))
    assert actions.close_when_due() == 0
    assert Ticket.objects.get(pk=ticket.pk).status == "resolved"


def test_a_department_may_close_at_once(cast: Cast) -> None:
    cast.support.close_after_days = 0
    cast.support.save()
    ticket = resolved_ticket(cast)
    assert ticket.status == "closed"
    assert Entry.objects.get(ticket=ticket, kind="ticket.closed").by_kind == "clock"


def test_a_note_changes_no_status_and_a_light_agent_may_write_one(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    message = actions.note(ticket, Content("He called, too."), by=by(cast.cecil))
    assert ticket.status == "new"
    assert message.kind == Message.Kind.NOTE


def test_a_light_agent_may_not_answer(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    with pytest.raises(NotAllowed):
        actions.reply(ticket, Content("Hello"), by=by(cast.cecil))


def test_dora_of_billing_may_do_nothing_in_support(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    for act in (actions.take, actions.resolve, actions.close):
        with pytest.raises(NotAllowed):
            act(ticket, by=by(cast.dora))


def test_an_agent_resolves_only_their_own_and_an_owner_all(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    with pytest.raises(NotAllowed):
        actions.resolve(ticket, by=by(cast.bela))
    actions.resolve(ticket, by=by(cast.anna))
    assert ticket.status == "resolved"


def test_a_transfer_leaves_the_ticket_to_the_other_department(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    actions.transfer(ticket, cast.billing, by=by(cast.bela))
    assert (ticket.department, ticket.assignee, ticket.status) == (cast.billing, None, "new")


def test_nobody_is_made_responsible_who_cannot_answer(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    for person in (cast.dora, cast.cecil):
        with pytest.raises(BadInput, match=person.name):
            actions.assign(ticket, person, by=by(cast.anna))


def test_what_came_while_writing_is_shown_before_the_answer_leaves(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    seen = ticket.last_step
    writes_again(ticket, cast.emil, "I found it myself.")
    with pytest.raises(SomethingCame) as refused:
        actions.reply(ticket, Content("Look here."), by=by(cast.bela), seen_step=seen)
    assert [entry.kind for entry in refused.value.entries] == ["message.received"]
    assert not Message.objects.filter(kind="reply").exists()
    actions.reply(
        ticket, Content("Good!"), by=by(cast.bela), seen_step=refused.value.entries[-1].step
    )


def test_ones_own_doing_is_no_news(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    seen = ticket.last_step
    actions.take(ticket, by=by(cast.bela))
    actions.reply(ticket, Content("Look here."), by=by(cast.bela), seen_step=seen)
    assert ticket.status == "answered"


def test_an_answer_that_one_sent_from_another_window_is_news(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    seen = ticket.last_step
    actions.reply(ticket, Content("Look here."), by=by(cast.bela), seen_step=seen, once="one")
    with pytest.raises(SomethingCame):
        actions.reply(ticket, Content("Look here."), by=by(cast.bela), seen_step=seen, once="two")
    assert Message.objects.filter(kind="reply").count() == 1


def test_the_same_form_sent_twice_answers_once(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    first = actions.reply(ticket, Content("Once."), by=by(cast.bela), once="form-1")
    second = actions.reply(ticket, Content("Once."), by=by(cast.bela), once="form-1")
    assert first == second
    assert Message.objects.filter(kind="reply").count() == 1


def test_other_words_under_an_old_token_are_not_swallowed(cast: Cast) -> None:
    ticket, other = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.frida)
    actions.reply(ticket, Content("Once."), by=by(cast.bela), once="form-1")
    actions.reply(ticket, Content("Something else."), by=by(cast.bela), once="form-1")
    actions.reply(other, Content("Once."), by=by(cast.bela), once="form-1")
    assert Message.objects.filter(kind="reply").count() == 3


def test_sent_forms_are_forgotten_after_a_week(cast: Cast, clock: time_machine.Traveller) -> None:
    actions.note(a_ticket(cast.support, cast.emil), Content("x"), by=by(cast.bela), once="form-1")
    clock.shift(timedelta(days=6))
    assert pressed.forget_old() == 0
    clock.shift(timedelta(days=2))
    assert pressed.forget_old() == 1


def test_an_agent_who_writes_first_has_the_ticket(cast: Cast) -> None:
    ticket = actions.open_ticket(
        by=by(cast.bela),
        subject="Your order",
        content=Content("It leaves tomorrow."),
        department=cast.support,
        customer=cast.emil,
        channel="mail",
        kind="reply",
    )
    assert (ticket.status, ticket.assignee) == ("answered", cast.bela)


def test_a_ticket_that_nobody_settled_is_asked_for_again(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    Job.objects.all().delete()
    assert settle_left() == 1
    run_due()
    ticket.refresh_from_db()
    assert ticket.settled_step == ticket.last_step
    assert settle_left() == 0


def test_an_empty_answer_is_refused(cast: Cast) -> None:
    with pytest.raises(BadInput):
        actions.reply(a_ticket(cast.support, cast.emil), Content("  "), by=by(cast.bela))


def fails(ticket: Ticket, message: Message, address: str = "emil@acme.example") -> None:
    actions.fail_delivery(
        ticket, message=message, address=address, reason="mailbox_unknown", by=CLOCK
    )


def test_an_answer_that_did_not_arrive_opens_the_ticket_once(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    message = actions.reply(ticket, Content("We send a new one."), by=by(cast.bela))
    fails(ticket, message)
    assert ticket.status == "open"
    actions.reply(ticket, Content("Once more."), by=by(cast.bela))
    fails(ticket, message)
    assert ticket.status == "answered"


def test_a_failure_for_somebody_copied_in_opens_nothing(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    message = actions.reply(ticket, Content("We send a new one."), by=by(cast.bela))
    fails(ticket, message, "else@where.example")
    assert ticket.status == "answered"


def test_the_customer_who_got_nothing_counts_also_when_a_copy_failed_first(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    message = actions.reply(ticket, Content("We send a new one."), by=by(cast.bela))
    fails(ticket, message, "else@where.example")
    fails(ticket, message)
    assert ticket.status == "open"


def test_a_new_sender_is_marked_until_an_agent_accepts_them(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.receive(
        ticket, Content("I am his colleague."), by=by(cast.frida), address=cast.frida,
        trust="new_sender",
    )  # fmt: skip
    ticket.refresh_from_db()
    assert state_of(ticket).party(cast.frida.pk).accepted is False  # type: ignore[union-attr]
    actions.accept_sender(ticket, cast.frida, by=by(cast.bela))
    assert state_of(ticket).party(cast.frida.pk).accepted is True  # type: ignore[union-attr]


def test_the_question_is_put_once_for_each_resolution(cast: Cast) -> None:
    ticket = resolved_ticket(cast)
    entry = Entry.objects.get(ticket=ticket, kind="ticket.resolved")
    assert actions.mark_asked(ticket, delivery_id=1, by=CLOCK) is not None
    assert actions.mark_asked(ticket, delivery_id=2, by=CLOCK) is None
    assert state_of(ticket).resolved_step == entry.step


def test_a_resolved_ticket_cannot_be_resolved(cast: Cast) -> None:
    with pytest.raises(WrongStatus):
        actions.resolve(resolved_ticket(cast), by=by(cast.bela))


def test_stretches_tell_where_a_ticket_was_when(cast: Cast, clock: time_machine.Traveller) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(timedelta(hours=1))
    actions.take(ticket, by=by(cast.bela))
    clock.shift(timedelta(hours=1))
    actions.reply(ticket, Content("Sent."), by=by(cast.bela))
    told = [
        (stretch.status, stretch.assignee_id, stretch.till is None)
        for stretch in Stretch.objects.filter(ticket=ticket).order_by("since")
    ]
    assert told == [
        ("new", None, False),
        ("new", cast.bela.pk, False),
        ("answered", cast.bela.pk, True),
    ]


def test_who_was_accepted_gets_a_copy_of_the_answers_and_who_waits_gets_none(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    for stranger in (cast.frida, cast.mallory):
        actions.receive(
            ticket, Content("Me too."), by=by(stranger), address=stranger, trust="new_sender"
        )
    ticket.refresh_from_db()
    actions.accept_sender(ticket, cast.frida, by=by(cast.bela))
    message = actions.reply(ticket, Content("We send two."), by=by(cast.bela))
    assert [(r.role, r.address) for r in message.recipients.all()] == [
        ("to", "emil@acme.example"),
        ("cc", "frida@acme.example"),
    ]


def test_a_letter_to_a_purged_ticket_begins_a_new_one(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.delete(ticket, by=by(cast.bela))
    actions.purge(ticket, by=by(cast.anna))
    received = writes_again(ticket, cast.emil)
    assert received.ticket.pk != ticket.pk
    assert received.ticket.status == "new"
    assert not received.is_follow_up


def test_a_rule_that_transfers_within_the_department_names_what_it_follows(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    opened = Entry.objects.get(ticket=ticket, step=1)
    with timeline.caused_by(opened):
        actions.transfer(ticket, cast.support, by=Actor("rule", 1), agent=cast.bela)
    assigned = Entry.objects.get(ticket=ticket, kind="ticket.assigned")
    assert assigned.cause == opened

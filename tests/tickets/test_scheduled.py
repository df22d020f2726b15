"""Letters that are written now and leave later: once, in their writer's name, or they are a draft again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from deskbell import clock as our_clock
from deskbell.channels.mail.models import Delivery
from deskbell.errors import BadInput, NotAllowed, NotFound, SomethingCame, WrongStatus
from deskbell.notices import reading
from deskbell.notices.models import Notice
from deskbell.people.customers import also_reached_at, customer_for
from deskbell.people.models import Agent
from deskbell.tickets import actions, drafts, files, scheduled
from deskbell.tickets.actions.reply import to_customer
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.drafts import Words
from deskbell.tickets.leaving import JOB, Plan
from deskbell.tickets.models import Draft, DraftFile, Entry, Message, Ticket
from deskbell.work.jobs import run_due, run_each_twice
from deskbell.work.models import Job
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


def in_an_hour(
    ticket: Ticket, agent: Agent, text: str = "Good morning.", *, whatever_comes: bool = False
) -> Draft:
    """Let an agent write an answer that leaves in an hour."""
    plan = Plan(our_clock.now() + HOUR, unless_something_comes=not whatever_comes)
    return scheduled.schedule(ticket, Words(text), plan, by=by(agent))


MAKER = Recipient("to", "zips@maker.example", "The maker")


def forwarded_in_an_hour(ticket: Ticket, agent: Agent, *to: Recipient, **fields: str) -> Draft:
    """Let an agent write to somebody outside, to leave in an hour."""
    words = Words(
        "Is it known?", fields={"kind": ["forward"], **{k: [v] for k, v in fields.items()}}
    )
    plan = Plan(our_clock.now() + HOUR, to=to or (MAKER,))
    return scheduled.schedule(ticket, words, plan, by=by(agent))


def maker_answers(ticket: Ticket, asked: Message) -> Message:
    maker = customer_for("zips@maker.example", "The maker")
    return actions.receive_aside(
        ticket, Content("We replace it."), by=by(maker), address=maker, side=asked
    )


def told(agent: Agent) -> list[str]:
    """Return what the bell tells an agent of letters that stayed here."""
    rows, _more = reading.told(by(agent))
    return [one.sentence for one in rows if one.why == "held"]


def an_hour_passes(clock: time_machine.Traveller) -> None:
    clock.shift(HOUR)
    run_due()


def sent(ticket: Ticket) -> list[str]:
    return [one.text.plain for one in ticket.messages.filter(kind="reply").order_by("id")]


def kept_back(ticket: Ticket) -> list[str]:
    found = Entry.objects.filter(ticket=ticket, kind="answer.held_back").order_by("step")
    return [entry.data["reason"] for entry in found]


def test_it_leaves_when_its_moment_has_come_and_in_its_writers_name(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    in_an_hour(ticket, cast.bela)
    clock.shift(HOUR - timedelta(seconds=1))
    run_due()
    assert sent(ticket) == []
    clock.shift(timedelta(seconds=1))
    run_due()
    message = ticket.messages.get(kind="reply")
    assert (message.author_kind, message.author_id) == ("agent", cast.bela.pk)
    assert message.text.plain == "Good morning."
    fresh = Ticket.objects.get()
    assert (fresh.status, fresh.assignee) == ("answered", cast.bela)
    assert Delivery.objects.get().address == "emil@acme.example"
    assert not Draft.objects.exists()
    assert not Job.objects.filter(name=JOB).exists()


def test_its_files_looks_and_recipients_go_along(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    tokens = {}
    for name, inline in (("shown.png", True), ("dropped.png", True), ("bill.pdf", False)):
        kept = files.keep(name.encode())
        kind = "image/png" if inline else "application/pdf"
        file = drafts.attach(cast.bela, ticket, kept, name=name, content_type=kind, inline=inline)
        tokens[name] = file.token
    html = f'<p>See <b>this</b> <img src="/files/{tokens["shown.png"]}"></p>'
    to = (
        Recipient("to", "emil@acme.example", "Emil"),
        Recipient("cc", "gina@acme.example", "Gina"),
        Recipient("bcc", "boss@desk.example"),
    )
    plan = Plan(our_clock.now() + HOUR, "resolved", to=to, copies=["gina@acme.example"])
    actions.take(ticket, by=by(cast.bela))
    scheduled.schedule(ticket, Words("See this", html), plan, by=by(cast.bela))
    an_hour_passes(clock)
    message = ticket.messages.get(kind="reply")
    assert {one.name for one in message.attachments.all()} == {"shown.png", "bill.pdf"}
    picture = message.attachments.get(inline=True)
    assert picture.token == tokens["shown.png"]
    assert f'src="cid:{picture.content_id}"' in message.text.html
    roles = list(message.recipients.values_list("role", "address").order_by("id"))
    assert roles == [(one.role, one.address) for one in to]
    assert Ticket.objects.get().status == "resolved"
    parties = ticket.participants.values_list("address__value", flat=True)
    assert set(parties) == {"emil@acme.example", "gina@acme.example"}
    assert not DraftFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_leaves_once_though_its_job_runs_twice_and_twice_at_once(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    in_an_hour(ticket, cast.bela)
    clock.shift(HOUR)
    run_each_twice()
    assert sent(ticket) == ["Good morning."]
    assert kept_back(ticket) == []


def test_a_message_before_it_keeps_it_here_and_its_writer_is_told(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    in_an_hour(ticket, cast.bela)
    writes_again(ticket, cast.emil, "Never mind.")
    kept = Draft.objects.get()
    assert (kept.text, kept.send_at) == ("Good morning.", None)
    assert kept_back(ticket) == ["something_came"]
    an_hour_passes(clock)
    assert sent(ticket) == []
    assert Notice.objects.get(why="held").agent == cast.bela


def test_so_does_a_colleagues_answer_and_not_ones_own(cast: Cast, ticket: Ticket) -> None:
    in_an_hour(ticket, cast.bela)
    actions.reply(ticket, Content("At once."), by=by(cast.bela))
    actions.note(ticket, Content("Among us."), by=by(cast.anna))
    assert kept_back(ticket) == []
    actions.reply(ticket, Content("From me, too."), by=by(cast.anna))
    assert kept_back(ticket) == ["something_came"]


@pytest.mark.parametrize("by_whom", ["a colleague", "themselves"])
def test_nothing_leaves_for_who_was_taken_off_the_ticket_meanwhile(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket, by_whom: str
) -> None:
    plan = Plan(our_clock.now() + HOUR, unless_something_comes=False, to=to_customer(cast.emil))
    scheduled.schedule(ticket, Words("Dear Emil,"), plan, by=by(cast.bela))
    other = by(cast.anna if by_whom == "a colleague" else cast.bela)
    actions.change_customer(ticket, cast.frida, by=other)
    an_hour_passes(clock)
    assert sent(ticket) == []
    assert kept_back(ticket) == ["not_theirs"]
    assert Draft.objects.get().stayed == "not_theirs"
    assert told(cast.bela) == [
        "What you wrote for later stayed here: whom it was to go to takes part no longer"
    ]


def _by_an_undo(cast: Cast, ticket: Ticket) -> None:
    changed = actions.change_customer(ticket, cast.frida, by=by(cast.anna))
    assert changed is not None
    waits_for(ticket, cast, cast.frida.value)
    actions.undo(ticket, changed.step, by=by(cast.anna))


def _by_an_unmerge(cast: Cast, ticket: Ticket) -> None:
    other = a_ticket(cast.support, cast.frida)
    actions.merge(other, ticket, by=by(cast.anna))
    waits_for(ticket, cast, cast.frida.value)
    actions.unmerge(other, by=by(cast.anna))


def _by_a_change_of_who_only_called(cast: Cast, ticket: Ticket) -> None:
    called = customer_for("+36301234567", "Gina", kind="phone")
    also_reached_at(called.customer, "gina@acme.example", kind="mail")
    actions.change_customer(ticket, called, by=by(cast.anna))
    waits_for(ticket, cast, "Gina@acme.example")
    actions.change_customer(ticket, cast.emil, by=by(cast.anna))


def waits_for(ticket: Ticket, cast: Cast, address: str) -> None:
    plan = Plan(our_clock.now() + HOUR, unless_something_comes=False, to=[Recipient("to", address)])
    scheduled.schedule(ticket, Words("Dear customer,"), plan, by=by(cast.bela))


@pytest.mark.parametrize("is_out", [_by_an_undo, _by_an_unmerge, _by_a_change_of_who_only_called])
def test_by_whatever_way_they_are_out(
    clock: time_machine.Traveller,
    cast: Cast,
    ticket: Ticket,
    is_out: Callable[[Cast, Ticket], None],
) -> None:
    is_out(cast, ticket)
    ticket.refresh_from_db()
    assert kept_back(ticket) == ["not_theirs"]
    an_hour_passes(clock)
    assert sent(ticket) == []


def test_who_is_taken_off_keeps_back_no_answer_to_others(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    gina = customer_for("gina@acme.example", "Gina")
    actions.add_participant(ticket, gina, by=by(cast.bela))
    plan = Plan(our_clock.now() + HOUR, unless_something_comes=False, to=to_customer(cast.emil))
    scheduled.schedule(ticket, Words("Dear Emil,"), plan, by=by(cast.bela))
    forwarded_in_an_hour(ticket, cast.bela)
    actions.remove_participant(ticket, gina, by=by(cast.bela))
    an_hour_passes(clock)
    assert sent(ticket) == ["Dear Emil,"]
    assert kept_back(ticket) == []


def test_what_came_while_it_was_written_is_asked_about_before_it_waits(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    seen = Ticket.objects.get().last_step
    writes_again(ticket, cast.emil, "Never mind.")
    plan = Plan(our_clock.now() + HOUR)

    def wish(seen_step: int) -> Draft:
        words = Words("Good morning.")
        return scheduled.schedule(ticket, words, plan, by=by(cast.bela), seen_step=seen_step)

    with pytest.raises(SomethingCame) as asked:
        wish(seen)
    assert [entry.kind for entry in asked.value.entries] == ["message.received"]
    assert not Draft.objects.exists()
    wish(asked.value.entries[-1].step)
    an_hour_passes(clock)
    assert sent(ticket) == ["Good morning."]


def test_a_letter_to_somebody_outside_is_not_asked_about_as_it_is_not_at_once(
    cast: Cast, ticket: Ticket
) -> None:
    seen = Ticket.objects.get().last_step
    writes_again(ticket, cast.emil)
    words, plan = (
        Words("Known?", fields={"kind": ["forward"]}),
        Plan(our_clock.now() + HOUR, to=[MAKER]),
    )
    assert scheduled.schedule(ticket, words, plan, by=by(cast.bela), seen_step=seen).send_at


def test_who_wishes_so_sends_it_whatever_comes(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    in_an_hour(ticket, cast.bela, whatever_comes=True)
    writes_again(ticket, cast.emil)
    an_hour_passes(clock)
    assert sent(ticket) == ["Good morning."]


def test_what_was_begun_meanwhile_stands_below_what_stayed_here(cast: Cast, ticket: Ticket) -> None:
    kept = files.keep(b"bill")
    drafts.attach(cast.bela, ticket, kept, name="bill.pdf", content_type="application/pdf")
    in_an_hour(ticket, cast.bela)
    drafts.keep(cast.bela, ticket, Words("And one more"), version=0, writer="window")
    writes_again(ticket, cast.emil)
    draft = Draft.objects.get()
    assert draft.text == "Good morning.\n\nAnd one more"
    assert [one.name for one in draft.files.all()] == ["bill.pdf"]


def test_several_may_wait_each_for_its_moment(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    in_an_hour(ticket, cast.bela, "First.")
    clock.shift(HOUR / 2)
    in_an_hour(ticket, cast.bela, "Second.")
    clock.shift(HOUR / 2)
    run_due()
    assert sent(ticket) == ["First."]
    clock.shift(HOUR / 2)
    run_due()
    assert sent(ticket) == ["First.", "Second."]


def test_what_its_writer_may_no_longer_send_is_a_draft_again(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    in_an_hour(ticket, cast.bela)
    actions.transfer(ticket, cast.billing, by=by(cast.anna))
    an_hour_passes(clock)
    assert (sent(ticket), kept_back(ticket)) == ([], ["not_allowed"])
    assert Draft.objects.get().send_at is None


def test_what_cannot_be_answered_any_more_says_so(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    in_an_hour(ticket, cast.bela)
    actions.close(ticket, by=by(cast.anna))
    an_hour_passes(clock)
    assert kept_back(ticket) == ["wrong_status"]
    held = Entry.objects.get(kind="answer.held_back")
    assert held.by_kind == "clock"
    assert held.cause is not None
    assert held.cause.by_id == cast.anna.pk


def test_it_leaves_on_the_ticket_into_which_its_own_was_merged(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    survivor = a_ticket(cast.support, cast.emil)
    in_an_hour(ticket, cast.bela)
    actions.merge(ticket, survivor, by=by(cast.anna))
    an_hour_passes(clock)
    assert sent(survivor) == ["Good morning."]


def test_a_message_to_the_survivor_keeps_it_here_as_well(cast: Cast, ticket: Ticket) -> None:
    survivor = a_ticket(cast.support, cast.emil)
    in_an_hour(ticket, cast.bela)
    actions.merge(ticket, survivor, by=by(cast.anna))
    writes_again(survivor, cast.emil)
    assert kept_back(survivor) == ["something_came"]
    assert drafts.of(cast.bela, survivor, [ticket.pk]) is not None


def test_it_is_taken_out_and_changed_by_its_writer(cast: Cast, ticket: Ticket) -> None:
    waiting = in_an_hour(ticket, cast.bela)
    scheduled.take_up(waiting, by=by(cast.bela))
    assert drafts.of(cast.bela, ticket) is not None
    assert kept_back(ticket) == []
    with pytest.raises(NotFound):
        scheduled.take_up(waiting, by=by(cast.bela))


def test_others_let_it_alone_but_for_who_runs_the_desk(cast: Cast, ticket: Ticket) -> None:
    colleague = Agent.objects.get(pk=cast.cecil.pk)
    waiting = in_an_hour(ticket, cast.bela)
    with pytest.raises(NotAllowed):
        scheduled.take_up(waiting, by=by(colleague))
    scheduled.take_up(waiting, by=by(cast.anna))
    assert kept_back(ticket) == ["taken_out"]
    assert Draft.objects.get().agent == cast.bela


def test_the_same_form_sent_twice_waits_once(cast: Cast, ticket: Ticket) -> None:
    plan = Plan(our_clock.now() + HOUR)
    for _ in range(2):
        scheduled.schedule(ticket, Words("Once."), plan, by=by(cast.bela), once="pressed twice")
    assert Draft.objects.count() == 1


def test_what_could_not_be_sent_now_is_not_kept_for_later(cast: Cast, ticket: Ticket) -> None:
    soon = Plan(our_clock.now() + HOUR)
    with pytest.raises(NotAllowed):
        scheduled.schedule(ticket, Words("Mine."), soon, by=by(cast.cecil))
    with pytest.raises(BadInput):
        scheduled.schedule(ticket, Words(" "), soon, by=by(cast.bela))
    past = Plan(our_clock.now() - HOUR)
    with pytest.raises(BadInput):
        scheduled.schedule(ticket, Words("Late."), past, by=by(cast.bela))
    actions.close(ticket, by=by(cast.anna))
    with pytest.raises(WrongStatus):
        scheduled.schedule(ticket, Words("Late."), soon, by=by(cast.bela))
    assert not Draft.objects.exists()


def test_what_is_taken_out_for_good_goes_from_what_waits_too(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    in_an_hour(ticket, cast.bela, "Your card is 4711 0815.")
    actions.redact(ticket, by=by(cast.anna), passage="the zip came apart")
    actions.note(ticket, Content("4711 0815"), by=by(cast.anna))
    actions.redact(ticket, by=by(cast.anna), passage="4711 0815")
    assert "4711" not in Draft.objects.get().text
    actions.delete(ticket, by=by(cast.anna))
    actions.purge(ticket, by=by(cast.anna))
    an_hour_passes(clock)
    assert not Draft.objects.exists()
    assert not Message.objects.filter(kind="reply").exists()


def test_a_forward_leaves_later_and_the_customer_sees_nothing_of_it(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    first = ticket.messages.get()
    forwarded_in_an_hour(ticket, cast.bela, about=str(first.pk))
    clock.shift(HOUR - timedelta(seconds=1))
    run_due()
    assert not ticket.messages.filter(kind="forward").exists()
    clock.shift(timedelta(seconds=1))
    run_each_twice()
    message = ticket.messages.get(kind="forward")
    assert (message.subject, message.side) == ("Fwd: The zip came apart", message)
    assert Delivery.objects.get().address == "zips@maker.example"
    assert ticket.entries.get(kind="message.forwarded").data["about_id"] == first.pk
    assert Ticket.objects.get().status == "new", "the customer waits as before"
    assert not Draft.objects.exists()


def test_a_forward_goes_on_in_its_side_thread(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    asked = actions.forward(ticket, Content("Known?"), by=by(cast.bela), to=[MAKER])
    said = maker_answers(ticket, asked)
    forwarded_in_an_hour(ticket, cast.bela, answers=str(said.pk))
    an_hour_passes(clock)
    assert ticket.messages.filter(kind="forward").latest("pk").side == asked


def test_a_forward_stays_here_when_the_customer_or_somebody_outside_writes_first(
    cast: Cast, ticket: Ticket
) -> None:
    asked = actions.forward(ticket, Content("Known?"), by=by(cast.bela), to=[MAKER])
    for come in (lambda: writes_again(ticket, cast.emil), lambda: maker_answers(ticket, asked)):
        Draft.objects.all().delete()
        forwarded_in_an_hour(ticket, cast.bela)
        come()
        assert Draft.objects.get().send_at is None
    assert kept_back(ticket) == ["something_came"] * 2


def test_an_answer_leaves_though_somebody_outside_wrote_before(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    asked = actions.forward(ticket, Content("Known?"), by=by(cast.bela), to=[MAKER])
    in_an_hour(ticket, cast.bela)
    maker_answers(ticket, asked)
    an_hour_passes(clock)
    assert sent(ticket) == ["Good morning."]


def test_nobody_who_takes_part_is_written_to_as_somebody_outside(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    with pytest.raises(BadInput):
        forwarded_in_an_hour(ticket, cast.bela, Recipient("to", "emil@acme.example"))
    forwarded_in_an_hour(ticket, cast.bela)
    actions.add_participant(ticket, customer_for("zips@maker.example"), by=by(cast.anna))
    an_hour_passes(clock)
    assert not ticket.messages.filter(kind="forward").exists()
    assert kept_back(ticket) == ["bad_input"]
    assert Draft.objects.get().kind == "forward"


def test_a_note_leaves_nowhere_and_so_not_later(cast: Cast, ticket: Ticket) -> None:
    words = Words("Among us.", fields={"kind": ["note"]})
    with pytest.raises(BadInput):
        scheduled.schedule(ticket, words, Plan(our_clock.now() + HOUR), by=by(cast.bela))


def test_what_is_being_changed_when_its_moment_comes_stays_here_and_its_writer_is_told_once(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    waiting = in_an_hour(ticket, cast.bela)
    due = waiting.send_at
    scheduled.take_up(waiting, by=by(cast.bela), to_change=True)
    draft = Draft.objects.get()
    assert (draft.send_at, draft.was_due_at, draft.stayed) == (None, due, "")
    clock.shift(HOUR)
    run_each_twice()
    assert (sent(ticket), kept_back(ticket)) == ([], ["being_changed"])
    run_due()
    assert told(cast.bela) == ["What you wrote for later did not leave: you were changing it"]
    assert Draft.objects.get().stayed == "being_changed"


def test_so_does_what_was_begun_beside_it_and_took_it_up(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    waiting = in_an_hour(ticket, cast.bela)
    drafts.keep(cast.bela, ticket, Words("And one more"), version=0, writer="window")
    scheduled.take_up(waiting, by=by(cast.bela), to_change=True)
    assert Draft.objects.get().was_due_at == waiting.send_at
    an_hour_passes(clock)
    assert kept_back(ticket) == ["being_changed"]


def test_what_is_scheduled_again_or_sent_has_nothing_to_tell_at_its_old_moment(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    scheduled.take_up(in_an_hour(ticket, cast.bela), by=by(cast.bela), to_change=True)
    plan = Plan(our_clock.now() + 2 * HOUR)
    again = scheduled.schedule(ticket, Words("Good evening."), plan, by=by(cast.bela))
    assert (again.was_due_at, Draft.objects.count()) == (None, 1)
    an_hour_passes(clock)
    assert (sent(ticket), kept_back(ticket)) == ([], [])
    an_hour_passes(clock)
    assert sent(ticket) == ["Good evening."]


def test_who_forgets_the_moment_is_told_nothing_when_it_comes(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    waiting = in_an_hour(ticket, cast.bela)
    begun = scheduled.take_up(waiting, by=by(cast.bela), to_change=True)
    with pytest.raises(NotFound):
        scheduled.forget_moment(cast.anna, begun.pk)
    scheduled.forget_moment(cast.bela, begun.pk)
    an_hour_passes(clock)
    assert kept_back(ticket) == []
    assert Draft.objects.get().text == "Good morning."

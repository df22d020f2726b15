"""Notices by mail: two minutes later and only if they are unread, or gathered; in the agent's own language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import override_settings

from deskbell.channels.inbound import Inbound
from deskbell.channels.mail import ids, letters, match, smtp_client
from deskbell.channels.mail.models import Delivery, Letter, MailBox
from deskbell.clock import now
from deskbell.notices import letters as words
from deskbell.notices import reading
from deskbell.notices.models import Notice
from deskbell.notices.wishing import keep_wish
from deskbell.people.agents import archive_agent, work_in
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from deskbell.work.models import Job
from deskbell.work.run import run_due, run_each_twice
from tests.cast import Cast, by, meet
from tests.desk import a_ticket, writes_again
from tests.fakes import relay as fake

pytestmark = pytest.mark.django_db

State = Delivery.State


@pytest.fixture
def ticket(clock: time_machine.Traveller, cast: Cast) -> Ticket:
    MailBox.objects.create(
        address="help@desk.example", department=cast.support, name="Lomnica Outdoor"
    )
    ticket = a_ticket(cast.support, cast.emil)
    run_due()
    Notice.objects.all().delete()
    return ticket


@pytest.fixture
def relay() -> Iterator[fake.Relay]:
    with fake.Relay() as running, override_settings(RELAY=running.url):
        yield running
        smtp_client.close_all()


def after(clock: time_machine.Traveller, **span: float) -> None:
    clock.shift(timedelta(**span))
    run_due()


def text_of(arrived: fake.Arrived, kind: str = "plain") -> str:
    body = arrived.message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def calls(cast: Cast, ticket: Ticket, words: str = "Bela, what do you think?") -> None:
    actions.note(ticket, Content(words), by=by(cast.anna), mentions=[cast.bela])
    run_due()


def test_who_has_not_read_it_two_minutes_later_is_told_by_mail(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    calls(cast, ticket)
    after(clock, seconds=119)
    assert relay.letters == []
    after(clock, seconds=1)
    [arrived] = relay.letters
    letter = arrived.message
    assert arrived.rcpt == ("bela@desk.example",)
    assert letter["From"] == "Lomnica Outdoor <help@desk.example>"
    assert letter["To"] == "Bela Kerekes <bela@desk.example>"
    assert letter["Subject"] == (
        f"Anna van der Meulen calls you in a note: The zip came apart [{ticket.code}]"
    )
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["X-Deskbell-Installation"]
    text = text_of(arrived)
    assert "Bela, what do you think?" in text
    assert f"http://127.0.0.1:8000/tickets/{ticket.code}\n" in text
    assert "http://127.0.0.1:8000/me/notices" in text
    after(clock, days=1)
    assert len(relay.letters) == 1


def test_who_has_read_it_gets_no_letter(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    calls(cast, ticket)
    clock.shift(timedelta(minutes=1))
    reading.read_ticket(by(cast.bela), ticket)
    after(clock, minutes=5)
    assert relay.letters == []
    assert not Delivery.objects.exists()


def test_what_is_read_while_the_letter_waits_for_the_relay_does_not_leave(
    cast: Cast, ticket: Ticket, clock: time_machine.Traveller
) -> None:
    calls(cast, ticket)
    after(clock, minutes=2)
    delivery = Delivery.objects.get()
    assert delivery.reason == "no_relay"
    reading.read_ticket(by(cast.bela), ticket)
    with fake.Relay() as relay, override_settings(RELAY=relay.url):
        after(clock, minutes=2)
        assert relay.letters == []
        smtp_client.close_all()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.CANCELLED, "read_first")


def test_two_things_on_one_ticket_are_one_letter_and_two_tickets_are_two(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    other = a_ticket(cast.support, cast.frida, subject="The tent leaks")
    calls(cast, ticket)
    clock.shift(timedelta(seconds=60))
    actions.assign(ticket, cast.bela, by=by(cast.anna))
    actions.assign(other, cast.bela, by=by(cast.anna))
    run_due()
    after(clock, seconds=60)
    [first] = relay.letters
    assert "Anna van der Meulen assigned it to you" in text_of(first)
    assert "The tent leaks" not in text_of(first)
    after(clock, seconds=60)
    assert "The tent leaks" in text_of(relay.letters[1])
    after(clock, hours=3)
    assert len(relay.letters) == 2


def test_gathered_news_come_in_one_letter_an_hour(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    other = a_ticket(cast.support, cast.frida, subject="The tent leaks")
    for one in (ticket, other):
        actions.take(one, by=by(cast.bela))
    run_due()
    for minutes in (0, 20, 20):
        clock.shift(timedelta(minutes=minutes))
        writes_again(ticket, cast.emil, f"Word after {minutes}.")
        run_due()
    writes_again(other, cast.frida, "Still leaking.")
    run_due()
    assert relay.letters == []
    after(clock, minutes=20)
    [arrived] = relay.letters
    assert arrived.message["Subject"] == "News of 2 tickets"
    text = text_of(arrived)
    for said in ("The zip came apart", "The tent leaks", "Word after 0.", "Still leaking."):
        assert said in text
    writes_again(ticket, cast.emil, "And now?")
    run_due()
    after(clock, minutes=59)
    assert len(relay.letters) == 1
    after(clock, minutes=1)
    assert len(relay.letters) == 2
    assert "Still leaking." not in text_of(relay.letters[1])


def test_of_very_many_tickets_one_letter_tells(
    cast: Cast,
    ticket: Ticket,
    relay: fake.Relay,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(words, "MOST_TOLD", 4)
    for number in range(6):
        one = a_ticket(cast.support, cast.frida, subject=f"Tent {number}")
        actions.assign(one, cast.bela, by=by(cast.anna))
    run_due()
    after(clock, minutes=2)
    [arrived] = relay.letters
    assert arrived.message["Subject"] == "News of 6 tickets"
    text = text_of(arrived)
    assert "Tent 5" in text
    assert "Tent 1" not in text
    assert "… and 2 more: http://127.0.0.1:8000/notices" in text


def test_what_was_told_by_mail_can_still_be_taken_back(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    entry = actions.assign(ticket, cast.bela, by=by(cast.anna))
    assert entry is not None
    run_due()
    after(clock, minutes=2)
    assert len(relay.letters) == 1
    actions.undo(ticket, entry.step, by=by(cast.anna))
    assert ticket.assignee_id is None


def test_each_agent_says_how_often_and_of_what(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    keep_wish(cast.bela, ways={"mention": ["gathered"]}, gather_minutes=15, answer=False)
    keep_wish(cast.anna, ways={}, gather_minutes=15, answer=False)
    calls(cast, ticket)
    actions.note(ticket, Content("Anna!"), by=by(cast.bela), mentions=[cast.anna])
    run_due()
    after(clock, minutes=15)
    assert [one.rcpt for one in relay.letters] == [("bela@desk.example",)]


def test_a_wish_that_changed_meanwhile_counts(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    calls(cast, ticket)
    keep_wish(cast.bela, ways={"mention": ["page"]}, gather_minutes=60, answer=False)
    after(clock, hours=2)
    assert relay.letters == []


def test_who_may_no_longer_see_it_or_has_left_gets_nothing(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    calls(cast, ticket)
    actions.note(ticket, Content("Cecil?"), by=by(cast.anna), mentions=[cast.cecil])
    run_due()
    work_in(cast.bela, [])
    archive_agent(cast.cecil)
    after(clock, minutes=5)
    assert relay.letters == []


def test_who_loses_the_right_while_it_waits_is_told_nothing(
    cast: Cast, ticket: Ticket, clock: time_machine.Traveller
) -> None:
    calls(cast, ticket)
    after(clock, minutes=2)
    work_in(cast.bela, [])
    with fake.Relay() as relay, override_settings(RELAY=relay.url):
        after(clock, minutes=5)
        assert relay.letters == []
        smtp_client.close_all()


def test_words_that_were_taken_out_are_in_no_letter(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    calls(cast, ticket, "The password is brass.")
    actions.redact_message(ticket, ticket.messages.latest("id"), by=by(cast.anna))
    after(clock, minutes=2)
    assert all("brass" not in text_of(one) for one in relay.letters)


def test_what_people_wrote_stays_words_in_html(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    calls(cast, ticket, "<script>alert(1)</script>")
    after(clock, minutes=2)
    html = text_of(relay.letters[0], "html")
    assert "&lt;script&gt;alert(1)" in html
    assert "<script" not in html


@pytest.mark.django_db(transaction=True)
def test_each_job_may_run_twice_and_twice_at_once(relay: fake.Relay) -> None:
    cast = meet()
    MailBox.objects.create(address="help@desk.example", department=cast.support)
    ticket = a_ticket(cast.support, cast.emil)
    keep_wish(cast.anna, ways={"mention": ["gathered"]}, gather_minutes=15, answer=False)
    actions.note(ticket, Content("You?"), by=by(cast.cecil), mentions=[cast.bela, cast.anna])
    run_due()
    Notice.objects.update(at=now() - timedelta(hours=1))
    for _turn in range(3):
        Job.objects.update(run_at=now())
        run_each_twice()
    smtp_client.close_all()
    assert Delivery.objects.filter(purpose="notice").count() == 2
    told = sorted(one.rcpt[0] for one in relay.letters)
    assert told == ["anna@desk.example", "bela@desk.example"]


def test_a_notice_makes_nobody_a_participant(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    calls(cast, ticket)
    after(clock, minutes=2)
    [delivery] = Delivery.objects.all()
    assert delivery.state == State.SENT
    answers = Inbound(
        channel="mail", sender_address="bela@desk.example", in_reply_to=delivery.rfc_message_id
    )
    assert match.find(answers).ticket is None
    by_code = Inbound(
        channel="mail", sender_address="bela@desk.example", subject=f"Re: [{ticket.code}]"
    )
    assert match.find(by_code).ticket is None


def test_a_notice_that_comes_back_in_a_circle_is_known(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    calls(cast, ticket)
    after(clock, minutes=2)
    letters.keep(relay.letters[0].data, source="smtp", mail_from="x@y.example")
    run_due()
    assert Letter.objects.get().what == "loop"
    assert ids.read_token(relay.letters[0].message_id) is not None

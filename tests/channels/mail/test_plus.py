"""Whether a mail box gets what is sent to it with a "+" is found out by a letter to ourselves, and then made use of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import override_settings

from deskbell.channels.mail import boxes, ids, letters, plus, sending, smtp_client
from deskbell.channels.mail.models import Delivery, Letter, MailBox
from deskbell.tickets import actions
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Ticket
from deskbell.work.jobs import enqueue
from deskbell.work.run import run_due, run_each_twice
from tests.cast import Cast, by
from tests.fakes import relay as fake

pytestmark = pytest.mark.django_db

State = plus.State


@pytest.fixture
def relay(clock: time_machine.Traveller) -> Iterator[fake.Relay]:
    with fake.Relay() as running, override_settings(RELAY=running.url):
        yield running
        smtp_client.close_all()


@pytest.fixture
def box(cast: Cast, relay: fake.Relay) -> MailBox:
    """A mail box that was just connected, and has written to itself."""
    made = boxes.add_mailbox(address="help@desk.example", department=cast.support)
    run_due()
    return made


def comes(raw: bytes, *rcpt: str, mail_from: str = "help@desk.example") -> Letter:
    letter = letters.keep(
        raw, source="smtp", peer_ip="127.0.0.1", mail_from=mail_from, rcpt=list(rcpt)
    )
    run_due()
    letter.refresh_from_db()
    return letter


def found(box: MailBox) -> plus.State:
    return plus.state_of(MailBox.objects.get(pk=box.pk))


def works(box: MailBox, relay: fake.Relay) -> None:
    """Let the letter to ourselves come back."""
    [probe] = relay.letters
    comes(probe.data, *probe.rcpt)
    relay.letters.clear()


def writes(
    to: str, sender: str = "emil@acme.example", number: int = 1, subject: str = ""
) -> Letter:
    raw = (
        f"From: {sender}\r\nTo: {to}\r\nSubject: {subject or 'The zip'}\r\n"
        f"Message-ID: <{number}@acme.example>\r\n\r\nWhat now?\r\n"
    )
    return comes(raw.encode(), to, mail_from=sender)


def an_answer(ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay) -> str:
    """Return where an answer that left is to be answered; "" for where it came from."""
    relay.letters.clear()
    actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    clock.shift(timedelta(seconds=10))
    run_due()
    [answer] = relay.letters
    return str(answer.message["Reply-To"] or "")


def test_a_mail_box_writes_to_itself_once_it_is_connected(box: MailBox, relay: fake.Relay) -> None:
    [probe] = relay.letters
    [address] = probe.rcpt
    assert address.startswith("help+p-")
    assert address.endswith("@desk.example")
    assert probe.message["Auto-Submitted"] == "auto-generated"
    assert found(box) == State.WAITING


def test_the_letter_that_comes_back_proves_it_and_makes_no_ticket(
    box: MailBox, relay: fake.Relay
) -> None:
    [probe] = relay.letters
    letter = comes(probe.data, *probe.rcpt)
    assert (letter.state, letter.reason) == (Letter.State.IGNORED, "probe_came_back")
    assert found(box) == State.WORKS
    assert not Ticket.objects.exists()


def test_also_where_the_envelope_names_the_plain_address(box: MailBox, relay: fake.Relay) -> None:
    [probe] = relay.letters
    comes(probe.data, "help@desk.example")
    assert found(box) == State.WORKS


def test_an_address_that_was_made_up_proves_nothing(box: MailBox, relay: fake.Relay) -> None:
    [probe] = relay.letters
    [address] = probe.rcpt
    other = address.replace("-", "-0", 1)
    comes(probe.data.replace(address.encode(), other.encode()), other)
    assert found(box) == State.WAITING


def test_a_letter_of_an_earlier_try_proves_nothing(
    box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    [earlier] = relay.letters
    clock.shift(timedelta(hours=1))
    plus.try_out(MailBox.objects.get(pk=box.pk))
    run_due()
    comes(earlier.data, *earlier.rcpt)
    assert found(box) == State.WAITING
    comes(relay.letters[1].data, *relay.letters[1].rcpt)
    assert found(box) == State.WORKS


def test_what_does_not_come_within_a_day_is_not_waited_for_but_counts_later(
    box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(hours=25))
    assert found(box) == State.NEVER_CAME
    works(box, relay)
    assert found(box) == State.WORKS


def test_a_server_that_refuses_the_letter_has_said_no(box: MailBox) -> None:
    delivery = Delivery.objects.get(purpose="probe")
    assert sending.fail(delivery, reason="refused", code=550, words="no such user")
    assert found(box) == State.NEVER_CAME


def test_another_address_is_tried_anew(cast: Cast, box: MailBox, relay: fake.Relay) -> None:
    works(box, relay)
    fresh = MailBox.objects.get(pk=box.pk)
    boxes.change_mailbox(
        fresh, address="hi@desk.example", department=cast.support, name="", relay=None
    )
    assert found(box) == State.WAITING
    run_due()
    assert relay.letters[0].rcpt[0].startswith("hi+p-")


def test_the_job_writes_one_letter_whenever_it_runs(
    cast: Cast, box: MailBox, relay: fake.Relay
) -> None:
    enqueue(plus.PROBE_JOB, key=str(box.pk), box_id=box.pk)
    run_each_twice()
    assert Delivery.objects.filter(purpose="probe").count() == 1


def test_an_address_with_a_plus_of_its_own_is_left_alone(cast: Cast, relay: fake.Relay) -> None:
    box = boxes.add_mailbox(address="shop+help@desk.example", department=cast.support)
    run_due()
    assert relay.letters == []
    assert plus.address_for(MailBox.objects.get(pk=box.pk), ids.token_reference(1)) == ""


def test_letters_are_answered_at_an_address_of_the_ticket_once_it_works(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = writes("help@desk.example").ticket
    assert ticket is not None
    assert an_answer(ticket, cast, clock, relay) == ""
    probe = Delivery.objects.get(purpose="probe")
    raw = f"From: help@desk.example\r\nTo: {probe.address}\r\nSubject: x\r\n\r\nx\r\n".encode()
    comes(raw, probe.address)
    answered_at = an_answer(ticket, cast, clock, relay)
    assert answered_at.startswith("Lomnica Outdoor <help+db-")
    assert ids.read_token(answered_at) == ids.Token(ticket.pk)


def test_what_comes_to_that_address_joins_the_ticket_by_the_grade_of_its_sender(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    works(box, relay)
    ticket = writes("help@desk.example").ticket
    assert ticket is not None
    address = an_answer(ticket, cast, clock, relay).partition("<")[2].rstrip(">")
    theirs = writes(address, number=2)
    assert (theirs.ticket, theirs.reason) == (ticket, "plus_address_1")
    somebody = writes(address.upper(), sender="gina@elsewhere.example", number=3)
    assert (somebody.ticket, somebody.reason) == (ticket, "plus_address_2")
    waiting = ticket.participants.filter(accepted=False).values_list("address__value", flat=True)
    assert list(waiting) == ["gina@elsewhere.example"]


def test_a_token_of_another_desk_is_nothing(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    works(box, relay)
    ticket = writes("help@desk.example").ticket
    assert ticket is not None
    address = an_answer(ticket, cast, clock, relay).partition("<")[2].rstrip(">")
    made_up = address[:-14] + ("a" if address[-14] != "a" else "b") + address[-13:]
    assert writes(made_up, number=2).ticket != ticket


def test_nobody_is_sent_a_letter_at_an_address_of_ours(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    works(box, relay)
    ticket = writes("help@desk.example").ticket
    assert ticket is not None
    address = an_answer(ticket, cast, clock, relay).partition("<")[2].rstrip(">")
    everybody = (Recipient("to", "emil@acme.example"), Recipient("cc", address))
    actions.reply(ticket, Content("To all."), by=by(cast.bela), to=everybody)
    held = Delivery.objects.get(address=address)
    assert (held.state, held.reason) == (Delivery.State.CANCELLED, "own_mail_box")

"""The desk's answers leave through a real Postfix: by each way to sign in, and whatever it says or does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import override_settings

from deskbell.channels.mail import relay as relay_module
from deskbell.channels.mail import smtp_client
from deskbell.channels.mail.boxes import add_mailbox
from deskbell.channels.mail.models import Delivery
from deskbell.channels.mail.outcomes import sentence_of
from deskbell.channels.mail.smtp_line import Patience
from deskbell.people.customers import customer_for
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Message, Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.fakes.between import Between, Fault
from tests.fakes.dovecot import PASSWORD, Dovecot
from tests.fakes.postfix import Postfix
from tests.fakes.relay import Relay

pytestmark = pytest.mark.django_db

State = Delivery.State


@pytest.fixture(autouse=True)
def desk(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The desk has an address, and little patience."""
    add_mailbox(address="help@desk.example", department=cast.support)
    patience = Patience(connect=5, command=5, until_dot=10, dot=2, quiet_dot=0.3)
    monkeypatch.setattr(smtp_client, "PATIENCE", patience)
    yield
    smtp_client.close_all()


@pytest.fixture
def relay(server: Postfix) -> Iterator[None]:
    """Postfix is the desk's relay, on the same machine."""
    with override_settings(RELAY=server.relays("", "")[0]):
        yield


def reply(cast: Cast, to: str = "emil@acme.example") -> Ticket:
    """Let Bela answer a ticket of the customer with this address."""
    ticket = a_ticket(cast.support, customer_for(to, ""))
    actions.reply(ticket, Content("Try wax."), by=by(cast.bela))
    return ticket


def after(clock: time_machine.Traveller, **span: float) -> Delivery:
    """Let time pass and the worker work; return the answer as it is then."""
    clock.shift(timedelta(**span))
    run_due()
    return Delivery.objects.get(purpose="reply")


def test_an_answer_reaches_its_customer_by_way_of_postfix(
    server: Postfix, world: Relay, relay: None, cast: Cast, clock: time_machine.Traveller
) -> None:
    reply(cast)
    sent = after(clock, seconds=10)
    assert (sent.state, sent.code, sent.attempts) == (State.SENT, 250, 1)

    [letter] = world.wait_for(1)
    assert (letter.mail_from, letter.rcpt) == ("help@desk.example", ("emil@acme.example",))
    assert letter.message_id == Message.objects.get(kind="reply").message_id


@pytest.mark.parametrize("way", [1, 2], ids=["STARTTLS and LOGIN", "TLS and PLAIN"])
def test_the_desk_signs_in_at_a_server_whose_certificate_it_trusts(
    server: Postfix,
    world: Relay,
    dovecot: Dovecot,
    cast: Cast,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
    way: int,
) -> None:
    monkeypatch.setattr(relay_module.Relay, "is_this_machine", False)
    with override_settings(RELAY=server.relays("desk", PASSWORD)[way]):
        reply(cast)
        waits = after(clock, seconds=10)
        assert (waits.state, waits.reason) == (State.DEFERRED, "certificate_not_trusted")

        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        assert after(clock, minutes=1).state == State.SENT
    world.wait_for(1)


@pytest.mark.parametrize("way", [1, 2], ids=["STARTTLS and LOGIN", "TLS and PLAIN"])
def test_a_wrong_password_is_told_and_no_letter_fails_of_it(
    server: Postfix,
    world: Relay,
    dovecot: Dovecot,
    cast: Cast,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
    way: int,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    with override_settings(RELAY=server.relays("desk", "misspelt")[way]):
        reply(cast)
        waits = after(clock, seconds=10)
        assert (waits.state, waits.reason, waits.code) == (State.DEFERRED, "login_refused", 535)
    with override_settings(RELAY=server.relays("desk", PASSWORD)[way]):
        assert after(clock, minutes=1).state == State.SENT
    world.wait_for(1)


def test_who_does_not_sign_in_sends_nothing_and_no_letter_fails_of_it(
    server: Postfix, dovecot: Dovecot, cast: Cast, clock: time_machine.Traveller
) -> None:
    with override_settings(RELAY=f"smtp://127.0.0.1:{server.submission}"):
        ticket = reply(cast)
        waits = after(clock, seconds=10)
    assert (waits.state, waits.reason) == (State.DEFERRED, "refused_at_the_door")
    assert "Access denied" in sentence_of(waits)
    ticket.refresh_from_db()
    assert ticket.status == "answered"


@pytest.mark.parametrize(
    ("to", "code", "words"),
    [
        ("later@acme.example", 450, "Come later"),
        ("full@acme.example", 452, "There is no room"),
    ],
)
def test_what_postfix_wants_later_waits_and_is_told(
    relay: None, cast: Cast, clock: time_machine.Traveller, to: str, code: int, words: str
) -> None:
    ticket = reply(cast, to)
    waits = after(clock, seconds=10)
    assert (waits.state, waits.reason, waits.code) == (State.DEFERRED, "deferred_by_relay", code)
    assert words in sentence_of(waits)
    assert after(clock, minutes=1).attempts == 2
    ticket.refresh_from_db()
    assert ticket.status == "answered"


@pytest.mark.parametrize(
    ("to", "code", "words"),
    [
        ("nobody@acme.example", 550, "There is nobody of that name"),
        ("barred@acme.example", 554, "Access denied"),
        ("refused@acme.example", 554, "We do not want that"),
    ],
)
def test_what_postfix_refuses_for_good_opens_the_ticket_again(
    relay: None, cast: Cast, clock: time_machine.Traveller, to: str, code: int, words: str
) -> None:
    ticket = reply(cast, to)
    failed = after(clock, seconds=10)
    assert (failed.state, failed.reason, failed.code) == (State.FAILED, "refused_by_relay", code)
    assert words in sentence_of(failed)
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_a_letter_that_is_greylisted_comes_again_and_arrives_once(
    server: Postfix, world: Relay, relay: None, cast: Cast, clock: time_machine.Traveller
) -> None:
    reply(cast, "grey@acme.example")
    waits = after(clock, seconds=10)
    assert (waits.state, waits.code) == (State.DEFERRED, 450)
    assert "Greylisted" in sentence_of(waits)

    assert after(clock, minutes=1).state == State.SENT
    server.until_empty()
    assert len(world.letters) == 1


@pytest.mark.parametrize(
    ("fault", "reason", "copies"),
    [
        ("hang_in_letter", "timed_out", 1),
        ("cut_in_letter", "connection_lost", 1),
        # Postfix had it: SMTP promises no more than to say so by the same Message-ID.
        ("cut_after_dot", "connection_lost", 2),
    ],
)
def test_a_line_that_breaks_costs_no_letter(
    server: Postfix,
    world: Relay,
    cast: Cast,
    clock: time_machine.Traveller,
    fault: Fault,
    reason: str,
    copies: int,
) -> None:
    with (
        Between(to=server.plain) as between,
        override_settings(RELAY=f"smtp://127.0.0.1:{between.port}"),
    ):
        between.plan(fault)
        reply(cast)
        waits = after(clock, seconds=10)
        assert (waits.state, waits.reason) == (State.DEFERRED, reason)
        assert after(clock, minutes=1).state == State.SENT
        smtp_client.close_all()
    server.until_empty()

    assert len(world.letters) == copies
    assert {letter.message_id for letter in world.letters} == {
        Message.objects.get(kind="reply").message_id
    }

"""Letters to people of ours, about no ticket: an invitation, a new password."""

from __future__ import annotations

import re
from email.message import EmailMessage

import pytest
from django.test import Client, override_settings

from deskbell.channels.mail import bounces, ids
from deskbell.channels.mail.models import Delivery
from deskbell.channels.mail.outbox import try_at_once, write_to_account
from deskbell.channels.mail.report import Failure, Report
from deskbell.people.agents import archive_agent
from deskbell.tickets.models import Entry, Ticket
from deskbell.work.run import run_due
from tests.cast import PASSWORD, Cast
from tests.fakes import relay as fake

pytestmark = pytest.mark.django_db

Purpose, State = Delivery.Purpose, Delivery.State
NEW_ONE = "a brass bell for the second counter"


@pytest.mark.parametrize(
    ("purpose", "says"), [(Purpose.INVITATION, "you are invited"), (Purpose.NEW_PASSWORD, "a new")]
)
def test_a_letter_with_a_link_leaves_at_once_and_the_link_works_once(
    cast: Cast, purpose: Delivery.Purpose, says: str
) -> None:
    write_to_account(cast.bela.account, purpose)
    with fake.Relay() as relay, override_settings(RELAY=relay.url):
        run_due()
    [arrived] = relay.letters
    letter = arrived.message
    assert arrived.rcpt == ("bela@desk.example",)
    assert says in letter["Subject"]
    assert letter["Auto-Submitted"] == "auto-generated"
    text = _text(letter, "plain")
    [link] = set(re.findall(r"/invitation/[\w-]+/[\w-]+", text))
    html = _text(letter, "html")
    assert link in html
    client = Client()
    assert client.post(link, {"password": NEW_ONE}).status_code == 302
    assert Client().login(email="bela@desk.example", password=NEW_ONE)
    assert Client().post(link, {"password": PASSWORD}).status_code == 404


def test_the_database_holds_no_link(cast: Cast) -> None:
    delivery = write_to_account(cast.bela.account, Purpose.NEW_PASSWORD)
    row = Delivery.objects.filter(pk=delivery.pk).values().get()
    assert "invitation/" not in str(row)


def test_nobody_who_has_left_is_written_to(cast: Cast) -> None:
    delivery = write_to_account(cast.bela.account, Purpose.NEW_PASSWORD)
    archive_agent(cast.bela)
    with fake.Relay() as relay, override_settings(RELAY=relay.url):
        run_due()
    assert relay.letters == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.CANCELLED, "has_left")


def test_without_a_relay_it_waits_and_leaves_when_there_is_one(cast: Cast) -> None:
    delivery = write_to_account(cast.bela.account, Purpose.INVITATION)
    run_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.DEFERRED, "no_relay")
    with fake.Relay() as relay, override_settings(RELAY=relay.url):
        assert try_at_once() == 1
        run_due()
    assert len(relay.letters) == 1


def test_a_relay_that_refuses_fails_the_letter_and_touches_no_ticket(cast: Cast) -> None:
    delivery = write_to_account(cast.bela.account, Purpose.INVITATION)
    with fake.Relay() as relay, override_settings(RELAY=relay.url):
        relay.always(fake.refuse(550, "no such user"))
        run_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.FAILED, "refused_by_relay")
    assert not Entry.objects.exists()


def test_one_that_comes_back_is_known(cast: Cast) -> None:
    delivery = write_to_account(cast.bela.account, Purpose.INVITATION)
    with fake.Relay() as relay, override_settings(RELAY=relay.url):
        run_due()
    failure = Failure("bela@desk.example", "failed", "5.1.1", "no such user")
    report = Report((failure,), f"Message-ID: <{delivery.rfc_message_id}>\n")
    assert bounces.record(report).reason == "bounce_recorded"
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.FAILED, "mailbox_unknown")


def test_its_token_names_no_ticket(cast: Cast) -> None:
    token = ids.read_token(ids.account_letter_id(2**60 - 1))
    assert token is not None
    assert not Ticket.objects.filter(pk=token.ticket_id).exists()


def _text(letter: EmailMessage, kind: str) -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_a_link_never_goes_to_an_address_that_was_changed_meanwhile(cast: Cast) -> None:
    delivery = write_to_account(cast.bela.account, Purpose.INVITATION)
    cast.bela.account.email = "right@desk.example"
    cast.bela.account.save()
    with fake.Relay() as relay, override_settings(RELAY=relay.url):
        run_due()
    assert relay.letters == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.CANCELLED, "address_changed")

"""Answers leave by the permission by which letters are fetched: OAuth 2 at the provider's relay, no password."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from deskbell import clock
from deskbell.channels.mail import boxes, smtp_client
from deskbell.channels.mail.fetch import oauth, sources, tokens
from deskbell.channels.mail.fetch.sources import Entry
from deskbell.channels.mail.models import Delivery, Grant, MailBox
from deskbell.channels.mail.relay import relay_for
from deskbell.channels.mail.smtp_line import Envelope, SendFailed
from tests.cast import Cast
from tests.fakes.identity import CLIENT_ID, CLIENT_SECRET, Identity
from tests.fakes.relay import Relay

pytestmark = pytest.mark.django_db

USER = "help@desk.example"
LETTER = Envelope(USER, "emil@acme.example", b"Subject: x\r\n\r\nHello\r\n")


@pytest.fixture
def box(cast: Cast) -> MailBox:
    """A mail box with a permission that is still good."""
    box = boxes.add_mailbox(address=USER, department=cast.support)
    with Identity() as identity:
        app = oauth.enter_app(
            "other",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            authorize_url=f"{identity.url}/authorize",
            token_url=f"{identity.url}/token",
            scopes="mail",
        )
        source = sources.enter(box, Entry("imap", "127.0.0.1", 1, "none", USER, app=app))
    granted = oauth.Tokens(access="the-token", refresh="again", access_for=timedelta(hours=1))
    tokens.take(source, granted, by=None)
    return box


@pytest.fixture
def relay(box: MailBox) -> Iterator[Relay]:
    with Relay(user=USER, token="the-token") as running:
        boxes.change_mailbox(
            box,
            address=USER,
            department=box.department,
            name="",
            relay=f"smtp://127.0.0.1:{running.port}?sign_in=provider",
        )
        yield running
        smtp_client.close_all()


def send(box: MailBox) -> None:
    found = relay_for(box)
    assert found is not None
    smtp_client.send(found, LETTER)


def test_a_letter_leaves_with_the_token_that_fetches(box: MailBox, relay: Relay) -> None:
    send(box)
    assert [one.user for one in relay.letters] == [USER]


def test_a_token_that_is_not_taken_is_asked_for_anew(box: MailBox, relay: Relay) -> None:
    relay.token = "another"
    with pytest.raises(SendFailed) as refused:
        send(box)
    assert (refused.value.reason, refused.value.permanent) == ("login_refused", False)
    assert Grant.objects.get().access_until <= clock.now()


def test_without_a_permission_the_letter_waits_and_says_why(box: MailBox, relay: Relay) -> None:
    Grant.objects.all().delete()
    with pytest.raises(SendFailed) as refused:
        send(box)
    assert (refused.value.reason, refused.value.permanent) == ("permission_missing", False)
    assert not Delivery.objects.filter(state="failed").exists()


def test_a_relay_without_tokens_is_told_none(box: MailBox) -> None:
    with Relay() as running:
        box.relay = ""
        boxes.change_mailbox(
            box,
            address=USER,
            department=box.department,
            name="",
            relay=f"smtp://127.0.0.1:{running.port}?sign_in=provider",
        )
        with pytest.raises(SendFailed) as refused:
            send(box)
        assert refused.value.reason == "login_not_offered"


def test_what_is_not_fetched_by_permission_cannot_be_sent_by_it(cast: Cast) -> None:
    other = boxes.add_mailbox(
        address="b@desk.example",
        department=cast.support,
        relay="smtp://127.0.0.1?sign_in=provider",
    )
    with pytest.raises(ValueError, match="no permission"):
        relay_for(other)

"""Fetching with OAuth 2: tokens from an identity server of the tests, asked for again before they run out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection

from deskbell import clock
from deskbell.channels.mail.fetch import oauth, sources, tokens
from deskbell.channels.mail.fetch.failures import FetchFailed
from deskbell.channels.mail.fetch.sources import Entry
from deskbell.channels.mail.models import Grant, MailApp, Source
from deskbell.errors import BadInput
from deskbell.tickets.models import Ticket
from deskbell.work.jobs import run_due
from tests.channels.mail.fetch.desk import Box, a_letter
from tests.fakes.dovecot import Dovecot
from tests.fakes.identity import CLIENT_ID, CLIENT_SECRET, Identity

pytestmark = pytest.mark.django_db


@pytest.fixture
def identity() -> Iterator[Identity]:
    with Identity() as identity:
        yield identity


@pytest.fixture(params=[False, True], ids=["OAUTHBEARER", "XOAUTH2"])
def granted(box: Box, identity: Identity, request: pytest.FixtureRequest) -> Iterator[Box]:
    """A mail box into which the provider lets the desk."""
    introspection = f"{identity.url}/introspect"
    with Dovecot(introspection=introspection, xoauth2_only=request.param) as server:
        identity.user = box.user
        box.server = server
        connect(box, identity)
        yield box


def connect(box: Box, identity: Identity, *, kind: str = "imap") -> None:
    app = oauth.enter_app(
        "other",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        authorize_url=f"{identity.url}/authorize",
        token_url=f"{identity.url}/token",
        scopes="mail",
    )
    port = box.server.imap if kind == "imap" else box.server.pop3
    source = sources.enter(box.box, Entry(kind, "127.0.0.1", port, "none", box.user, app=app))
    asked = oauth.ask(app, box.user)
    back = identity.consent(dict(parse_qsl(urlsplit(asked.url).query)))
    said = dict(parse_qsl(urlsplit(back).query))
    assert said["state"] == asked.state
    tokens.take(source, oauth.granted(app, said["code"], asked.verifier), by=None)


def test_letters_are_fetched_without_a_password(granted: Box) -> None:
    granted.start()
    granted.deliver(a_letter())
    assert granted.look().reason == ""
    assert Ticket.objects.count() == 1


def test_by_pop3_too(granted: Box, identity: Identity) -> None:
    connect(granted, identity, kind="pop3")
    granted.start()
    granted.deliver(a_letter())
    assert granted.look().reason == ""
    assert Ticket.objects.count() == 1


def test_a_token_is_renewed_before_it_runs_out(granted: Box, identity: Identity) -> None:
    granted.start()
    Grant.objects.update(access_until=clock.now() + timedelta(minutes=4))
    granted.deliver(a_letter())
    assert granted.look().reason == ""
    assert identity.asked == ["authorization_code", "refresh_token"]
    assert Grant.objects.get().access_until > clock.now() + timedelta(minutes=50)


def test_a_token_that_the_server_refuses_is_renewed_with_the_next_look(
    granted: Box, identity: Identity
) -> None:
    granted.start()
    identity.forget_access()
    first = granted.look()
    assert (first.reason, first.permanent) == ("token_refused", False)
    assert granted.look().reason == ""


def test_a_permission_that_was_taken_back_waits_for_a_person(
    granted: Box, identity: Identity
) -> None:
    granted.start()
    identity.revoke_all()
    Grant.objects.update(access_until=clock.now())
    source = granted.look()
    assert (source.reason, source.permanent, source.next_look_at) == ("oauth_revoked", True, None)
    sources.look_where_due()
    assert run_due() == 0

    connect(granted, identity)
    granted.deliver(a_letter())
    assert granted.look().reason == ""
    assert Ticket.objects.count() == 1


def test_a_provider_that_is_away_is_asked_again(granted: Box, identity: Identity) -> None:
    granted.start()
    identity.broken = True
    Grant.objects.update(access_until=clock.now())
    source = granted.look()
    assert (source.reason, source.permanent) == ("oauth_unreachable", False)
    identity.broken = False
    assert granted.look().reason == ""


def test_a_wrong_secret_of_the_app_waits_for_a_person(granted: Box) -> None:
    granted.start()
    MailApp.objects.update(client_secret="")
    Grant.objects.update(access_until=clock.now())
    source = granted.look()
    assert (source.reason, source.permanent) == ("app_refused", True)


def test_nothing_is_sent_to_where_a_provider_redirects(granted: Box, identity: Identity) -> None:
    granted.start()
    MailApp.objects.update(token_url=f"{identity.url}/elsewhere")
    Grant.objects.update(access_until=clock.now())
    assert granted.look().reason == "oauth_unreachable"
    assert identity.asked == ["authorization_code"]


def test_tokens_lie_sealed(granted: Box) -> None:
    grant, app = Grant.objects.get(), MailApp.objects.get()
    token = tokens.access_token(granted.source)
    assert token
    assert token not in grant.access_token
    assert CLIENT_SECRET not in app.client_secret


def test_an_address_without_https_is_no_providers() -> None:
    for url in ("http://login.example.com/token", "https://u@login.example.com/", "ftp://x/"):
        assert not oauth.is_safe(url)
        with pytest.raises(BadInput):
            oauth.enter_app(
                "other",
                client_id="x",
                client_secret=None,
                authorize_url=url,
                token_url=url,
                scopes="",
            )


@pytest.mark.django_db(transaction=True)
def test_ten_who_need_a_token_ask_once(box: Box, identity: Identity) -> None:
    identity.rotates = True  # who asks twice with the same one loses it
    connect(box, identity)
    Grant.objects.update(access_until=clock.now())
    found: list[str | FetchFailed] = []

    def ask() -> None:
        try:
            found.append(tokens.access_token(Source.objects.select_related("app").get()))
        except FetchFailed as failure:
            found.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert identity.asked == ["authorization_code", "refresh_token"]
    assert len(set(map(str, found))) == 1
    assert isinstance(found[0], str)

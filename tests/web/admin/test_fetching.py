"""A mail box that is fetched from a server is set up in the browser, without scripts: entered, tested, started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client, override_settings

from deskbell.channels.mail import boxes
from deskbell.channels.mail.fetch import guessing
from deskbell.channels.mail.models import MailApp, MailBox, Source
from deskbell.tickets.models import Ticket
from deskbell.work.jobs import run_due
from tests.cast import Cast
from tests.channels.mail.fetch.desk import a_letter
from tests.fakes import names
from tests.fakes.dovecot import PASSWORD, PROGRAM, Dovecot
from tests.fakes.identity import CLIENT_ID, CLIENT_SECRET, Identity
from tests.web.conftest import SignIn

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not PROGRAM, reason="no dovecot"),
]


@pytest.fixture
def identity() -> Iterator[Identity]:
    with Identity() as identity:
        yield identity


@pytest.fixture
def server(identity: Identity) -> Iterator[Dovecot]:
    with Dovecot(introspection=f"{identity.url}/introspect") as server:
        yield server


@pytest.fixture
def box(cast: Cast, tmp_path: Path) -> Iterator[MailBox]:
    with override_settings(DATA=tmp_path / "desk"), names.serve({}):
        yield boxes.add_mailbox(address="help@desk.example", department="Support")


@pytest.fixture
def anna(cast: Cast, as_: SignIn) -> Client:
    return as_(cast.anna)


def entered(server: Dovecot, **others: object) -> dict[str, object]:
    return {
        "kind": "imap",
        "host": "127.0.0.1",
        "port": server.imap,
        "tls": "none",
        "user": "help@desk.example",
        "password": PASSWORD,
        **others,
    }


def test_from_nothing_to_the_first_ticket(anna: Client, box: MailBox, server: Dovecot) -> None:
    address = f"/settings/mailboxes/{box.pk}/source"
    assert address in anna.get(f"/settings/mailboxes/{box.pk}").content.decode()
    assert 'value="imap.desk.example"' in anna.get(address).content.decode()

    answer = anna.post(address, entered(server), follow=True)
    page = answer.content.decode()
    assert page.count('data-state="good"') == 4
    assert "0 letters lie there." in page
    assert not Source.objects.exclude(started_at=None).exists()

    begin = {"folders": ["INBOX"], "begin": "now", "after": "flag", "move_to": ""}
    anna.post(f"{address}/test", begin)
    server.deliver("help@desk.example", a_letter())
    anna.post(f"{address}/look")
    run_due()
    assert Ticket.objects.count() == 1
    assert server.flags("help@desk.example") == [(b"\\Seen",)]
    page = anna.get(address).content.decode()
    assert "Last letter:" in page
    assert PASSWORD not in page

    anna.post(address, {"_method": "DELETE"})
    assert not Source.objects.exists()


def test_each_step_tells_what_is_wrong(anna: Client, box: MailBox, server: Dovecot) -> None:
    address = f"/settings/mailboxes/{box.pk}/source"
    page = anna.post(address, entered(server, port=1), follow=True).content.decode()
    assert "Nothing answers at this port." in page
    assert page.count('data-state="good"') == 1
    page = anna.post(address, entered(server, password="wrong"), follow=True).content.decode()
    assert "does not take this name and password" in page
    page = anna.post(address, entered(server, tls="starttls"), follow=True).content.decode()
    assert "its certificate is not trusted" in page
    page = anna.post(address, entered(server, tls="implicit"), follow=True).content.decode()
    assert "No encrypted line could be made" in page
    page = anna.post(address, entered(server, host="a b")).content.decode()
    assert "This is not the name of a server" in page
    page = anna.post(address, entered(server, host="imap.desk.example")).content.decode()
    assert "Without encryption" in page


def test_somebody_connects_at_their_provider(
    anna: Client, box: MailBox, server: Dovecot, identity: Identity
) -> None:
    anna.post(
        "/settings/mail-apps/other",
        {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "authorize_url": f"{identity.url}/authorize",
            "token_url": f"{identity.url}/token",
            "scopes": "mail",
            "secret_expires_on": "2027-01-01",
        },
    )
    assert CLIENT_SECRET not in anna.get("/settings/mail-apps/other").content.decode()
    address = f"/settings/mailboxes/{box.pk}/source"
    answer = anna.post(address, entered(server, way="other", password=""))
    assert answer["Location"] == f"{address}/consent"
    away = anna.get(f"{address}/consent")["Location"]
    back = identity.consent(dict(parse_qsl(urlsplit(away).query)))

    said = urlsplit(back).query
    forged = anna.get(f"/settings/mailboxes/granted?{said}x")
    assert forged.status_code == 409
    assert anna.get(f"/settings/mailboxes/granted?{said}").status_code == 409, "asked once only"

    away = anna.get(f"{address}/consent")["Location"]
    said = urlsplit(identity.consent(dict(parse_qsl(urlsplit(away).query)))).query
    page = anna.get(f"/settings/mailboxes/granted?{said}", follow=True).content.decode()
    assert page.count('data-state="good"') == 4


def test_nobody_is_sent_back_into_another_session(
    anna: Client, box: MailBox, as_: SignIn, cast: Cast
) -> None:
    assert anna.get("/settings/mailboxes/granted?code=x&state=").status_code == 409


@pytest.mark.parametrize(
    ("records", "host", "provider"),
    [
        ({("acme.example", "MX"): "10 acme-example.mail.protection.outlook.com."},
         "outlook.office365.com", "microsoft"),
        ({("acme.example", "MX"): "1 aspmx.l.google.com."}, "imap.gmail.com", "google"),
        ({("_imaps._tcp.acme.example", "SRV"): "0 1 993 mx.acme.example."}, "mx.acme.example", ""),
        ({("mail.acme.example", "A"): "192.0.2.1"}, "mail.acme.example", ""),
        ({}, "imap.acme.example", ""),
    ],
)  # fmt: skip
def test_servers_are_guessed(records: dict[tuple[str, str], str], host: str, provider: str) -> None:
    with names.serve(records):
        best = guessing.guesses("help@acme.example")[0]
    assert (best.host, best.provider, best.tls) == (host, provider, "implicit")


def test_a_large_provider_is_known_without_asking() -> None:
    assert guessing.guesses("acme@gmail.com")[0].host == "imap.gmail.com"
    assert not MailApp.objects.exists()

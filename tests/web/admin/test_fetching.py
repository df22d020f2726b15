"""A mail box that is fetched from a server is set up in the browser, without scripts: entered, tested, started."""

from __future__ import annotations

import re
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


def test_a_folder_that_is_gone_is_named_and_another_one_chosen(
    anna: Client, box: MailBox, server: Dovecot, tmp_path: Path
) -> None:
    address = f"/settings/mailboxes/{box.pk}/source"
    user = "orders@desk.example"
    server.make_folder(user, "Orders")
    anna.post(address, entered(server, user=user))
    chosen = {"folders": ["INBOX", "Orders"], "begin": "now", "after": "keep", "move_to": ""}
    anna.post(f"{address}/test", chosen)
    with server.signed_in(user) as client:
        client.delete_folder("Orders")
    run_due()

    told = "Orders: there is no such folder on the server"
    assert told in anna.get(address).content.decode()
    (tmp_path / "desk").mkdir(exist_ok=True)  # the page of health looks how full it is
    assert told in anna.get("/settings/health").content.decode()
    page = anna.get(f"{address}/test").content.decode()
    assert told in page
    assert 'value="INBOX" checked' in page
    anna.post(f"{address}/test", {**chosen, "folders": ["INBOX"]})
    run_due()
    assert told not in anna.get(address).content.decode()
    assert "Afterwards, on the server" in anna.get(address).content.decode()


def test_what_comes_of_a_try_is_shown_when_it_is_over(
    anna: Client, box: MailBox, server: Dovecot, tmp_path: Path
) -> None:
    address = f"/settings/mailboxes/{box.pk}/source"
    anna.post(address, entered(server))
    anna.post(f"{address}/test", {"folders": ["INBOX"], "begin": "now", "after": "keep"})
    run_due()
    (tmp_path / "desk").mkdir(exist_ok=True)  # the page of health looks how full it is
    for back, path in (("", address), ("health", "/settings/health")):
        page = anna.post(f"{address}/look", {"back": back}, follow=True).content.decode()
        assert "It is being looked into" in page
        assert f'hx-get="{path}"' in page
        run_due()
        page = anna.get(path).content.decode()
        assert "It is being looked into" not in page
        assert f'hx-get="{path}"' not in page


def test_a_certificate_of_its_own_is_compared_and_trusted(
    anna: Client, box: MailBox, server: Dovecot
) -> None:
    address = f"/settings/mailboxes/{box.pk}/source"
    own = entered(server, tls="implicit", port=server.imaps)
    page = anna.post(address, own, follow=True).content.decode()
    assert "trust exactly its certificate" in page
    found = re.search(r'name="certificate" value="([0-9a-f]{64})"', page)
    assert found is not None
    shown = {"certificate": found[1]}
    page = anna.post(f"{address}/certificate", shown, follow=True).content.decode()
    assert page.count('data-state="good"') == 5
    assert found[1][-2:].upper() in anna.get(address).content.decode()

    anna.post(f"{address}/certificate", {"_method": "DELETE"})
    assert Source.objects.get().certificate == ""


def test_an_empty_port_is_the_usual_one(anna: Client, box: MailBox, server: Dovecot) -> None:
    address = f"/settings/mailboxes/{box.pk}/source"
    field = re.search(r'<input[^>]* id="port"[^>]*>', anna.get(address).content.decode())
    assert field is not None
    assert 'value=""' in field[0]
    assert 'placeholder="993"' in field[0]
    for kind, tls, port in (("imap", "implicit", 993), ("pop3", "starttls", 110)):
        anna.post(address, entered(server, kind=kind, tls=tls, port=""))
        assert Source.objects.get().port == port
    assert "A port is a number" in anna.post(address, entered(server, port="x")).content.decode()


def test_fetching_is_found_from_wherever_a_mail_box_is_connected(anna: Client, cast: Cast) -> None:
    assert "by IMAP or POP3" in anna.get("/settings/first-steps").content.decode()
    assert "The desk fetches them" in anna.get("/settings/mailboxes/new").content.decode()
    new = {"address": "help@desk.example", "department": cast.support.pk, "name": "", "relay": ""}
    answer = anna.post("/settings/mailboxes/new", {**new, "comes": "fetched"})
    source = f"/settings/mailboxes/{MailBox.objects.get().pk}/source"
    assert answer["Location"] == source
    for page in ("/settings/mailboxes", "/settings/first-steps"):
        assert f'href="{source}"' in anna.get(page).content.decode()

    new["address"] = "sales@desk.example"
    answer = anna.post("/settings/mailboxes/new", {**new, "comes": "handed"})
    assert answer["Location"] == "/settings/mailboxes"


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

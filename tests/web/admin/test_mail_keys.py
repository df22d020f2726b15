"""Keys that open letters and check signatures are managed in the browser, through the same door as by command."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from deskbell.channels.mail import boxes
from deskbell.channels.mail.models import MailKey
from tests.cast import Cast
from tests.mails_of import MAILS, arrive, raw
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

KEYS = MAILS / "keys"
ADDRESS = "/settings/mail-keys"


def sent(path: Path, address: str = "", passphrase: str = "") -> dict[str, object]:
    file = SimpleUploadedFile(path.name, path.read_bytes())
    return {"file": file, "address": address, "passphrase": passphrase}


@pytest.fixture
def anna(cast: Cast, as_: SignIn) -> Client:
    boxes.add_mailbox(address="help@desk.example", department="Support")
    return as_(cast.anna)


@pytest.mark.parametrize(("name", "file"), [("smime", "help.pem"), ("pgp", "help.asc")])
def test_a_letter_is_opened_by_a_key_that_was_added_in_the_browser(
    anna: Client, name: str, file: str
) -> None:
    assert anna.post(ADDRESS, sent(KEYS / file, "help@desk.example"))["Location"] == ADDRESS
    page = anna.get(ADDRESS).content.decode()
    kept = MailKey.objects.get()
    assert "help@desk.example" in kept.owner
    assert len(kept.public_fingerprint) in (40, 64)
    for words in (kept.owner.partition(" <")[0], kept.public_fingerprint, "opens letters to"):
        assert words in page
    assert "PRIVATE" not in page
    assert kept.material not in page
    message = arrive(raw(f"{name}_encrypted")).message
    assert message is not None
    assert message.facts["encrypted"] == "opened"


def test_when_a_certificate_runs_out_is_shown(anna: Client) -> None:
    anna.post(ADDRESS, sent(KEYS / "help.pem", "help@desk.example"))
    until = MailKey.objects.get().good_until
    assert until is not None
    assert f'datetime="{until:%Y-%m-%dT%H:%M:%S}' in anna.get(ADDRESS).content.decode()


def test_a_customers_key_checks_their_signatures(anna: Client) -> None:
    anna.post(ADDRESS, sent(KEYS / "emil.asc"))
    assert "checks signatures" in anna.get(ADDRESS).content.decode()
    message = arrive(raw("pgp_valid")).message
    assert message is not None
    assert message.facts["signature"]["result"] == "valid"


def test_what_is_no_key_is_refused_beside_its_field(anna: Client) -> None:
    page = anna.post(ADDRESS, sent(KEYS / "help.pem")).content.decode()
    assert "There is no PGP public key in it" in page
    page = anna.post(ADDRESS, {"address": "help@desk.example"}).content.decode()
    assert "Choose a file first." in page
    assert not MailKey.objects.exists()


def test_a_key_is_removed_only_after_a_question(anna: Client) -> None:
    anna.post(ADDRESS, sent(KEYS / "help.pem", "help@desk.example"))
    one = f"{ADDRESS}/{MailKey.objects.get().pk}"
    assert "Remove this key?" in anna.get(one).content.decode()
    anna.post(one)
    assert MailKey.objects.exists()
    anna.post(one, {"_method": "DELETE"})
    assert not MailKey.objects.exists()
    assert anna.get(one).status_code == 404

"""Keys of mail: encrypted letters are opened where the key is here, signatures count by keys that somebody added."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from django.test import override_settings

from deskbell.channels.mail import opening, reader
from deskbell.channels.mail.models import MailBox, MailKey
from deskbell.errors import BadInput
from tests.cast import Cast
from tests.mails_of import arrive, raw

pytestmark = pytest.mark.django_db

KEYS = Path(__file__).parents[2] / "mails" / "keys"


def key(name: str) -> bytes:
    return (KEYS / name).read_bytes()


@pytest.fixture
def box(cast: Cast) -> MailBox:
    return MailBox.objects.create(address="help@desk.example", department=cast.support)


@pytest.mark.parametrize(
    ("name", "file", "says"),
    [
        ("smime_encrypted", "help.pem", "Signed words: á."),
        ("pgp_encrypted", "help.asc", "Signed words: á."),
        ("pgp_encrypted_in_the_text", "help.asc", "Secret words."),
    ],
)
def test_a_letter_is_opened_once_its_key_is_here(
    box: MailBox, name: str, file: str, says: str
) -> None:
    closed = arrive(raw(name)).message
    assert closed is not None
    assert closed.facts["encrypted"] == "closed"
    assert says not in closed.text.plain

    opening.add_box_key(box.address, key(file))
    opened = arrive(raw(name, **{"name.eml": "", "Zip": "Zip again"})).message

    assert opened is not None
    assert opened.text.plain == says
    assert opened.facts["encrypted"] == "opened"


def test_a_private_key_is_sealed_in_the_database(box: MailBox) -> None:
    for file in ("help.pem", "help.asc"):
        opening.add_box_key(box.address, key(file))

    assert not any("PRIVATE" in one.material for one in MailKey.objects.all())


def test_a_key_that_was_sealed_by_another_desk_opens_nothing_and_breaks_nothing(
    box: MailBox,
) -> None:
    opening.add_box_key(box.address, key("help.pem"))
    with override_settings(SECRET_KEY="x" * 60, SECRET_KEY_FALLBACKS=[]):
        letter = arrive(raw("smime_encrypted"))

    assert letter.message is not None
    assert letter.message.facts["encrypted"] == "closed"


def test_a_reader_that_saw_a_key_reads_no_other_letter(box: MailBox) -> None:
    reader.end_children()
    opening.add_box_key(box.address, key("help.pem"))
    arrive(raw("smime_encrypted"))

    assert reader._idle.qsize() == 0


def test_a_signature_counts_by_a_key_that_somebody_added(box: MailBox) -> None:
    before = arrive(raw("pgp_valid")).message
    opening.add_public_key(key("emil.asc"))
    after = arrive(raw("pgp_valid", Zip="Zip again")).message

    assert before is not None
    assert before.facts["signature"]["result"] == "not_checked"
    assert after is not None
    assert after.facts["signature"]["result"] == "valid"


def test_a_key_in_a_file_with_a_passphrase_is_taken(box: MailBox) -> None:
    pem = key("help.pem")
    private = load_pem_private_key(pem, None)
    packed = pkcs12.serialize_key_and_certificates(
        b"help",
        private,  # type: ignore[arg-type]
        x509.load_pem_x509_certificate(pem),
        None,
        BestAvailableEncryption(b"open sesame"),
    )
    with pytest.raises(BadInput):
        opening.add_box_key(box.address, packed, "wrong")
    opening.add_box_key(box.address, packed, "open sesame")

    opened = arrive(raw("smime_encrypted")).message
    assert opened is not None
    assert opened.facts["encrypted"] == "opened"


def test_what_is_no_key_is_refused_with_a_reason(box: MailBox) -> None:
    for wrong in (b"", b"nonsense", key("authority.pem"), key("emil.asc")):
        with pytest.raises(BadInput):
            opening.add_box_key(box.address, wrong)
    for wrong in (b"nonsense", key("help.pem"), key("help.asc"), b"x" * 300_000):
        with pytest.raises(BadInput):
            opening.add_public_key(wrong)
    with pytest.raises(BadInput):
        opening.add_box_key("nobody@desk.example", key("help.pem"))


def test_a_key_is_forgotten(box: MailBox) -> None:
    kept = opening.add_box_key(box.address, key("help.pem"))
    opening.remove_key(kept.fingerprint)

    with pytest.raises(BadInput):
        opening.remove_key(kept.fingerprint)
    assert not MailKey.objects.exists()

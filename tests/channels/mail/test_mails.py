"""Every mail in tests/mails, named by its trouble, and what must come of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskbell.channels.mail import parse, safe_html, senders, smime
from deskbell.channels.mail.pgp import Keys
from deskbell.channels.mail.wrapped import AllKeys
from tests.channels.mail import test_machines, test_quotes, test_reports
from tests.channels.mail.expected import EXPECTED
from tests.channels.mail.says import Says

MAILS = Path(__file__).parents[2] / "mails"


def key(name: str) -> str:
    """Return one of the keys with which mails of tests/mails were signed or sealed."""
    return (MAILS / "keys" / name).read_text()


KEYS = AllKeys((key("help.pem"),), Keys((key("emil.asc"), key("frida.asc")), (key("help.asc"),)))


@pytest.fixture(autouse=True)
def _the_authority_of_the_tests_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(MAILS / "keys" / "authority.pem"))
    smime.trusted.cache_clear()


def test_every_mail_has_something_that_must_come_of_it() -> None:
    assert {path.stem for path in MAILS.glob("*.eml")} == {
        *EXPECTED,
        *test_quotes.EXPECTED,
        *test_reports.EXPECTED,
        *test_machines.MAILS,
    }


def test_there_are_many_mails() -> None:
    assert len(EXPECTED) >= 250


@pytest.mark.parametrize("name", EXPECTED)
def test_a_mail_says_what_its_sender_meant(name: str, tmp_path: Path) -> None:
    says = EXPECTED[name]
    raw = (MAILS / f"{name}.eml").read_bytes()
    if says.refused:
        with pytest.raises(parse.Refused) as refused:
            parse.parse(raw, tmp_path, KEYS)
        assert refused.value.reason == says.refused
        return

    parsed = parse.parse(raw, tmp_path, KEYS)

    _its_words(parsed, says)
    _its_sender(parsed, says)
    _what_comes_with_it(parsed, says)
    inbound = parsed.inbound
    assert all(file.path.stat().st_size == file.size_bytes for file in inbound.files)
    assert safe_html.clean(inbound.html) == inbound.html


def _its_words(parsed: parse.Parsed, says: Says) -> None:
    inbound = parsed.inbound
    assert says.text is None or inbound.text == says.text
    assert says.hidden in inbound.quoted
    assert bool(says.hidden) == bool(inbound.quoted)
    assert says.subject is None or inbound.subject == says.subject
    assert says.html is None or inbound.html == says.html
    assert says.answers is None or inbound.answers == says.answers
    names = tuple(f"{'*' if file.inline else ''}{file.name}" for file in inbound.files)
    assert names == says.files
    told = tuple(f"{code} {what}".strip() for code, what in parsed.repairs)
    assert says.repairs is None or told == says.repairs


def _its_sender(parsed: parse.Parsed, says: Says) -> None:
    inbound = parsed.inbound
    assert says.sender is None or (inbound.sender_address, inbound.sender_name) == says.sender
    writer = senders.writer_of(parsed.heads, {"help@desk.example"})
    if says.writer is not None:
        assert (writer.address, writer.rule) == says.writer
        assert (writer.through[0], writer.answers_to) == (says.through, says.answers_to)


def _what_comes_with_it(parsed: parse.Parsed, says: Says) -> None:
    event, signature, report = parsed.invitation, parsed.signature, parsed.report
    assert says.inside is None or parsed.inside == says.inside
    if says.invitation is not None:
        assert event is not None
        times = [at and f"{at:%Y-%m-%d %H:%M}" for at in (event.starts, event.ends)]
        assert (event.method, event.summary, *times) == says.invitation
    if says.signature is not None:
        assert signature is not None
        assert (signature.kind, signature.result, signature.address) == says.signature
    assert parsed.encrypted == says.encrypted
    if says.failed is not None:
        assert report is not None
        told = tuple((one.address, one.is_permanent) for one in report.failures)
        assert told == says.failed


@pytest.mark.parametrize(
    "name", ["smime_encrypted", "pgp_encrypted", "pgp_encrypted_in_the_text", "pgp_valid"]
)
def test_without_a_key_a_letter_stays_closed_and_a_signature_unchecked(
    name: str, tmp_path: Path
) -> None:
    parsed = parse.parse((MAILS / f"{name}.eml").read_bytes(), tmp_path)

    if parsed.signature is not None:
        assert parsed.signature.result == "not_checked"
    else:
        assert parsed.encrypted == "closed"
        assert "Secret" not in parsed.inbound.text


def test_without_gnupg_nothing_is_checked_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    parsed = parse.parse((MAILS / "pgp_valid.eml").read_bytes(), tmp_path, KEYS)

    assert parsed.signature is not None
    assert parsed.signature.result == "not_checked"
    assert parsed.inbound.text == "Signed words: á."


def test_a_signature_is_worth_nothing_where_its_authority_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(MAILS / "keys" / "help.pem"))
    smime.trusted.cache_clear()
    parsed = parse.parse((MAILS / "smime_valid.eml").read_bytes(), tmp_path)
    smime.trusted.cache_clear()

    assert parsed.signature is not None
    assert parsed.signature.result == "unknown"

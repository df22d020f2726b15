"""Whether a letter comes from the domain that it names, asked of a real name server of ours."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from deskbell.channels.mail import authentic, dmarc, ids, letters
from deskbell.channels.mail.models import Letter
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.fakes import names

# pyspf's own, in its source and in how it asks.
pytestmark = [
    pytest.mark.filterwarnings("ignore:please use dns.resolver.resolve:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning"),
]

KEY = rsa.generate_private_key(65537, 2048)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
).decode()
THEIRS, STRANGERS = "8.8.8.8", "9.9.9.9"

ZONE = {
    ("_dmarc.acme.example", "TXT"): '"v=DMARC1; p=reject"',
    ("acme.example", "TXT"): f'"v=spf1 ip4:{THEIRS} -all"',
    ("key._domainkey.acme.example", "TXT"): f'"v=DKIM1; k=rsa; p={PUBLIC[:200]}" "{PUBLIC[200:]}"',
    ("key._domainkey.example.org", "TXT"): f'"v=DKIM1; k=rsa; p={PUBLIC[:200]}" "{PUBLIC[200:]}"',
    ("example.org", "TXT"): f'"v=spf1 ip4:{STRANGERS} -all"',
}


@pytest.fixture(autouse=True)
def _name_server() -> Iterator[None]:
    with names.serve(ZONE):
        yield


def letter(sender: str = "emil@acme.example", extra: str = "") -> bytes:
    return f"From: {sender}\r\nSubject: zip\r\n{extra}\r\nHello.\r\n".encode()


def signed(raw: bytes) -> bytes:
    pem = KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    signature: bytes = dkim.sign(raw, b"key", b"acme.example", pem, include_headers=[b"From"])
    return signature + raw


def check(raw: bytes, ip: str, mail_from: str) -> str:
    proof = authentic.prove(raw, peer_ip=ip, mail_from=mail_from, helo="mx.example")
    return proof.authentication


def test_a_letter_from_the_domains_own_server_passes() -> None:
    assert check(letter(), THEIRS, "emil@acme.example") == "pass"


def test_a_signed_letter_passes_from_anywhere() -> None:
    assert check(signed(letter()), STRANGERS, "list@example.org") == "pass"


def test_a_changed_letter_fails() -> None:
    changed = signed(letter()).replace(b"Hello.", b"Send money.")

    assert check(changed, STRANGERS, "list@example.org") == "fail"


def test_a_forged_sender_fails() -> None:
    assert check(letter(), STRANGERS, "mallory@example.org") == "fail"
    assert check(letter(), STRANGERS, "emil@acme.example") == "fail"


def test_a_domain_without_a_policy_is_nobodys_business() -> None:
    assert check(letter("x@example.org"), THEIRS, "x@example.org") == "none"


def test_behind_a_relay_of_ours_nobody_can_tell() -> None:
    for ip in ("127.0.0.1", "10.0.0.5", "192.168.1.1", "fd00::1", "", "nonsense"):
        assert check(letter(), ip, "mallory@example.org") == "unknown"


@pytest.mark.parametrize("raw", [b"", b"From: \r\n\r\n", b"From: a\r\nFrom: b@@c\r\n\r\n\xff"])
def test_a_broken_letter_is_no_error_of_ours(raw: bytes) -> None:
    assert check(raw, STRANGERS, "") in ("unknown", "none", "fail")


@pytest.mark.django_db
def test_somebody_who_only_looks_like_the_customer_is_not_trusted(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    message = actions.reply(ticket, Content("Try wax."), by=by(cast.bela))
    run_due()
    token = ids.message_id_for(ticket.pk, message.pk)

    def arrive(ip: str, answers: str, number: int) -> Letter:
        kept = letters.keep(
            letter(extra=f"Message-ID: <{number}@x>\r\nIn-Reply-To: <{answers}>\r\n"),
            source="smtp",
            peer_ip=ip,
            mail_from="emil@acme.example",
        )
        run_due()
        kept.refresh_from_db()
        return kept

    forged_with_token = arrive(STRANGERS, token, 1)
    real = arrive(THEIRS, token, 2)
    forged_with_an_id = arrive(STRANGERS, "2@x", 3)

    assert forged_with_token.message is not None
    assert real.message is not None
    assert forged_with_token.message.trust == "new_sender"
    assert real.message.trust == "participant"
    assert forged_with_an_id.ticket != ticket


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [
        ("mail.acme.co.uk", "acme.co.uk"),
        ("acme.example", "acme.example"),
        ("a.b.acme.example", "acme.example"),
        ("example", "example"),
        ("foo.github.io", "foo.github.io"),
    ],
)
def test_the_organisation_of_a_domain_is_what_somebody_registered(
    domain: str, organisation: str
) -> None:
    assert dmarc.organisation_of(domain) == organisation


def test_a_strict_policy_wants_the_very_domain() -> None:
    def texts(name: str) -> list[str]:
        return ["v=DMARC1; p=none; adkim=s"] if name == "_dmarc.acme.example" else []

    def result(spf: str, signed: str) -> str:
        return dmarc.result("acme.example", spf=spf, dkim=[signed], texts=texts)

    assert result("", "mail.acme.example") == "fail"
    assert result("", "acme.example") == "pass"
    assert result("mail.acme.example", "") == "pass"


@pytest.mark.once
@pytest.mark.parametrize(
    ("policy", "wish"),
    [
        ("v=DMARC1; p=reject", "reject"),
        ("v=DMARC1; p=Quarantine", "quarantine"),
        ("v=DMARC1; p=none", "none"),
        ("v=DMARC1; p=reject; pct=10", "none"),
        ("v=spf1 -all", ""),
    ],
)
def test_a_domain_says_what_it_wants_of_forged_letters(policy: str, wish: str) -> None:
    texts = {"_dmarc.acme.example": [policy]}
    assert dmarc.wish_of("acme.example", lambda name: texts.get(name, [])) == wish


@pytest.mark.once
def test_a_subdomain_may_have_a_wish_of_its_own() -> None:
    texts = {"_dmarc.acme.example": ["v=DMARC1; p=reject; sp=none"]}
    assert dmarc.wish_of("mail.acme.example", lambda name: texts.get(name, [])) == "none"
    assert dmarc.wish_of("acme.example", lambda name: texts.get(name, [])) == "reject"


def sealed(raw: bytes, results: str = "example.org; dmarc=pass") -> bytes:
    """Return the letter as the forwarder example.org hands it on, with what it saw."""
    pem = KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    seen = f"Authentication-Results: {results}\r\n".encode() + raw
    headers = dkim.arc_sign(seen, b"key", b"example.org", pem, b"example.org")
    return b"".join(headers) + seen


def test_a_forwarder_that_is_believed_vouches_for_a_letter() -> None:
    def proof(raw: bytes, *sealers: str) -> str:
        return authentic.prove(
            raw, peer_ip=STRANGERS, mail_from="x@example.org", helo="mx", sealers=sealers
        ).authentication

    forwarded = sealed(letter())
    assert proof(forwarded, "example.org") == "pass"
    assert proof(forwarded) == "fail"
    assert proof(forwarded, "elsewhere.example") == "fail"
    assert proof(sealed(letter(), "example.org; dmarc=fail"), "example.org") == "fail"
    assert proof(forwarded.replace(b"Hello.", b"Send money."), "example.org") == "fail"


@pytest.mark.django_db
def test_a_forged_letter_of_a_strict_domain_is_spam_and_a_forwarded_one_is_not(cast: Cast) -> None:
    def arrives(raw: bytes, number: int) -> Letter:
        kept = letters.keep(
            f"Message-ID: <{number}@x>\r\n".encode() + raw,
            source="smtp",
            peer_ip=STRANGERS,
            mail_from="mallory@example.org",
            rcpt=["help@desk.example"],
        )
        run_due()
        kept.refresh_from_db()
        return kept

    forged = arrives(letter(extra="To: help@desk.example\r\n"), 1)
    assert forged.ticket is not None
    assert (forged.ticket.status, forged.reason) == ("spam", "spam_forged")
    extra = "To: desk@old.example\r\nDelivered-To: desk@old.example\r\n"
    forwarded = arrives(letter("frida@acme.example", extra), 2)
    assert forwarded.ticket is not None
    assert (forwarded.ticket.status, forwarded.authentication) == ("new", "fail")
    assert forwarded.mute == "sender_forged"
    without_policy = arrives(letter("x@example.org", "To: help@desk.example\r\n"), 3)
    assert without_policy.ticket is not None
    assert without_policy.ticket.status == "new"

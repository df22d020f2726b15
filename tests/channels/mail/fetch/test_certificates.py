"""A server whose certificate nobody vouches for: exactly this one may be trusted, and no other is spoken to."""

from __future__ import annotations

import pytest

from deskbell.channels.mail.fetch import certificates, sources, trying
from deskbell.channels.mail.fetch.sources import Entry
from deskbell.errors import BadInput
from deskbell.tickets.models import Ticket
from tests.channels.mail.fetch.desk import Box, a_letter
from tests.fakes.dovecot import PASSWORD, Dovecot

pytestmark = pytest.mark.django_db

WAYS = [
    ("imap", "implicit", "imaps"),
    ("imap", "starttls", "imap"),
    ("pop3", "implicit", "pop3s"),
    ("pop3", "starttls", "pop3"),
]


def enter(box: Box, kind: str, tls: str, port: str, server: Dovecot | None = None) -> None:
    number = getattr(server or box.server, port)
    sources.enter(box.box, Entry(kind, "127.0.0.1", number, tls, box.user, PASSWORD))


@pytest.mark.parametrize(("kind", "tls", "port"), WAYS)
def test_exactly_the_one_that_a_person_has_compared_is_trusted(
    box: Box, kind: str, tls: str, port: str
) -> None:
    enter(box, kind, tls, port)
    assert trying.try_out(box.source).reason == "certificate_not_trusted"

    shown = certificates.shown_by(box.source)
    assert shown is not None
    assert (shown.names, shown.issuer) == (("127.0.0.1",), "CN=127.0.0.1")
    sources.trust(box.source, certificates.in_pairs(shown.fingerprint))
    assert trying.try_out(box.source).reason == ""
    box.start()
    box.deliver(a_letter())
    assert box.look().reason == ""
    assert Ticket.objects.count() == 1

    sources.trust(box.source, "")
    assert box.look().reason == "certificate_not_trusted"


@pytest.mark.parametrize(("kind", "tls", "port"), WAYS)
def test_nothing_is_said_to_a_server_that_shows_another_one(
    box: Box, kind: str, tls: str, port: str
) -> None:
    enter(box, kind, tls, port)
    sources.trust(box.source, "ab" * 32)
    said = trying.try_out(box.source)

    assert (said.reason, said.failed_at) == ("certificate_changed", "encrypted")
    assert box.user not in box.server.log()
    shown = certificates.shown_by(box.source)
    assert shown is not None
    assert box.user not in box.server.log()
    sources.trust(box.source, shown.fingerprint)
    assert trying.try_out(box.source).reason == ""


def test_another_server_is_not_trusted_for_the_sake_of_this_one(box: Box) -> None:
    enter(box, "imap", "implicit", "imaps")
    sources.trust(box.source, "ab" * 32)
    enter(box, "imap", "implicit", "imaps")
    assert box.source.certificate, "the same server, with another password perhaps"
    enter(box, "pop3", "implicit", "pop3s")
    assert not box.source.certificate


def test_what_is_no_fingerprint_is_refused(box: Box) -> None:
    with pytest.raises(BadInput):
        sources.trust(box.source, "ab:cd")


def test_where_nothing_is_encrypted_there_is_no_certificate(box: Box) -> None:
    assert certificates.shown_by(box.source) is None

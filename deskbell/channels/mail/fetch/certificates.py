"""What certificate a server shows, for a person who compares it and may trust exactly this one.

Nothing is said to the server but what comes before signing in.  Pages call it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509

from deskbell.channels.mail.fetch import sources
from deskbell.channels.mail.fetch.failures import FetchFailed, OtherCertificate
from deskbell.channels.mail.fetch.line import fingerprint_of
from deskbell.channels.mail.models import Source

# Of no certificate: whichever one a server shows, the line ends there.
_OF_NONE = "0" * 64
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says of itself, and its SHA-256, which nobody can imitate.

    names        the names of servers in it; empty when it has none, or cannot be read
    issuer       who stands for it
    valid_until  None when it cannot be read
    """

    fingerprint: str
    names: tuple[str, ...] = ()
    issuer: str = ""
    valid_until: datetime | None = None


def shown_by(source: Source) -> Certificate | None:
    """Return the certificate of the server; None when there is no line to it, or none that is encrypted."""
    bare = replace(sources.address_of(source), certificate=_OF_NONE)
    try:
        sources.session_with(bare).hang_up()
    except OtherCertificate as other:
        return _read(other.certificate)
    except FetchFailed:
        return None
    return None


def in_pairs(fingerprint: str) -> str:
    """Return a fingerprint as openssl prints it: "AB:12:…"."""
    pairs = (fingerprint[at : at + _PAIR] for at in range(0, len(fingerprint), _PAIR))
    return ":".join(pairs).upper()


def _read(raw: bytes) -> Certificate:
    fingerprint = fingerprint_of(raw)
    try:
        found = x509.load_der_x509_certificate(raw)
        return Certificate(
            fingerprint, _names(found), found.issuer.rfc4514_string(), found.not_valid_after_utc
        )
    except ValueError:
        return Certificate(fingerprint)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return (certificate.subject.rfc4514_string(),)
    return tuple(str(one.value) for one in names)

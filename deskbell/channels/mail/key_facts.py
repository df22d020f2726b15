"""What people recognise a key of mail by: whose it is, its fingerprint, until when it is good; opening.py keeps it.

Read off the public half when a key is added, so that no list needs to unseal a private one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from deskbell.channels.mail import pgp

LONGEST_OWNER = 320


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """owner and fingerprint are "" while unknown; until: None when it is unknown, or good for ever."""

    owner: str = ""
    fingerprint: str = ""
    until: datetime | None = None


def of_certificate(pem: bytes) -> KeyFacts:
    """Return what a certificate says of itself; its SHA-256 is its fingerprint."""
    found = x509.load_pem_x509_certificate(pem)
    return KeyFacts(
        _owner(found)[:LONGEST_OWNER],
        found.fingerprint(hashes.SHA256()).hex(),
        found.not_valid_after_utc,
    )


def of_pgp(armour: str) -> KeyFacts:
    """Return what a PGP key says of itself; nothing where GnuPG is not installed, or cannot read it."""
    records = [line.split(":") for line in pgp.described(armour).splitlines()]
    first = {record[0]: record for record in reversed(records) if len(record) > _UID}
    key = first.get("sec") or first.get("pub")
    if key is None:
        return KeyFacts()
    owner = first["uid"][_UID] if "uid" in first else ""
    fingerprint = first["fpr"][_UID].lower() if "fpr" in first else ""
    return KeyFacts(owner[:LONGEST_OWNER], fingerprint, _moment(key[_EXPIRES]))


# Where in a record of `gpg --with-colons` it stands; of "fpr" the fingerprint stands where a name does.
_EXPIRES, _UID = 6, 9


def _moment(seconds: str) -> datetime | None:
    return datetime.fromtimestamp(int(seconds), UTC) if seconds.isdecimal() else None


def _owner(certificate: x509.Certificate) -> str:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return certificate.subject.rfc4514_string()
    addresses = names.get_values_for_type(x509.RFC822Name)
    return ", ".join(addresses) or certificate.subject.rfc4514_string()

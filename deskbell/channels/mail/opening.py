"""The keys of mail: private ones that open letters to a mail box, public ones that check customers' signatures.

Private keys are sealed like all secrets, and unsealed for one letter that is encrypted: it goes to a reader of its
own, which is ended afterwards.  Keys that come in letters are never kept.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from django.utils.translation import gettext as _

from deskbell import clock
from deskbell.channels.mail import key_facts, pgp
from deskbell.channels.mail.models import MailBox, MailKey
from deskbell.channels.mail.wrapped import AllKeys
from deskbell.errors import BadInput
from deskbell.security import secrets

# Every armoured key in a file, whole.
_ARMOUR = re.compile(
    r"-----BEGIN PGP (?P<what>PUBLIC|PRIVATE) KEY BLOCK-----.*?-----END PGP (?P=what) KEY BLOCK-----",
    re.DOTALL,
)
_ENCRYPTED = re.compile(rb"pkcs7-mime|multipart/encrypted|BEGIN PGP MESSAGE", re.IGNORECASE)
_PGP = re.compile(rb"application/pgp|BEGIN PGP ", re.IGNORECASE)
# More keys than these are not handed to a reader.
_MOST_KEYS = 200
MAX_KEY_BYTES = 200_000


def add_box_key(address: str, raw: bytes, passphrase: str = "") -> MailKey:
    """Keep a private key that opens letters to the mail box at `address`, and return it.

    raw  PEM with certificate and key, PKCS#12, or an armoured PGP private key without a passphrase
    Raises BadInput.
    """
    box = MailBox.objects.filter(address=address.strip().lower(), archived_at=None).first()
    if box is None:
        raise BadInput("address", _("There is no mail box with this address."))
    _require_size(raw)
    if armour := _armoured(raw, "PRIVATE"):
        return _keep(box, MailKey.Kind.PGP, secrets.seal(armour), armour)
    pem = _certificate_with_key(raw, passphrase)
    return _keep(box, MailKey.Kind.SMIME, secrets.seal(pem), pem)


def add_public_key(raw: bytes) -> MailKey:
    """Keep the PGP public key of a customer, whose signatures count from now on.  Raises BadInput."""
    _require_size(raw)
    armour = _armoured(raw, "PUBLIC")
    if not armour:
        raise BadInput("file", _("There is no PGP public key in it, as text."))
    return _keep(None, MailKey.Kind.PGP, armour, armour)


def remove_key(fingerprint: str) -> None:
    """Forget a key.  Raises BadInput when there is none."""
    if not MailKey.objects.filter(fingerprint=fingerprint).delete()[0]:
        raise BadInput("key", _("There is no such key."))


def keys_for(letter: Path) -> AllKeys | None:
    """Return the keys with which the letter at this path is to be read; None when it needs none, as most."""
    if not MailKey.objects.exists():
        return None
    encrypted, is_pgp = _looks(letter, _ENCRYPTED), _looks(letter, _PGP)
    if not (encrypted or is_pgp):
        return None
    private = [one for one in MailKey.objects.exclude(box=None)[:_MOST_KEYS] if encrypted]
    opened = {one: _unsealed(one) for one in private}
    public = MailKey.objects.filter(box=None).order_by("-id")[:_MOST_KEYS] if is_pgp else ()
    return AllKeys(
        tuple(key for one, key in opened.items() if one.kind == MailKey.Kind.SMIME and key),
        pgp.Keys(
            tuple(one.material for one in public),
            tuple(key for one, key in opened.items() if one.kind == MailKey.Kind.PGP and key),
        ),
    )


def _keep(box: MailBox | None, kind: str, material: str, plain: str) -> MailKey:
    fingerprint = hashlib.sha256(plain.encode()).hexdigest()[:16]
    is_pgp = kind == MailKey.Kind.PGP
    known = key_facts.of_pgp(plain) if is_pgp else key_facts.of_certificate(plain.encode())
    return MailKey.objects.update_or_create(
        fingerprint=fingerprint,
        defaults={
            "box": box,
            "kind": kind,
            "material": material,
            "added_at": clock.now(),
            "owner": known.owner,
            "public_fingerprint": known.fingerprint,
            "good_until": known.until,
        },
    )[0]


def _unsealed(key: MailKey) -> str:
    try:
        return secrets.unseal(key.material)
    except secrets.Unreadable:
        return ""  # sealed by a secret key that is gone: the letter stays closed, which is said


def _looks(letter: Path, pattern: re.Pattern[bytes]) -> bool:
    with letter.open("rb") as file:
        if not letter.stat().st_size:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            return pattern.search(whole) is not None


def _require_size(raw: bytes) -> None:
    if len(raw) > MAX_KEY_BYTES:
        raise BadInput("file", _("This is no key: it is too large."))


def _armoured(raw: bytes, what: str) -> str:
    found = [one for one in _ARMOUR.finditer(raw.decode("latin-1")) if one["what"] == what]
    return "\n".join(one[0] for one in found) + "\n" if found else ""


def _certificate_with_key(raw: bytes, passphrase: str) -> str:
    """Return certificate and key as one PEM without a passphrase.  Raises BadInput."""
    secret = passphrase.encode() or None
    try:
        if b"-----BEGIN" in raw:
            certificate: x509.Certificate | None = x509.load_pem_x509_certificate(raw)
            key: object = load_pem_private_key(raw, secret)
        else:
            key, certificate, _others = pkcs12.load_key_and_certificates(raw, secret)
    except (ValueError, TypeError) as error:
        raise BadInput(
            "file", _("There is no certificate with its key in it, or its passphrase is another.")
        ) from error
    if certificate is None or not isinstance(key, rsa.RSAPrivateKey):
        raise BadInput("file", _("A certificate with an RSA key is needed to open letters."))
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (certificate.public_bytes(Encoding.PEM) + plain).decode("ascii")

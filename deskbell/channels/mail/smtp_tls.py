"""The certificate with which the desk's own SMTP server offers STARTTLS, read again when its files change.

The operator names one; without that the desk makes one of its own, which keeps letters from being read on the way but
proves nothing: servers that send to a mail exchanger do not ask for more (RFC 7435).
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from deskbell import clock

log = structlog.get_logger(__name__)

OWN_FILE = "smtp-certificate.pem"
# Whoever pinned it would have to look again; nobody pins it.
LASTS = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class _Files:
    """Where certificate and key lie, and when they were written."""

    certificate: Path
    key: Path
    stamps: tuple[int, int]


class Tls:
    """Gives the context for a handshake; one that cannot be had is told in the log, and STARTTLS is not offered."""

    def __init__(self) -> None:
        self._files: _Files | None = None
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext | None:
        """Return the context of the certificate as it lies there now; the one before while that cannot be read."""
        try:
            files = _files()
            if files != self._files:
                self._context, self._files = _context_of(files), files
        except (OSError, ssl.SSLError, ValueError) as error:
            log.warning("smtp.no_certificate", error=type(error).__name__)
        return self._context


def _files() -> _Files:
    certificate = Path(settings.SMTP_CERTIFICATE or settings.DATA / OWN_FILE)
    key = Path(settings.SMTP_KEY or certificate)
    if not settings.SMTP_CERTIFICATE and not certificate.exists():
        _make(certificate)
    return _Files(certificate, key, (certificate.stat().st_mtime_ns, key.stat().st_mtime_ns))


def _context_of(files: _Files) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.certificate, files.key)
    return context


def _make(path: Path) -> None:
    """Write a certificate that the desk signs for itself, and its key, for its owner's eyes."""
    # Imported here: it costs the start of every other desk its time.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    host = (urlsplit(settings.DESK_URL).hostname or "deskbell")[:64]
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LASTS)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    draft.replace(path)

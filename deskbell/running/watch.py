"""What is looked at every hour and kept until it is shown: the certificate that people are served, and the free disk.

Kept as small files in the data folder, for they tell of this machine, not of the desk.
"""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings

from deskbell import clock

CONNECT_SECONDS = 3.0
HTTPS_PORT = 443
DAYS_KEPT = 30
# Before there are as many days between two looks, what they say of the time to come is chance.
DAYS_NEEDED = 2


@dataclass(frozen=True)
class Certificate:
    """What was served at DESKBELL_URL when it was looked at.

    expires_at  None when none was served
    problem     why a browser would not trust it, or nothing came; "" when all is well
    """

    looked_at: datetime
    expires_at: datetime | None
    problem: str


def look() -> None:
    """Look at certificate and disk, and keep what is found.  The timetable calls it."""
    look_at_certificate()
    _look_at_disk()


def look_at_certificate() -> None:
    """Ask for the page's certificate as a browser does, when DESKBELL_URL is https."""
    url = urlsplit(settings.DESK_URL)
    if url.scheme != "https" or not url.hostname:
        _certificate_file().unlink(missing_ok=True)
        return
    found = served_at(url.hostname, url.port or HTTPS_PORT)
    _write(
        _certificate_file(),
        {
            "url": settings.DESK_URL,
            "looked_at": found.looked_at.isoformat(),
            "expires_at": found.expires_at.isoformat() if found.expires_at else None,
            "problem": found.problem,
        },
    )


def served_at(host: str, port: int) -> Certificate:
    """Return what is served at host and port, within a few seconds."""
    problem = ""
    try:
        with _spoken(ssl.create_default_context(), host, port) as line:
            certificate = line.getpeercert(binary_form=True)
    except ssl.SSLCertVerificationError as error:
        problem = error.verify_message
        certificate = _whatever_is_served(host, port)
    except (OSError, ValueError) as error:
        return Certificate(clock.now(), None, getattr(error, "strerror", None) or str(error))
    if not certificate:
        return Certificate(clock.now(), None, problem)
    expires_at = x509.load_der_x509_certificate(certificate).not_valid_after_utc
    return Certificate(clock.now(), expires_at, problem)


def certificate() -> Certificate | None:
    """Return what the last look found; None when nobody has looked at this address yet."""
    found = _read(_certificate_file())
    try:
        if found["url"] != settings.DESK_URL:
            return None
        return Certificate(
            datetime.fromisoformat(found["looked_at"]),
            datetime.fromisoformat(found["expires_at"]) if found["expires_at"] else None,
            str(found["problem"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def shrinks_by_bytes() -> float | None:
    """Return by how many bytes the free disk has shrunk each day lately; negative when it grew, None if unknown."""
    looks = _looks()
    if len(looks) < DAYS_NEEDED:
        return None
    (first, free_then), (last, free_now) = looks[0], looks[-1]
    days = (datetime.fromisoformat(last) - datetime.fromisoformat(first)) / timedelta(days=1)
    return (free_then - free_now) / days if days >= DAYS_NEEDED else None


def _look_at_disk() -> None:
    """Write down how much is free, once a day."""
    looks, today = _looks(), clock.now().date().isoformat()
    if looks and looks[-1][0] == today:
        return
    free = shutil.disk_usage(settings.DATA).free
    _write(_disk_file(), {"free": [*looks, (today, free)][-DAYS_KEPT:]})


def _looks() -> list[tuple[str, int]]:
    try:
        return [(str(day), int(free)) for day, free in _read(_disk_file())["free"]]
    except (KeyError, TypeError, ValueError):
        return []


def _whatever_is_served(host: str, port: int) -> bytes | None:
    """Return the certificate that was not trusted, to tell when it runs out."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with _spoken(context, host, port) as line:
            return line.getpeercert(binary_form=True)
    except OSError:
        return None


def _spoken(context: ssl.SSLContext, host: str, port: int) -> ssl.SSLSocket:
    line = socket.create_connection((host, port), timeout=CONNECT_SECONDS)
    try:
        return context.wrap_socket(line, server_hostname=host)
    except BaseException:
        line.close()
        raise


def _write(path: Path, values: dict[str, Any]) -> None:
    new = path.with_suffix(f".{secrets.token_hex(4)}")
    new.write_text(json.dumps(values))
    new.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _certificate_file() -> Path:
    path: Path = settings.DATA / "certificate.json"
    return path


def _disk_file() -> Path:
    path: Path = settings.DATA / "disk.json"
    return path

"""Letters of tests/mails on their way into the desk."""

from __future__ import annotations

from pathlib import Path

from deskbell.channels.mail import letters
from deskbell.channels.mail.models import Letter
from deskbell.work.run import run_due

MAILS = Path(__file__).parent / "mails"


def raw(name: str, **replacements: str) -> bytes:
    """Return a mail of tests/mails with some of its words replaced."""
    text = (MAILS / f"{name}.eml").read_bytes()
    for old, new in replacements.items():
        text = text.replace(old.encode(), new.encode())
    return text


def arrive(bytes_: bytes, *, mail_from: str = "someone@acme.example", rcpt: str = "") -> Letter:
    """Let a letter come by SMTP and be read; return it as it is then."""
    letter = letters.keep(
        bytes_,
        source="smtp",
        peer_ip="127.0.0.1",
        mail_from=mail_from,
        rcpt=[rcpt or "help@desk.example"],
    )
    run_due()
    letter.refresh_from_db()
    return letter

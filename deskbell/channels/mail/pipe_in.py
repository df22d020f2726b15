"""Letters from a pipe: `bin/deskbell mail in < letter`, for a mail server of the team's own.

When take() returns, the letter is on disk; whatever it raises, the mail server must keep the letter.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from deskbell.channels.mail import letters
from deskbell.channels.mail.addresses import bare
from deskbell.channels.mail.models import Letter


class NoLetter(ValueError):
    """The input is empty: trying again would bring nothing."""


def take(stream: BinaryIO) -> Letter:
    """Keep the letter that `stream` holds.  Raises NoLetter when there is none, OSError, DatabaseError.

    Mail servers say the envelope in their environment, each in its own words: for whom it came to them, and for
    whom they handed it on.
    """
    raw = stream.read()
    if not raw.strip():
        raise NoLetter("there is no letter on the input")
    sender = os.environ.get("SENDER", "")
    recipients = [os.environ.get(name, "") for name in ("ORIGINAL_RECIPIENT", "RECIPIENT")]
    return letters.keep(
        raw,
        source="pipe",
        mail_from=bare(sender),
        rcpt=[address for address in dict.fromkeys(map(bare, recipients)) if address],
    )

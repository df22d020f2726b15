"""Puts one letter from a server on our disk, with whatever is to move in the same commit.

Called by imap_walk.py and pop3_walk.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from deskbell import clock
from deskbell.channels.mail import letters
from deskbell.channels.mail.fetch.lease import Lease
from deskbell.channels.mail.models import Letter, Source

# As by SMTP.
MOST_BYTES = 50 * 1024 * 1024
# One look brings at most so many letters, so that no mail box keeps its thread for ever.
BATCH = 100
# A letter that the server did not give so often is shown, and others are no longer kept waiting.
TIMES_IN_VAIN = 5

Beside = Callable[[], None]


def keep(
    source: Source, lease: Lease, pieces: Iterator[bytes], came_at: datetime | None, beside: Beside
) -> None:
    """Keep a letter; `beside` moves with it or not at all.  Raises what `pieces` raises, and LeaseLost."""
    now = clock.now()
    came_at = min(came_at, now) if came_at else None
    lag = int((now - came_at).total_seconds()) if came_at else 0
    arrival = letters.Arrival(source.kind, box=source.box, came_at=came_at)

    def move(_letter: Letter) -> None:
        lease.renew(last_letter_at=now, lag_seconds=lag)
        beside()

    letters.keep_fetched((piece for piece in pieces), arrival, move)


def keep_refused(
    source: Source, lease: Lease, head: bytes, beside: Beside, *, reason: str, detail: str
) -> None:
    """Keep what is known of a letter that stays on its server, for people to see.  Raises LeaseLost.

    head    its headers, or nothing when they could not be had either
    reason  a code, worded by channels/mail/reasons.py
    """
    arrival = letters.Arrival(source.kind, box=source.box, refused=reason, detail=detail)

    def move(_letter: Letter) -> None:
        lease.renew(last_letter_at=clock.now())
        beside()

    note = f"X-Deskbell-Left-On-Server: {source.pk} {detail}".encode("ascii", "replace")
    words = b"\r\n".join((note, head.strip(b"\r\n"))) if head else note
    letters.keep_fetched(words + b"\r\n\r\n", arrival, move)

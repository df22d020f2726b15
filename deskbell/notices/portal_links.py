"""The address of a customer's page: signed, for one person on one ticket, good for 90 days after its letter.

Whoever holds one reads and does there what that person may (tickets/portal.py), and nothing else.  Made here for
letters, read by web/public/portal.py; web/front.py asks only whether one is ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.signing import Signer
from django.utils.crypto import constant_time_compare
from django.utils.http import base36_to_int, int_to_base36

# A season: long enough to come back to, too short for a mail box that changes hands.
GOOD_FOR = timedelta(days=90)

ROOT = "/portal/"

_PURPOSE = "deskbell.notices.portal"
_BODY = re.compile(r"([0-9]{1,18})-([0-9]{1,18})-([0-9a-z]{1,8})", re.ASCII)

# Of a link that was cut short so much must be left of its signature: 48 bits, which nobody guesses.
ENOUGH = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Whose page it is: an address (people.Address) on a ticket, or on what it was merged into.

    made_at  when the letter was written, to the second
    """

    ticket_id: int
    address_id: int
    made_at: datetime

    def is_good(self, now: datetime) -> bool:
        """Return whether its link still opens the page."""
        return now < self.made_at + GOOD_FOR


def path(place: Place) -> str:
    """Return the path of the page; the same for the same letter."""
    return f"{ROOT}{token(place)}"


def token(place: Place) -> str:
    """Return the signed token of the page."""
    seconds = int(place.made_at.timestamp())
    return _signer().sign(f"{place.ticket_id}-{place.address_id}-{int_to_base36(seconds)}")


def read(text: str) -> Place | None:
    """Return whose page a token opens, be it good still or not; None for one that we did not make."""
    body, _dot, signature = text.partition(".")
    fits = [constant_time_compare(signature, true) for true in _signatures(body)]
    return _place(body) if any(fits) else None


def recover(text: str) -> Place | None:
    """Return whose page it was that this link led to before a mail program cut it or hung something on.

    Enough for mailing a fresh link to that very person, never for opening the page.
    """
    body, _dot, signature = text.partition(".")
    if len(signature) < ENOUGH:
        return None
    fits = [constant_time_compare(signature[:ENOUGH], true[:ENOUGH]) for true in _signatures(body)]
    return _place(body) if any(fits) else None


def _signatures(body: str) -> list[str]:
    # Links live for months: those signed before a change of key still open their page.
    signer = _signer()
    return [signer.signature(body, key) for key in (signer.key, *signer.fallback_keys)]


def _place(body: str) -> Place | None:
    if (found := _BODY.fullmatch(body)) is None:
        return None
    ticket, address, seconds = found.groups()
    return Place(int(ticket), int(address), datetime.fromtimestamp(base36_to_int(seconds), UTC))


def _signer() -> Signer:
    # "." stays whole in mail programs that make links of text; ":" does not everywhere.
    return Signer(sep=".", salt=_PURPOSE)

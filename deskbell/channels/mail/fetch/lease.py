"""That one alone looks into a mail box at a time: a hold on its source that runs out by itself.

Whoever was overtaken finds it out in the transaction that would have changed something.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from deskbell import clock
from deskbell.channels.mail.models import Source

# Longer than any one exchange with a server may take, but for the largest letters.
LEASE = timedelta(minutes=2)


class LeaseLost(Exception):
    """Somebody else looks now, or nobody may."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The hold of one look.  token: nobody else's."""

    source_id: int
    token: str

    def renew(self, **columns: object) -> None:
        """Hold on, and write `columns` of the source along with it.  Raises LeaseLost."""
        mine = Source.objects.filter(pk=self.source_id, lease=self.token)
        if not mine.exclude(started_at=None).update(leased_until=clock.now() + LEASE, **columns):
            raise LeaseLost

"""Those whose provider says that they called a letter of ours spam: the desk writes nothing more to them by itself.

receipts.py adds them; asked for every letter that nobody wrote.  What an agent writes still goes out.
"""

from __future__ import annotations

from deskbell import clock
from deskbell.channels.mail.models import Complaint


def add(address: str) -> None:
    """Remember that somebody complained; twice is once."""
    Complaint.objects.get_or_create(
        address=address.lower(), defaults={"complained_at": clock.now()}
    )


def has_complained(address: str) -> bool:
    """Whether this address wants nothing that the desk writes by itself."""
    return Complaint.objects.filter(address=address.lower()).exists()

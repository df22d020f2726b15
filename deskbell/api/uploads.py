"""Files that were sent ahead of the message that will name them, kept for a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from deskbell import clock
from deskbell.api.models import Upload
from deskbell.channels.sent_files import safe_name, safe_type
from deskbell.tickets import files

if TYPE_CHECKING:
    from typing import BinaryIO

    from deskbell.people.models import Agent

KEPT = timedelta(hours=24)


def take(agent: Agent, source: BinaryIO, *, name: str, content_type: str) -> Upload:
    """Keep a file of `agent` until a message names it, and return where it waits.

    The bytes are synced before the row is written.
    """
    kept = files.keep(source)
    return Upload.objects.create(
        agent=agent,
        name=safe_name(name),
        content_type=safe_type(content_type),
        size_bytes=kept.size_bytes,
        sha256=kept.sha256,
        created_at=clock.now(),
    )


def waits(sha256: str) -> bool:
    """Return whether a file with this sum waits for its message: its bytes are needed."""
    return Upload.objects.filter(sha256=sha256).exists()


def forget_old() -> int:
    """Forget the files that no message named within a day; return how many.  The timetable calls it."""
    return Upload.objects.filter(created_at__lte=clock.now() - KEPT).delete()[0]

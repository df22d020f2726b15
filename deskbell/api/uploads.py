"""Files that were sent ahead of the message that will name them, kept for a day."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from deskbell import clock
from deskbell.api.models import Upload
from deskbell.channels.mail.decode import one_line
from deskbell.tickets import files

if TYPE_CHECKING:
    from typing import BinaryIO

    from deskbell.people.models import Agent

KEPT = timedelta(hours=24)

ANY_TYPE = "application/octet-stream"

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")


def take(agent: Agent, source: BinaryIO, *, name: str, content_type: str) -> Upload:
    """Keep a file of `agent` until a message names it, and return where it waits.

    The bytes are synced before the row is written.
    """
    kept = files.keep(source)
    return Upload.objects.create(
        agent=agent,
        name=_safe_name(name),
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


def safe_type(content_type: str) -> str:
    """Return what a file says it is, when that is a type at all: it goes into a header."""
    wanted = content_type.partition(";")[0].strip().lower()[:150]
    return wanted if _TYPE.fullmatch(wanted) else ANY_TYPE


def _safe_name(name: str) -> str:
    """Return the last part of a file's name, in one line."""
    last = one_line(name).replace("\\", "/").rpartition("/")[2]
    return last[-255:] or _("file")

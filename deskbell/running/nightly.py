"""The backup of every night: made once the night has begun, in a process of its own, for it may take long.

The timetable asks every hour, so that one that failed, or was slept through, is made up for.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, time, timedelta, tzinfo

import structlog
from django.conf import settings

from deskbell import clock
from deskbell.backups import make, shelf
from deskbell.backups.errors import BackupFailed
from deskbell.people.models import Desk
from deskbell.people.zones import zone_named

log = structlog.get_logger(__name__)

# In the desk's zone.
BEGINS_AT = time(1)


def back_up_when_due() -> None:
    """Begin the backup of this night when there is none yet.  The timetable calls it."""
    if is_due(clock.now()) and not shelf.under_way():
        begin()


def is_due(now: datetime) -> bool:
    """Return whether this night's backup is still to be made; a new desk waits for its first night."""
    desk = Desk.get()
    if not desk.backs_up_nightly or desk.set_up_at is None:
        return False
    newest = max((one.at for one in shelf.kept() if one.why == shelf.NIGHTLY), default=None)
    return (newest or desk.set_up_at) < last_night(now, zone_named(desk.time_zone))


def last_night(now: datetime, zone: tzinfo, begins_at: time = BEGINS_AT) -> datetime:
    """Return when the night began that `now` lies in or after, in UTC: once a day, also when clocks are changed.

    An hour that a day has not is the one after it; of an hour that it has twice, the first counts.
    """
    day = now.astimezone(zone).date()
    began = datetime.combine(day, begins_at, zone).astimezone(UTC)
    if began > now:
        began = datetime.combine(day - timedelta(days=1), begins_at, zone).astimezone(UTC)
    return began


def begin() -> subprocess.Popen[bytes]:
    """Start the process that makes it, and return at once."""
    environ = {**os.environ, "DESKBELL_DATA": str(settings.DATA)}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "deskbell.running.nightly_process"],
        env=environ,
        stdin=subprocess.DEVNULL,
    )
    # Somebody has to hear that it ended, or it stays in the list of processes.
    threading.Thread(target=process.wait, daemon=True, name="nightly backup").start()
    return process


def make_it() -> bool:
    """Make the backup of this night in this process; a failure is written down and shown on the health page."""
    try:
        made = make.back_up(why=shelf.NIGHTLY)
    except BackupFailed as failed:
        shelf.remember_failure(str(failed))
        log.error("backup.failed", reason=str(failed))  # noqa: TRY400 -- the sentence says it all
        return False
    shelf.forget_failure()
    log.info("backup.made", size_bytes=made.size_bytes, **made.manifest.counts)
    return True


def switch(*, on: bool) -> None:
    """Make a backup every night from now on, or none."""
    desk = Desk.get()
    desk.backs_up_nightly = on
    desk.save(update_fields=("backs_up_nightly",))

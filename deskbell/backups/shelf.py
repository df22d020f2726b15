"""The folder data/backups: how backups are called, which are kept, and whether one is being made.

While one is being made nothing is shredded, so that every file that its database names is still there to be copied:
those who shred ask `under_way` first.
"""

from __future__ import annotations

import fcntl
import json
import math
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings

from deskbell import clock
from deskbell.backups.errors import BackupFailed

BY_HAND, NIGHTLY, BEFORE_UPGRADE = "by-hand", "nightly", "before-upgrade"
# How many of a kind stay; what somebody made by hand is theirs to remove.
KEPT = {NIGHTLY: 7, BEFORE_UPGRADE: 3}

# Whoever asks whether a backup is under way holds the lock for less.
MOMENT_SECONDS = 0.5

NAME = re.compile(r"(by-hand|nightly|before-upgrade)-(\d{8}-\d{6}-\d{6})\.tar\.gz")
TIME = "%Y%m%d-%H%M%S-%f"


@dataclass(frozen=True)
class Kept:
    """A backup on the shelf."""

    path: Path
    why: str
    at: datetime
    size_bytes: int


@dataclass(frozen=True)
class Failure:
    """The last attempt of a night, when it failed."""

    at: datetime
    sentence: str


def folder() -> Path:
    """Return the folder of the shelf, made when it is missing."""
    path: Path = settings.DATA / "backups"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def name_for(why: str) -> str:
    """Return how a backup that is made now is called."""
    return f"{why}-{clock.now():{TIME}}.tar.gz"


def kept() -> list[Kept]:
    """Return what stands on the shelf, the newest first."""
    found = []
    for path in folder().iterdir():
        if match := NAME.fullmatch(path.name):
            at = datetime.strptime(match[2], TIME).replace(tzinfo=UTC)
            found.append(Kept(path, match[1], at, path.stat().st_size))
    return sorted(found, key=lambda one: one.at, reverse=True)


def tidy(why: str) -> None:
    """Remove the oldest of a kind beyond those that are kept."""
    same = [one for one in kept() if one.why == why]
    for one in same[KEPT.get(why, len(same)) :]:
        one.path.unlink(missing_ok=True)


@contextmanager
def alone(*, wait: bool) -> Iterator[None]:
    """Be the only backup of this desk inside the block, and hold off whoever shreds.

    wait  for another one that is under way; else it is BackupFailed
    """
    with _lock_file().open("w") as file:
        until = time.monotonic() + (math.inf if wait else MOMENT_SECONDS)
        while not _locked(file, fcntl.LOCK_EX):
            if time.monotonic() > until:
                raise BackupFailed("Another backup of this desk is being made. Wait for it.")
            time.sleep(0.05)
        _sweep()
        yield


def under_way() -> bool:
    """Return whether a backup is being made: then nothing that its database may name is removed."""
    with _lock_file().open("w") as file:
        return not _locked(file, fcntl.LOCK_SH)


def remember_failure(sentence: str) -> None:
    """Write down why the backup of this night failed."""
    text = json.dumps({"at": clock.now().isoformat(), "sentence": sentence})
    _failure_file().write_text(text)


def forget_failure() -> None:
    """It has worked again."""
    _failure_file().unlink(missing_ok=True)


def last_failure() -> Failure | None:
    """Return why the last backup of a night failed; None when it did not."""
    try:
        found = json.loads(_failure_file().read_text())
        return Failure(datetime.fromisoformat(found["at"]), str(found["sentence"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _locked(file: IO[str], how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sweep() -> None:
    """Remove what a backup left behind that was killed; this one is alone now."""
    for path in folder().glob(".*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _lock_file() -> Path:
    path: Path = settings.DATA / "backup.lock"
    return path


def _failure_file() -> Path:
    return folder() / "failed.json"

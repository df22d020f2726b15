"""Bytes of attachments: one file for each content in the data folder, named by its sha256.

Written and synced before the transaction that names them, so that a row never points at nothing; a file
that no row names is harmless.  What was taken out for good is shredded by a job.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings

from deskbell import clock
from deskbell.backups import shelf
from deskbell.tickets.models import Attachment, DraftFile
from deskbell.work.jobs import Later, enqueue, job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK_BYTES = 1 << 20

SHRED_JOB = "shred_file"
# A file this young may belong to a message whose transaction is still under way.
YOUNG = timedelta(hours=1)
BACKUP_PAUSE = timedelta(minutes=1)
# Who else may name a file, by its sum: filled at start-up, the heart knows none of them.
named_elsewhere: list[Callable[[str], bool]] = []


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is safe on disk."""

    sha256: str
    size_bytes: int


def keep(source: bytes | BinaryIO) -> Kept:
    """Write `source` to the data folder and sync it.  The same bytes twice are kept once.

    Raises OSError when the disk is full or away.
    """
    folder = settings.DATA / "files" / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    passing = folder / secrets.token_hex(16)
    try:
        kept = _write(passing, source)
        _settle_down(passing, path_of(kept.sha256))
    finally:
        passing.unlink(missing_ok=True)
    return kept


def path_of(sha256: str) -> Path:
    """Return where the bytes with this sum lie."""
    path: Path = settings.DATA / "files" / sha256[:2] / sha256[2:4] / sha256
    return path


def without_file() -> Iterator[Attachment]:
    """Yield the attachments whose bytes should lie in the folder and do not; `bin/deskbell check` asks."""
    for attachment in Attachment.objects.exclude(sha256="").order_by("pk").iterator():
        if not path_of(attachment.sha256).exists():
            yield attachment


def shred_later(sha256: str) -> None:
    """Ask for the bytes with this sum to be removed, in the caller's transaction."""
    enqueue(SHRED_JOB, key=sha256, sha256=sha256)


@job(SHRED_JOB)
def shred_file(sha256: str) -> None:
    """Remove the bytes with this sum unless an attachment names them.

    Raises Later while they are young, or named by something that passes, like a file sent ahead of its message;
    and while a backup is made, whose database may still name them.
    """
    path = path_of(sha256)
    if shelf.under_way():
        raise Later(clock.now() + BACKUP_PAUSE, "backup_under_way")
    with _folder_lock():
        if not path.exists() or Attachment.objects.filter(sha256=sha256).exists():
            return
        old_enough = datetime.fromtimestamp(path.stat().st_mtime, UTC) + YOUNG
        if old_enough > clock.now():
            raise Later(old_enough, "young")
        drafted = DraftFile.objects.filter(sha256=sha256).exists()
        if drafted or any(names(sha256) for names in named_elsewhere):
            raise Later(clock.now() + YOUNG, "named_elsewhere")
        path.unlink()


@contextmanager
def _folder_lock() -> Iterator[None]:
    """Hold the folder of files against whoever keeps or shreds at the same moment, in any process."""
    folder = settings.DATA / "files"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _write(path: Path, source: bytes | BinaryIO) -> Kept:
    total, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for chunk in [source] if isinstance(source, bytes) else _chunks(source):
            total.update(chunk)
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Kept(total.hexdigest(), size)


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: source.read(CHUNK_BYTES), b"")


def _settle_down(passing: Path, path: Path) -> None:
    """Give the file its lasting name, and sync the folder so that the name survives a power cut."""
    with _folder_lock():
        if path.exists():
            os.utime(path)  # young again: whoever wants to shred it waits until we are written down
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        passing.rename(path)
    for folder in (path.parent, path.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

"""Bytes of attachments: one file for each content in the data folder, named by its sha256.

Written and synced before the transaction that names them, so that a row never points at nothing; a file
that no row names is harmless.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK_BYTES = 1 << 20


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
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    passing.rename(path)
    for folder in (path.parent, path.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

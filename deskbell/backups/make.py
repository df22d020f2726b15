"""A backup is made while the desk runs: `back_up` for an operator, for the night, and before an upgrade."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.db import connection

from deskbell import __version__, clock
from deskbell.backups import archive, postgres, shelf, sqlite
from deskbell.backups.archive import Manifest, Told, say_nothing
from deskbell.backups.contents import Contents
from deskbell.backups.errors import BackupFailed

# What lies in the data folder and is nothing to keep: other backups, what passes, who runs now and where, and what
# was seen of this machine (running/watch.py).
LEFT_OUT = frozenset({"backups", "workers", "tmp", "address", "certificate.json", "disk.json"})
PASSING_FOLDERS = frozenset({"tmp"})
PASSING_ENDS = (".lock", ".door")
KEY = "data/secret-key"


@dataclass(frozen=True)
class Made:
    """A backup that is there, whole and synced."""

    path: Path
    size_bytes: int
    manifest: Manifest


def back_up(
    to: Path | None = None,
    *,
    why: str = shelf.BY_HAND,
    wait: bool = False,
    told: Told = say_nothing,
) -> Made:
    """Put all of the desk into one file, which is as secret as the desk itself.

    to    the file, or a folder for it; None is data/backups
    wait  for another backup that is under way, instead of refusing
    1. Be alone, and hold off whoever shreds.
    2. Copy the database, as of one moment.
    3. Then copy the files: each that the copy names was there before it, and is still there.
    4. Name it only when it is whole and on disk.
    Raises BackupFailed; then nothing is left of it.
    """
    with shelf.alone(wait=wait), _failing_in_words():
        path = _place(to, why)
        manifest = _write(path, why, told)
        shelf.tidy(why)
    return Made(path, path.stat().st_size, manifest)


def _place(to: Path | None, why: str) -> Path:
    path = shelf.folder() if to is None else to.expanduser().absolute()
    if path.is_dir():
        path /= shelf.name_for(why)
    if path.exists():
        raise BackupFailed(f"{path} is there already, and nothing is ever overwritten.")
    if not path.parent.is_dir():
        raise BackupFailed(f"There is no folder {path.parent}.")
    return path


def _write(path: Path, why: str, told: Told) -> Manifest:
    passing = Path(tempfile.mkdtemp(prefix=".backup-", dir=path.parent))
    try:
        at = clock.now()
        copy, found = _copy_database(passing, told)
        part = passing / "part"
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            careful = cast(BinaryIO, archive.Careful(file, path.parent))
            manifest = Manifest(
                deskbell=__version__,
                engine=found.engine,
                engine_version=found.engine_version,
                at=at.isoformat(timespec="seconds"),
                why=why,
                desk=found.desk,
                counts=found.counts,
                migrations=found.migrations,
            )
            manifest = _fill(careful, copy, manifest, at.timestamp(), told)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        _sync_folder(path.parent)
    finally:
        shutil.rmtree(passing, ignore_errors=True)
    return manifest


def _copy_database(passing: Path, told: Told) -> tuple[Path, Contents]:
    database = connection.settings_dict
    if connection.vendor == "postgresql":
        copy = passing / "deskbell.pgdump"
        return copy, postgres.dump(database, copy)
    copy = passing / "deskbell.sqlite3"
    found = sqlite.copy(
        Path(database["NAME"]), copy, lambda done, total: told("pages", done, total)
    )
    return copy, found


def _fill(file: BinaryIO, copy: Path, manifest: Manifest, mtime: float, told: Told) -> Manifest:
    key = f"{settings.SECRET_KEY}\n".encode()
    total = copy.stat().st_size + len(key) + sum(size for _name, _path, size in _files())
    done = 0

    def step(size: int) -> None:
        nonlocal done
        done += size
        told("bytes", min(done, total), total)  # letters may have come since they were counted

    with archive.Writer(file, step=step) as writer:
        writer.add(f"database/{copy.name}", copy)
        # The key may come from the environment: without it, links and sealed passwords would be lost.
        writer.add_bytes(KEY, key, mtime)
        for name, path, _size in _files():
            with suppress(FileNotFoundError):  # what the database names is not removed meanwhile
                writer.add(f"data/{name}", path)
        whole = replace(manifest, counts={**manifest.counts, "files": writer.members})
        return writer.end(whole, mtime)


def _files() -> Iterator[tuple[str, Path, int]]:
    """Yield (name below the data folder, path, size) of all that is to be kept.

    Whatever folder somebody adds to the desk is kept without a word here; what is left out is named.
    """
    data: Path = settings.DATA
    database = Path(str(connection.settings_dict["NAME"])).name
    for where, folders, names in os.walk(data, onerror=_refuse, followlinks=True):
        place = Path(where).relative_to(data)
        at_the_top = place == Path()
        left_out = LEFT_OUT if at_the_top else PASSING_FOLDERS
        folders[:] = [one for one in sorted(folders) if one[0] != "." and one not in left_out]
        for name in sorted(names):
            passes = name == "lock" or name.endswith(PASSING_ENDS) or name in left_out
            apart = at_the_top and (name == "secret-key" or name.startswith(database))
            path = Path(where, name)
            if not (passes or apart) and path.is_file():
                with suppress(FileNotFoundError):
                    yield (place / name).as_posix(), path, path.stat().st_size


def _refuse(error: OSError) -> None:
    """Let a folder that cannot be read fail the backup, not lack in it; one that has just gone was passing."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _failing_in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
        raise BackupFailed(
            f"The backup could not be written: {what}. Nothing is left of it."
        ) from error
    except (sqlite3.Error, subprocess.SubprocessError) as error:
        raise BackupFailed(f"The database could not be copied: {error}.") from error

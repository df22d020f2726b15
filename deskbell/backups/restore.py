"""A desk is brought back from a backup, into a place where there is none.

No Django runs here: its settings would begin a desk of their own in the very folder that must be empty.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from deskbell import environment
from deskbell.backups import archive, postgres
from deskbell.backups.archive import Manifest, Told, say_nothing
from deskbell.backups.errors import BackupFailed

# There while a restore fills the folder; whoever finds it later finds half a desk.
UNDER_WAY = ".restoring"
# What a worker of the old place had in hand: nobody here waits until its lease would have run out.
LET_GO = "UPDATE work_job SET state = 'waiting', worker = '', leased_until = NULL WHERE state = 'running'"


def restore(file: Path, environ: Mapping[str, str], told: Told = say_nothing) -> Manifest:
    """Bring the desk in `file` back into the data folder, and the database, that `environ` names.

    1. Read the whole file and compare every checksum.
    2. Refuse a place where there is anything.
    3. Unpack into a folder inside the data folder; PostgreSQL takes its dump in one transaction.
    4. Move everything to its place, last what makes the folder a desk: database and key.
    Raises BackupFailed; up to the end of 2 nothing has been touched.
    """
    manifest = archive.look(file, told)
    data = environment.data_folder(environ)
    database = _database(environ, data)
    _must_fit(manifest, database, environ)
    _must_be_free(data, database, manifest)
    try:
        passing = _begin(data)
        try:
            archive.unpack(file, passing, told)
            _bring_back(passing, data, database)
        except BaseException:
            if not environment.holds_a_desk({"DESKBELL_DATA": str(data)}):
                _take_back(data)
            raise
        passing.rmdir()
    except (OSError, sqlite3.Error) as error:
        what = getattr(error, "strerror", None) or str(error)
        raise BackupFailed(f"The desk could not be written to {data}: {what}.") from error
    return manifest


def was_interrupted(data: Path) -> bool:
    """Return whether half a desk lies in this folder."""
    return (data / UNDER_WAY).exists()


def _database(environ: Mapping[str, str], data: Path) -> dict[str, Any]:
    try:
        return environment.database_from(environ.get("DATABASE_URL", ""), data)
    except ValueError as error:
        raise BackupFailed(f"DATABASE_URL cannot be used: {error}.") from None


def _must_fit(manifest: Manifest, database: dict[str, Any], environ: Mapping[str, str]) -> None:
    into = "postgresql" if "postgresql" in database["ENGINE"] else "sqlite"
    if manifest.engine == into:
        return
    if manifest.engine == "postgresql":
        raise BackupFailed(
            "This backup holds a PostgreSQL database. Make an empty one and name it in"
            " DATABASE_URL: postgresql://user:password@host/name"
        )
    raise BackupFailed(
        "This backup holds a SQLite database, which lies in the data folder: unset DATABASE_URL."
    )


def _must_be_free(data: Path, database: dict[str, Any], manifest: Manifest) -> None:
    if was_interrupted(data):
        raise BackupFailed(
            f"A restore into {data} was interrupted. Remove that folder"
            " (on PostgreSQL, empty the database as well), then restore once more."
        )
    # The backups themselves may lie where the desk is to be.
    if data.exists() and any(one.name != "backups" for one in data.iterdir()):
        raise BackupFailed(
            f"{data} is not empty, and a restore overwrites nothing. Name a new folder with --data,"
            " or move what is there out of the way first."
        )
    if manifest.engine == "postgresql":
        postgres.must_be_empty(database)
    elif Path(database["NAME"]).exists():
        raise BackupFailed(f"There is a database {database['NAME']} already; nothing was touched.")


def _begin(data: Path) -> Path:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    passing = data / UNDER_WAY
    passing.mkdir(mode=0o700)
    return passing


def _bring_back(passing: Path, data: Path, database: dict[str, Any]) -> None:
    dump = passing / "database" / "deskbell.pgdump"
    if dump.exists():
        postgres.load(database, dump, then=LET_GO)
        dump.unlink()
    kept = passing / "data"
    key = kept / "secret-key"
    for path in kept.iterdir():
        if path != key:
            path.rename(data / path.name)
    copy = passing / "database" / "deskbell.sqlite3"
    if copy.exists():
        with closing(sqlite3.connect(copy)) as restored, restored:
            restored.execute(LET_GO)
        shutil.move(copy, database["NAME"])
    key.rename(data / "secret-key")
    (passing / "database").rmdir()
    kept.rmdir()


def _take_back(data: Path) -> None:
    """Leave the place as it was found."""
    for path in data.iterdir():
        if path.name == "backups":
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

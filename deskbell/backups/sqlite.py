"""A SQLite database copied while others write: the online backup, inside one reading transaction.

In WAL mode a reader keeps the state that it began with and holds up nobody, so the copy is of one moment.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from deskbell.backups.archive import must_have_room
from deskbell.backups.contents import Contents, contents
from deskbell.backups.errors import BackupFailed

# A megabyte at a time, to tell how far it is; the transaction keeps them all of one moment.
PAGES = 256


def copy(source: Path, target: Path, told: Callable[[int, int], None]) -> Contents:
    """Copy the database at `source` to the new file `target` and return what stands in the copy.

    told  called with how many pages are copied, of how many
    Raises BackupFailed when the copy is not sound, OSError, sqlite3.Error.
    """
    must_have_room(target.parent, _size(source))
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(_open(source)) as desk, closing(sqlite3.connect(target)) as made:
        desk.execute("BEGIN")
        desk.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the moment of the copy
        desk.backup(
            made,
            pages=PAGES,
            progress=lambda _status, left, total: told(total - left, total),
            sleep=0,
        )
        made.execute("PRAGMA journal_mode = DELETE")  # one file, without companions
        _must_be_sound(made)
        found = contents(lambda query: made.execute(query).fetchall())
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    return Contents("sqlite", sqlite3.sqlite_version, found.desk, found.counts, found.migrations)


def _open(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise BackupFailed(f"There is no database {path}.")
    return sqlite3.connect(path, isolation_level=None, timeout=30)


def _size(path: Path) -> int:
    return sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*") if one.is_file())


def _must_be_sound(made: sqlite3.Connection) -> None:
    [(said,)] = made.execute("PRAGMA quick_check(1)").fetchall()
    if said != "ok":
        raise BackupFailed(
            f"The database is damaged, so no backup was made of it: {said}. Keep the backups"
            " that there are, and restore the newest of them into a new folder."
        )

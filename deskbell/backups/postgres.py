"""A PostgreSQL database copied and brought back by its own pg_dump and pg_restore.

The dump is of one moment: it reads through the snapshot of a transaction that also counts what stands in it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskbell.backups.contents import Contents, contents
from deskbell.backups.errors import BackupFailed

if TYPE_CHECKING:
    import psycopg

# Where Debian puts the tools of each version.
PLACES = Path("/usr/lib/postgresql")
NUMBER = re.compile(r"\(PostgreSQL\) (\d+)")

Database = dict[str, Any]


def dump(database: Database, target: Path) -> Contents:
    """Dump `database`, an entry of DATABASES, to the new file `target`; return what stands in it.

    Raises BackupFailed.
    """
    with _connection(database) as server:
        tool = _tool("pg_dump", _major(server))
        server.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        [(snapshot,)] = server.execute("SELECT pg_export_snapshot()").fetchall()
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _run(
            [tool, "--format=custom", "--compress=1", f"--snapshot={snapshot}"],
            ["--no-owner", "--no-privileges", "--file", str(target)],
            database,
        )
        found = contents(lambda query: server.execute(query).fetchall())
        version = str(_major(server))
    return Contents("postgresql", version, found.desk, found.counts, found.migrations)


def must_be_empty(database: Database) -> None:
    """Raise BackupFailed when the database holds anything, or the tools to fill it are missing."""
    with _connection(database) as server:
        _tool("pg_restore", _major(server))
        [(tables,)] = server.execute(
            "SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE relkind IN ('r', 'p', 'v', 'm') AND nspname !~ '^(pg_|information_schema$)'"
        ).fetchall()
    if tables:
        raise BackupFailed(
            f"The database {database['NAME']} is not empty. Nothing was touched: name an empty one"
            " in DATABASE_URL."
        )


def load(database: Database, source: Path, *, then: str) -> None:
    """Bring a dump back into an empty database, all of it or nothing, and run the statement `then` there.

    Raises BackupFailed.
    """
    with _connection(database) as server:
        tool = _tool("pg_restore", _major(server))
    _run(
        [tool, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"],
        ["--no-comments", str(source)],
        database,
    )
    with _connection(database) as server:
        server.execute(then)


@contextmanager
def _connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """Give a connection; what the server refuses, or that it is away, becomes BackupFailed."""
    import psycopg

    conninfo, password = _conninfo(database)
    try:
        with psycopg.connect(conninfo, password=password or None, autocommit=True) as server:
            yield server
    except psycopg.Error as error:
        raise BackupFailed(f"The database does not answer as it should: {error}".strip()) from error


def _conninfo(database: Database) -> tuple[str, str]:
    """Return the address as libpq has it, and the password, which no list of processes may show."""
    from psycopg.conninfo import make_conninfo

    options = dict(database.get("OPTIONS", {}))
    password = str(options.pop("password", "") or database.get("PASSWORD", ""))
    parts = {
        "dbname": database["NAME"],
        "user": database.get("USER"),
        "host": database.get("HOST"),
        "port": database.get("PORT"),
        **options,
    }
    return make_conninfo("", **{name: value for name, value in parts.items() if value}), password


def _run(command: list[str], more: list[str], database: Database) -> None:
    conninfo, password = _conninfo(database)
    environ = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    done = subprocess.run(  # noqa: S603 -- our own words, no shell
        [*command, "--dbname", conninfo, *more],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        name = Path(command[0]).name
        raise BackupFailed(f"{name} failed: {done.stderr.strip()[-500:] or done.returncode}")


def _major(server: psycopg.Connection[Any]) -> int:
    return server.info.server_version // 10000


def _tool(name: str, server: int) -> str:
    """Return the tool of the server's own version, or the next newer one: an older one cannot speak with it."""
    found = sorted((_version(path), path) for path in _candidates(name))
    if not found:
        raise BackupFailed(
            f"{name} is not installed, which copies a PostgreSQL database. On Debian and Ubuntu:"
            f" apt install postgresql-client. The server is PostgreSQL {server}."
        )
    for version, path in found:
        if version >= server:
            return path
    raise BackupFailed(
        f"{name} {found[-1][0]} is older than the server, PostgreSQL {server}, and cannot copy its"
        f" database. Install the tools of PostgreSQL {server} or newer."
    )


def _candidates(name: str) -> Iterator[str]:
    for path in PLACES.glob(f"*/bin/{name}"):
        yield str(path)
    if on_path := shutil.which(name):
        yield on_path


def _version(path: str) -> int:
    try:
        done = subprocess.run(  # noqa: S603
            [path, "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return 0
    found = NUMBER.search(done.stdout)
    return int(found[1]) if found else 0

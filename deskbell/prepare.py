"""Makes the desk ready before anything runs: settings looked at, database reached, tables brought
up to date, with a backup first.  The command line calls it; what it refuses is a NotReady.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.core.checks import CheckMessage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from deskbell import clock

# There while a seed is under way; seeding/load.py writes it.
SEED_NOTE = "seed-under-way.json"

# Any number, the same in every Deskbell: PostgreSQL lets one of us migrate at a time.
MIGRATION_LOCK = 0x6465736B


class NotReady(Exception):
    """The desk cannot run; the text says why and what to do."""


def ready(*, half_seeded: bool = False) -> None:
    """Prepare all of the desk.  Raises NotReady.

    half_seeded  a desk whose seed was interrupted will do: it is seeded anew
    """
    settings_ready()
    if not half_seeded:
        _refuse_half_seeded()
    database_ready()


def settings_ready() -> None:
    """Load Django with settings that can be used.  Raises NotReady."""
    django.setup()
    from deskbell import checks

    _refuse(checks.settings_are_usable())


def database_ready() -> None:
    """Reach the database and bring its tables up to date.  Raises NotReady."""
    from deskbell import checks

    _refuse(checks.database_is_usable(["default"]))
    if _lacking():
        with _one_at_a_time():
            _migrate()


def _refuse_half_seeded() -> None:
    """Such a desk has no indexes, and half of its tickets (seeding/load.py)."""
    if (settings.DATA / SEED_NOTE).exists():
        raise NotReady(
            "A seed of this desk was interrupted. Run bin/deskbell seed once more, which begins it anew,"
            " or name the folder of another desk with --data."
        )


def _refuse(problems: Sequence[CheckMessage]) -> None:
    if problems:
        raise NotReady(
            "\n".join(f"{problem.id} {problem.msg} {problem.hint or ''}" for problem in problems)
        )


def _lacking() -> list[str]:
    """Return the names of the migrations that this database lacks."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _backwards in plan]


def _migrate() -> None:
    if not _lacking():  # somebody else was first
        return
    if (
        connection.vendor == "sqlite"
        and "django_migrations" in connection.introspection.table_names()
    ):
        _back_up(settings.DATA / "backups")
    call_command("migrate", verbosity=0, interactive=False)


def _back_up(folder: Path) -> None:
    """Copy the database as it is, while others may go on reading it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"before-migration-{clock.now():%Y%m%d-%H%M%S-%f}.sqlite3"
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        copy = sqlite3.connect(path)
        connection.connection.backup(copy)
        copy.close()
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (settings.DATA / "migration.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])

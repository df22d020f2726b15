"""Makes the desk ready before anything runs: settings looked at, database reached, tables brought up to date.

An upgrade makes a backup first, then migrates all or nothing.  The command line calls it; what it refuses is a
NotReady.
"""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import django
import structlog
from django.conf import settings
from django.core.checks import CheckMessage
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from deskbell import __version__
from deskbell.backups.errors import BackupFailed

log = structlog.get_logger(__name__)

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


def database_reached() -> None:
    """See that the database answers, and leave it as it is.  Raises NotReady."""
    from deskbell import checks

    _refuse(checks.database_is_usable(["default"]))


def database_ready(*, backup: bool = True) -> None:
    """Reach the database and bring its tables up to date.  Raises NotReady.

    backup  False: the operator has one already, and an upgrade makes none
    """
    _refuse_half_restored()
    database_reached()
    executor = MigrationExecutor(connection)
    _refuse_newer(executor)
    if _lacking(executor):
        with _one_at_a_time():
            _migrate(backup=backup)


def _refuse_half_restored() -> None:
    from deskbell.backups import restore

    if restore.was_interrupted(settings.DATA):
        raise NotReady(
            f"A restore into {settings.DATA} was interrupted. Remove that folder, then restore once more."
        )


def _refuse_newer(executor: MigrationExecutor) -> None:
    """A migration that was applied and that nobody here knows was made by a newer version.

    Whoever squashes migrations keeps the old ones named in `replaces`, or old desks are refused here.
    """
    loader = executor.loader
    known = loader.disk_migrations.keys() | {
        replaced for migration in loader.disk_migrations.values() for replaced in migration.replaces
    }
    newer = sorted(f"{app}.{name}" for app, name in loader.applied_migrations.keys() - known)
    if newer:
        raise NotReady(
            f"A newer Deskbell has run on this desk ({newer[-1]}), and this is version {__version__}."
            " Nothing was changed. Run the newer version; to go back, restore the backup that it made"
            f" before the upgrade, from {settings.DATA / 'backups'}, into a new folder."
        )


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


def _lacking(executor: MigrationExecutor | None = None) -> list[str]:
    """Return the names of the migrations that this database lacks."""
    executor = executor or MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _backwards in plan]


def _migrate(*, backup: bool) -> None:
    if not _lacking():  # somebody else was first
        return
    is_upgrade = "django_migrations" in connection.introspection.table_names()
    saved = f" The backup {_back_up()} was made before." if is_upgrade and backup else ""
    try:
        with _all_or_nothing():
            call_command("migrate", verbosity=0, interactive=False)
    except Exception as error:
        log.exception("migration.failed")
        raise NotReady(
            f"The upgrade to Deskbell {__version__} failed: {error}. The desk is as it was before:"
            f" run the version that you had, and tell us about it.{saved}"
        ) from error


def _back_up() -> str:
    from deskbell.backups import make, shelf

    try:
        return str(make.back_up(why=shelf.BEFORE_UPGRADE, wait=True).path)
    except BackupFailed as failed:
        raise NotReady(
            f"Before an upgrade a backup is made, and that failed: {failed} Nothing was changed."
            " If you have a backup of your own, run: deskbell serve --without-backup"
        ) from failed


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """Let every migration happen in one transaction, which a kill or a power cut takes back, too.

    SQLite wants the checks of foreign keys off before it begins; Django makes them after each migration.
    PostgreSQL makes them at once: a table whose checks still wait could not be changed by the next migration.
    """
    connection.disable_constraint_checking()
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            yield
    finally:
        connection.enable_constraint_checking()


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

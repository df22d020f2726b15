"""Start-up checks: each has an id, a sentence and a remedy, and nothing starts while one fails."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection

OLDEST_SQLITE = (3, 35, 0)
OLDEST_POSTGRESQL = 15


def register() -> None:
    """Hand the checks to Django; apps.py calls it once."""
    checks.register(settings_are_usable)
    checks.register(database_is_usable, checks.Tags.database)


def settings_are_usable(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Return an error for every environment variable that cannot be used."""
    return [
        checks.Error(problem.sentence, hint=problem.remedy, id=problem.id)
        for problem in settings.ENVIRONMENT.problems
    ]


def database_is_usable(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[checks.CheckMessage]:
    """Return an error when the database does not answer or is too old."""
    if not databases:
        return []
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return [
            checks.Error(
                f"The database does not answer: {str(error).strip()}",
                hint="Look whether it runs, and whether DATABASE_URL names its host, user and"
                " password rightly.",
                id="deskbell.E010",
            )
        ]
    if connection.vendor == "sqlite":
        return _sqlite_is_new_enough()
    return _postgresql_is_new_enough()


def _sqlite_is_new_enough() -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    version = sqlite3.sqlite_version_info
    if version < OLDEST_SQLITE:
        found.append(
            checks.Error(
                f"SQLite {'.'.join(map(str, version))} is too old.",
                hint="Use a Python whose SQLite is 3.35 or newer, or set DATABASE_URL to a"
                " PostgreSQL server.",
                id="deskbell.E011",
            )
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'")
        if cursor.fetchone() is None:
            found.append(
                checks.Error(
                    "This SQLite was built without FTS5, which the search needs.",
                    hint="Use Debian's own python3, or set DATABASE_URL to a PostgreSQL server.",
                    id="deskbell.E012",
                )
            )
    return found


def _postgresql_is_new_enough() -> list[checks.CheckMessage]:
    version = connection.pg_version // 10000  # type: ignore[attr-defined]
    if version >= OLDEST_POSTGRESQL:
        return []
    return [
        checks.Error(
            f"PostgreSQL {version} is too old.",
            hint="Deskbell needs PostgreSQL 15 or newer.",
            id="deskbell.E013",
        )
    ]

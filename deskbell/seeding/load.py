"""Fills tables quickly: indexes and constraints are taken away before and made again after, rows go in by COPY on
PostgreSQL and by prepared statements on SQLite.

What was taken away is written to a file first: whoever is killed on the way finds it there the next time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction

from deskbell.prepare import SEED_NOTE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from deskbell.seeding.rows import Slice

# PostgreSQL: what makes an index or a constraint again, of tables whose names are given.
_INDEXES = """
SELECT tablename, indexname, indexdef FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = ANY(%s)
AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u', 'x'))
"""
_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype FROM pg_constraint
WHERE contype IN ('f', 'u') AND conrelid = ANY(%s::regclass[]) ORDER BY contype DESC
"""


def note() -> Path:
    """Return the file that is there while a seed is under way."""
    path: Path = settings.DATA / SEED_NOTE
    return path


def begin(tables: Iterable[str]) -> None:
    """Take indexes and constraints of these tables away, and write down how to make them again.  Empties the tables.

    An earlier seed that was killed is taken back first.
    """
    names = list(tables)
    if note().exists():
        put_back()
    _empty(names)
    drops, makes = _postgres_ddl(names) if _is_postgres() else _sqlite_ddl(names)
    note().write_text(json.dumps(makes))
    with transaction.atomic(), connection.cursor() as cursor:
        for drop in drops:
            cursor.execute(drop)
    _hurry(on=True)


def end(tables: Iterable[str]) -> None:
    """Make again what was taken away, let the database look at what it holds, and take the note away."""
    put_back()
    names = list(tables)
    with connection.cursor() as cursor:
        if _is_postgres():
            for name in names:
                advance_sequence(cursor, name)
            cursor.execute("ANALYZE")
        else:
            cursor.execute("ANALYZE")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    _hurry(on=False)
    note().unlink()


def put_back() -> None:
    """Make the indexes and constraints of the note again, those that are missing."""
    for make in json.loads(note().read_text()):
        if not _exists(make["table"], make["name"]):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(make["sql"])


def write(rows: Slice, tables: dict[str, tuple[str, ...]]) -> None:
    """Write a slice, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, columns in tables.items():
            _write_table(cursor, table, columns, rows[table])


def _write_table(cursor: Any, table: str, columns: tuple[str, ...], rows: Any) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    if _is_postgres():
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            copy.write(rows)
        return
    places = ", ".join("?" * len(columns))
    # Past Django's cursor, which would look for %s in every row.
    connection.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"


def _empty(names: list[str]) -> None:
    with connection.cursor() as cursor:
        if _is_postgres():
            cursor.execute(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE")
            return
        cursor.execute("PRAGMA foreign_keys = OFF")
        with transaction.atomic():
            for name in reversed(names):
                cursor.execute(f"DELETE FROM {name}")  # noqa: S608  our own names


def _hurry(*, on: bool) -> None:
    """On SQLite, sync nothing while a seed is under way: a killed process loses nothing by it, a power cut might."""
    if _is_postgres():
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA foreign_keys = {'OFF' if on else 'ON'}")
        cursor.execute(f"PRAGMA synchronous = {'OFF' if on else 'FULL'}")
        cursor.execute(f"PRAGMA cache_size = {-400_000 if on else -2000}")


def _sqlite_ddl(names: list[str]) -> tuple[list[str], list[dict[str, str]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        )
        found = [row for row in cursor.fetchall() if row[0] in names]
    makes = [{"table": table, "name": name, "sql": sql} for table, name, sql in found]
    return [f'DROP INDEX "{name}"' for _, name, _ in found], makes


def _postgres_ddl(names: list[str]) -> tuple[list[str], list[dict[str, str]]]:
    drops, makes = [], []
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINTS, [names])
        for table, name, definition, _kind in cursor.fetchall():
            drops.append(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE')
            sql = f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'
            makes.append({"table": table, "name": name, "sql": sql})
        cursor.execute(_INDEXES, [names])
        for table, name, definition in cursor.fetchall():
            drops.append(f'DROP INDEX IF EXISTS "{name}"')
            makes.append({"table": table, "name": name, "sql": definition})
    # Foreign keys are looked up by what they point at: indexes and unique constraints come first.
    makes.sort(key=lambda make: "FOREIGN KEY" in make["sql"])
    drops.sort(key=lambda drop: "CONSTRAINT" not in drop)
    return drops, makes


def _exists(table: str, name: str) -> bool:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table)
    return name in constraints


def advance_sequence(cursor: Any, table: str) -> None:
    """Let PostgreSQL number new rows of `table` after those that are there."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
    [sequence] = cursor.fetchone()
    if sequence:
        cursor.execute(f"SELECT setval(%s, GREATEST((SELECT MAX(id) FROM {table}), 1))", [sequence])  # noqa: S608

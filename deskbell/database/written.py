"""Rows written by SQL that is worked out once: what prepared.py is to reading, this is to writing.

Django works out an INSERT or UPDATE each time, which takes longer than the database needs for it.  For
rows that are written with every act on a ticket; anybody may call it.  It sends no signals: this house listens to none.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection
from django.db.models import AutoField
from django.db.models.sql import InsertQuery

from deskbell.database.prepared import prepared_cursor

if TYPE_CHECKING:
    from django.db.models import Field, Model


def insert(row: Model) -> None:
    """Insert a row that has no number yet, and give it its number; what `save(force_insert=True)` does.

    Raises IntegrityError.
    """
    sql, fields = _insertion(type(row))
    with prepared_cursor() as cursor:
        cursor.execute(sql, [_written(one, row, add=True) for one in fields])
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


def update(row: Model, *names: str) -> None:
    """Write these fields of a row, by their names or columns; what `save(update_fields=names)` does.

    Raises IntegrityError, and DatabaseError when the row is gone.
    """
    sql, fields = _change(type(row), names)
    with prepared_cursor() as cursor:
        cursor.execute(sql, [*(_written(one, row, add=False) for one in fields), row.pk])
        if not cursor.rowcount:
            raise DatabaseError(f"there is no {row._meta.label} {row.pk}")


@cache
def _insertion(model: type[Model]) -> tuple[str, tuple[Field[Any, Any], ...]]:
    """Return the INSERT of a row of `model`, which answers with its number, and the fields whose values it takes."""
    fields = [one for one in model._meta.local_concrete_fields if not isinstance(one, AutoField)]
    query = InsertQuery(model)
    query.insert_values(fields, [model()], raw=True)
    compiler = query.get_compiler(connection=connection)
    compiler.returning_fields = [model._meta.pk]
    [(sql, _params)] = compiler.as_sql()
    return sql, tuple(fields)


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[str, tuple[Field[Any, Any], ...]]:
    """Return the UPDATE of these fields of a row of `model`, by its number, and the fields whose values it takes."""
    quote = connection.ops.quote_name
    meta: Any = model._meta
    fields = tuple(meta.get_field(name) for name in names)
    changes = ", ".join(f"{quote(one.column)} = %s" for one in fields)
    sql = f"UPDATE {quote(meta.db_table)} SET {changes} WHERE {quote(meta.pk.column)} = %s"  # noqa: S608  our own names
    return sql, fields


def _written(field: Field[Any, Any], row: Model, *, add: bool) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add), connection)

"""Queries whose SQL is worked out once.

Django works the SQL of a query out each time it is asked, which takes some ten times as long as the answer; so does
PostgreSQL with how to answer it.  For what pages ask again and again, the same but for some numbers and words; anybody
may make one, at the top of a module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper
    from django.db.models import QuerySet

Row = TypeVar("Row")
# Numbers of at most 63 bits: PostgreSQL refuses larger ones.
Value = int | str | Collection[int]

# What stands in for a value while the SQL is worked out: fits any column of numbers, and is nobody's.
STAND_IN = 2_000_000_000


def prepared_cursor() -> CursorWrapper:
    """Return a cursor for SQL that is asked again and again: the database keeps its plan for this connection.

    Only for what is answered in the same way whatever the values are.
    """
    made: CursorWrapper = own_connection().prepared_cursor()
    return made


def own_connection() -> Any:
    """Return this thread's connection, of one of the backends beside this module.

    Itself, not Django's stand-in for it, which looks it up anew for each word that is asked of it.
    """
    return connections[DEFAULT_DB_ALIAS]


class Prepared(Generic[Row]):
    """A query that is asked by calling it with its values.

        tickets_of = Prepared(lambda customer: Ticket.objects.filter(customer=customer))
        tickets_of(17)

    build   returns the queryset for values that stand in for the real ones: each an int, a str, or a list of ints for
            `__in`; what the values are must not change its shape.  It prefetches nothing
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._ready: dict[tuple[int, ...], _Ready] = {}

    def __call__(self, *values: Value) -> list[Row]:
        """Return what the database finds now; one query.  In a list of nothing there is nothing."""
        given = [value if isinstance(value, int | str) else _padded(value) for value in values]
        if [] in given:
            return []
        shape = tuple(len(value) if isinstance(value, list) else 0 for value in given)
        if shape not in self._ready:
            self._ready[shape] = _work_out(self._build, given)
        return self._ready[shape].ask(_flat(given))


@dataclass(frozen=True, slots=True)
class _Ready:
    """What was worked out: the SQL, its values, and at which of them which given one stands.

    converters  what makes Python's values of the database's, by the number of the column
    """

    queryset: QuerySet[Any, Any]
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    places: dict[int, int]
    converters: dict[int, Any]

    def ask(self, values: list[int | str]) -> list[Any]:
        places = self.places
        params = [
            values[places[at]] if at in places else param for at, param in enumerate(self.params)
        ]
        # Another thread asks the same at the same time: the compiler is Django's, the connection is the thread's.
        compiler = copy(self.compiler)
        compiler.connection = own_connection()
        compiler.get_converters = lambda _columns: self.converters
        compiler.execute_sql = lambda *_args, **_options: [_rows(self.sql, params)]
        iterable: Any = vars(self.queryset)["_iterable_class"]
        return list(iterable(_Asked(self.queryset, compiler)))


def _rows(sql: str, params: Sequence[Any]) -> Any:
    with prepared_cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


class _Asked:
    """Looks like a queryset, and like its query, to those who make rows of what the database finds."""

    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, queryset: QuerySet[Any, Any], compiler: Any) -> None:
        self.model = queryset.model
        self.db = queryset.db
        self.query = self
        self._compiler = compiler

    def get_compiler(self, using: str) -> Any:
        return self._compiler


def _work_out(build: Callable[..., QuerySet[Any, Any]], given: list[int | str | list[int]]) -> Any:
    stand_ins = _stand_ins(given)
    queryset = build(*stand_ins)
    compiler = queryset.query.get_compiler(queryset.db)
    sql, params = compiler.as_sql()
    order = {value: at for at, value in enumerate(_flat(stand_ins))}
    places = {
        at: order[param]
        for at, param in enumerate(params)
        if isinstance(param, int | str) and param in order
    }
    if set(places.values()) != set(order.values()):
        raise ValueError(f"a value has no place of its own in {sql}")
    if compiler.connection.vendor == "postgresql":
        sql, places = _with_constants(sql, params, places), dict(enumerate(places.values()))
        params = range(len(places))
    columns = [column for column, _sql, _alias in compiler.select]
    return _Ready(queryset, compiler, sql, tuple(params), places, compiler.get_converters(columns))


def _with_constants(sql: str, params: Sequence[Any], places: Collection[int]) -> str:
    """Return the SQL with all that never changes written into it, which its plan is then made for."""
    at = iter(range(len(params)))
    operations = own_connection().ops

    def written(mark: re.Match[str]) -> str:
        if mark[0] == "%%" or (place := next(at)) in places:
            return mark[0]
        literal: str = operations.compose_sql("%s", [params[place]])
        return literal.replace("%", "%%")

    return re.sub("%[%s]", written, sql)


def _stand_ins(given: list[int | str | list[int]]) -> list[int | str | list[int]]:
    made: list[int | str | list[int]] = []
    for at, value in enumerate(given):
        base = STAND_IN + at * 100_000
        if isinstance(value, list):
            made.append([base + number for number in range(len(value))])
        else:
            made.append(base if isinstance(value, int) else f"stands in {base}")
    return made


def _flat(values: Iterable[int | str | list[int]]) -> list[int | str]:
    return [one for value in values for one in (value if isinstance(value, list) else [value])]


def _padded(numbers: Collection[int]) -> list[int]:
    """Return the numbers, the last one repeated up to a power of two: so there are few shapes to keep."""
    found = list(numbers)
    return found + found[-1:] * ((1 << (len(found) - 1).bit_length()) - len(found)) if found else []

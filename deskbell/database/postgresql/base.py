"""The PostgreSQL backend of Django with statements that the server keeps.

PostgreSQL works out anew how to answer each query, which for a page of the inbox takes longer than the answer.
What is asked again and again is asked by a cursor of `prepared_cursor()`: from the second time on the server keeps
the statement for this connection.  All else goes Django's way, whose values stand in the text of the query.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import psycopg
from django.db.backends.postgresql import base, operations
from psycopg._preparing import Key, Prepare, PrepareManager
from psycopg._queries import PostgresClientQuery, PostgresQuery
from psycopg.types.numeric import Int8Dumper
from typing_extensions import override

# Times that a connection asks something before the server keeps it, and how much it keeps at most.
ASKED_BEFORE, KEPT = 1, 300


class DatabaseOperations(operations.DatabaseOperations):
    """What Django asks of a backend."""

    @override
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """Return what was asked with its values in it, for those who look on: of either kind of cursor."""
        if isinstance(cursor, psycopg.ClientCursor):
            return super().last_executed_query(cursor, sql, params)
        compose: Any = self
        return compose.compose_sql(sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection, with a second kind of cursor.

    What it overrides are the hooks that Django gives its backends; the stubs do not know them.
    """

    ops_class = DatabaseOperations

    @override
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        made = super().get_new_connection(conn_params)
        # Else a number of two bytes and one of four would each be a statement of its own, in every mixture of them.
        made.adapters.register_dumper(int, Int8Dumper)
        made._prepared = _Kept()
        made.prepare_threshold, made.prepared_max = ASKED_BEFORE, KEPT
        return made

    def relaxed_commits(self) -> AbstractContextManager[None]:
        """Wait for the disk all the same (docs/decisions/0032)."""
        return nullcontext()

    def prepared_cursor(self) -> Any:
        """Return a cursor whose statements the server keeps from the second time on.

        A value may stand wherever its type can be told from what stands beside it.
        """
        made: Any = self
        made.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            return made._prepare_cursor(psycopg.Cursor(self.connection))


class _Kept(PrepareManager):
    """What the server keeps for a connection: only what the second kind of cursor asks.

    psycopg would keep book of Django's queries, too, with the words of people in them, and at the end of each of their
    savepoints that was rolled back would have the server forget everything.
    """

    @override
    def maybe_add_to_cache(self, query: PostgresQuery, prep: Prepare, name: bytes) -> Key | None:
        if isinstance(query, PostgresClientQuery):
            return None
        return super().maybe_add_to_cache(query, prep, name)

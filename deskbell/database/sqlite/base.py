"""The SQLite backend of Django with a write lock of ours around every write.

SQLite lets waiting writers poll, which is unfair: one may wait for seconds while others pass.
Here a writer queues for write_lock.py before BEGIN IMMEDIATE and lets the next one in at
commit, rollback or close.  `transaction.atomic()` is all that anybody writes.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from django.db import Error, OperationalError
from django.db.backends.sqlite3 import base
from typing_extensions import override

from deskbell.database.sqlite import write_lock

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|REINDEX)\b", re.IGNORECASE)


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection; holds the write lock from BEGIN to its end.

    What it overrides are the hooks that Django gives its backends; the stubs do not know them.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held: write_lock.WriteLock | None = None

    @override
    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=lambda connection: Cursor(connection, self))

    @contextmanager
    def relaxed_commits(self) -> Iterator[None]:
        """Do not wait for the disk at the end of a transaction inside the block."""
        if self.in_atomic_block:
            yield
            return
        usual = self._waits
        self._tell("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            self._wait_again(usual)

    def _wait_again(self, usual: int) -> None:
        """Let commits wait again; a connection that does not hear it is closed, for none may stay relaxed."""
        if self.connection is None:
            return
        try:
            self._tell(f"PRAGMA synchronous = {usual}")
        except Error:
            self.close()

    def _tell(self, statement: str) -> None:
        with self.cursor() as cursor:
            cursor.execute(statement)

    @cached_property
    def _waits(self) -> int:
        """How commits wait where they are not relaxed: FULL, unless the settings say otherwise."""
        with self.cursor() as cursor:
            cursor.execute("PRAGMA synchronous")
            (found,) = cursor.fetchone()
        return int(found)

    def prepared_cursor(self) -> Any:
        """Return a cursor for what is asked again and again: any, for SQLite keeps the statements of all."""
        return self.cursor()

    @override
    def _start_transaction_under_autocommit(self) -> None:  # type: ignore[misc]
        self._take_lock()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_lock_back()
            raise

    @override
    def _commit(self) -> None:  # type: ignore[misc]
        # When COMMIT fails the transaction is still open; Django then rolls back or closes.
        super()._commit()  # type: ignore[misc]
        self._give_lock_back()

    @override
    def _rollback(self) -> None:  # type: ignore[misc]
        super()._rollback()  # type: ignore[misc]
        self._give_lock_back()

    @override
    def _close(self) -> None:  # type: ignore[misc]
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._give_lock_back()

    @contextmanager
    def single_write(self) -> Iterator[None]:
        """Hold the lock around one statement that commits by itself."""
        self._take_lock()
        try:
            yield
        finally:
            self._give_lock_back()

    def _take_lock(self) -> None:
        lock = write_lock.for_database(str(self.settings_dict["NAME"]))
        if lock is None or self._held is not None:
            return
        wait_seconds = float(self.settings_dict["OPTIONS"].get("timeout", 5.0))
        if not lock.acquire(wait_seconds):
            raise OperationalError("database is locked: another writer does not end")
        self._held = lock

    def _give_lock_back(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.release()


class Cursor(base.SQLiteCursorWrapper):
    """Queues for the lock too when a write stands outside a transaction."""

    def __init__(self, connection: sqlite3.Connection, wrapper: DatabaseWrapper) -> None:
        super().__init__(connection)
        self._wrapper = wrapper

    @override
    def execute(self, query: str, params: Any = None) -> Any:
        if not self._is_single_write(query):
            return super().execute(query, params)
        with self._wrapper.single_write():
            return super().execute(query, params)

    @override
    def executemany(self, query: str, param_list: Iterable[Any]) -> Any:
        if not self._is_single_write(query):
            return super().executemany(query, param_list)
        with self._wrapper.single_write():
            return super().executemany(query, param_list)

    def _is_single_write(self, query: str) -> bool:
        return not self.connection.in_transaction and WRITES.match(query) is not None

"""The database's own bell: something was committed.  The worker and the live tail wait for it.

SQLite: PRAGMA data_version, 4 µs a look, every 20 ms, across processes.  PostgreSQL: LISTEN and NOTIFY.
It may ring for nothing; it never stays silent after a commit that called `tell`.
"""

import sqlite3
import time
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from django.db import DEFAULT_DB_ALIAS, connection, connections

if TYPE_CHECKING:
    import psycopg

log = structlog.get_logger(__name__)

CHANNEL = "deskbell"
# Twenty milliseconds: a third of what a person notices, and still under a thousandth of a core.
LOOK_EVERY_SECONDS = 0.02
# How long a lost connection to PostgreSQL rests before the next attempt.
RECONNECT_SECONDS = 1.0


def tell() -> None:
    """Ring at the commit of the transaction that is open (at once when none is).  Nothing to do on SQLite."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")


class Watch:
    """One listener with a connection of its own; for one thread at a time."""

    def __init__(self) -> None:
        self._ears: _Ears = _ears()

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds; return whether something may have been committed since the last call."""
        return self._ears.wait(timeout)

    def close(self) -> None:
        """Let go of the connection."""
        self._ears.close()


class _Ears(Protocol):
    def wait(self, timeout: float) -> bool: ...
    def close(self) -> None: ...


def _ears() -> _Ears:
    if connection.vendor == "postgresql":
        return _PostgresEars()
    return _SqliteEars(str(connection.settings_dict["NAME"]))


class _SqliteEars:
    """data_version changes when another connection has committed, and this one never commits."""

    def __init__(self, name: str) -> None:
        self._connection = sqlite3.connect(
            name, uri=name.startswith("file:"), isolation_level=None, check_same_thread=False
        )
        self._seen = self._version()

    def wait(self, timeout: float) -> bool:
        until = time.monotonic() + timeout
        while (version := self._version()) == self._seen:
            rest = until - time.monotonic()
            if rest <= 0:
                return False
            time.sleep(min(LOOK_EVERY_SECONDS, rest))
        self._seen = version
        return True

    def close(self) -> None:
        self._connection.close()

    def _version(self) -> int:
        row: tuple[int] = self._connection.execute("PRAGMA data_version").fetchone()
        return row[0]


class _PostgresEars:
    """LISTEN on a connection beside Django's; after an interruption it rings once, for what it may have missed."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = self._connect()

    def wait(self, timeout: float) -> bool:
        import psycopg

        try:
            if self._connection is None:
                self._connection = self._connect()
                return True
            rung = False
            for _notice in self._connection.notifies(timeout=timeout, stop_after=1):
                rung = True
            return rung
        except psycopg.Error as error:
            log.warning("signal.lost", error=type(error).__name__)
            self.close()
            time.sleep(min(RECONNECT_SECONDS, timeout))
            return False

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _connect(self) -> "psycopg.Connection[Any]":
        import psycopg

        parameters = dict(connections[DEFAULT_DB_ALIAS].get_connection_params())
        for djangos_own in (
            "cursor_factory",
            "context",
            "prepare_threshold",
            "server_side_binding",
        ):
            parameters.pop(djangos_own, None)
        ears = psycopg.connect(autocommit=True, **parameters)
        ears.execute(f"LISTEN {CHANNEL}")
        return ears

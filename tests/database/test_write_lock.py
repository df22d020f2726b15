"""The write lock of SQLite: fair between threads and processes, freed by death and failure."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, transaction

from deskbell.database.sqlite import write_lock
from deskbell.database.sqlite.write_lock import FairLock, WriteLock

HOLD = """
import sys, time
from pathlib import Path
from deskbell.database.sqlite.write_lock import WriteLock
lock = WriteLock(Path(sys.argv[1]))
turns = int(sys.argv[2])
for turn in range(turns):
    lock.acquire(60)
    print("in", flush=True)
    time.sleep(float(sys.argv[3]))
    lock.release()
"""


def another_process(database: Path, turns: int, hold_seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database), str(turns), str(hold_seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_threads_get_in_by_the_order_in_which_they_came() -> None:
    lock = FairLock()
    order: list[int] = []
    assert lock.acquire(1)

    def wait_in_line(number: int) -> None:
        assert lock.acquire(10)
        order.append(number)
        lock.release()

    threads = [threading.Thread(target=wait_in_line, args=(number,)) for number in range(8)]
    for number, thread in enumerate(threads):
        thread.start()
        while len(lock._line) <= number:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_who_waits_too_long_leaves_the_line_and_the_next_one_gets_in() -> None:
    lock = FairLock()
    assert lock.acquire(0)
    assert not lock.acquire(0.01)
    lock.release()
    assert lock.acquire(0)


def test_who_waits_gets_turns_while_another_process_writes_without_pause(tmp_path: Path) -> None:
    lock = WriteLock(tmp_path / "desk.sqlite3")
    other = another_process(tmp_path / "desk.sqlite3", turns=10_000_000, hold_seconds=0)
    assert other.stdout is not None
    other.stdout.readline()
    # Twenty turns, though the other never ends: nobody has to wait for thousands of its turns in a row.
    for _ in range(20):
        assert lock.acquire(10)
        lock.release()
    assert other.poll() is None
    other.kill()
    other.wait()
    other.stdout.close()


def test_a_process_that_is_killed_frees_the_lock(tmp_path: Path) -> None:
    database = tmp_path / "desk.sqlite3"
    other = another_process(database, turns=1, hold_seconds=600)
    assert other.stdout is not None
    assert other.stdout.readline() == "in\n"
    other.send_signal(signal.SIGKILL)
    other.wait()
    other.stdout.close()
    lock = WriteLock(database)
    assert lock.acquire(10)
    lock.release()


def test_a_second_write_of_one_thread_is_refused_at_once(tmp_path: Path) -> None:
    lock = WriteLock(tmp_path / "desk.sqlite3")
    assert lock.acquire(1)
    with pytest.raises(RuntimeError, match="another connection"):
        lock.acquire(1)
    lock.release()


def test_a_forked_child_holds_nothing(tmp_path: Path) -> None:
    database = tmp_path / "desk.sqlite3"
    lock = write_lock.for_database(str(database))
    assert lock is not None
    assert lock.acquire(1)
    child = os.fork()
    if child == 0:
        os._exit(0 if lock._owner is None and lock._descriptors is None else 1)
    assert os.waitpid(child, 0)[1] == 0
    lock.release()


def test_a_database_in_memory_has_no_lock() -> None:
    assert write_lock.for_database(":memory:") is None
    assert write_lock.for_database("file:x?mode=memory&cache=shared") is None


sqlite_only = pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="PostgreSQL has locks of its own"
)


def is_held() -> bool:
    return connection._held is not None  # type: ignore[attr-defined, unused-ignore]


@sqlite_only
@pytest.mark.django_db(transaction=True)
class TestTheBackend:
    def test_holds_the_lock_from_begin_to_commit(self) -> None:
        with transaction.atomic():
            assert is_held()
        assert not is_held()

    def test_gives_it_back_at_rollback(self) -> None:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            raise ZeroDivisionError
        assert not is_held()

    def test_gives_it_back_when_begin_fails(self) -> None:
        connection.ensure_connection()
        connection.connection.execute("BEGIN")
        with pytest.raises(Exception, match="transaction"), transaction.atomic():
            pass
        connection.connection.execute("ROLLBACK")
        assert not is_held()

    def test_gives_it_back_when_the_connection_closes_inside(self) -> None:
        with transaction.atomic():
            connection.close()
            assert not is_held()
        assert not is_held()

    def test_a_nested_block_takes_it_once(self) -> None:
        with transaction.atomic():
            with transaction.atomic():
                pass
            assert is_held()

    def test_a_write_outside_a_transaction_queues_too(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bell (rings integer)")
            cursor.execute("INSERT INTO bell VALUES (1)")
            cursor.execute("DROP TABLE bell")
        assert not is_held()

    def test_is_durable_and_keeps_foreign_keys(self) -> None:
        from deskbell.environment import SQLITE_PRAGMAS

        assert "synchronous=FULL" in SQLITE_PRAGMAS
        with connection.cursor() as cursor:
            for pragma, value in (("journal_mode", "wal"), ("foreign_keys", 1)):
                cursor.execute(f"PRAGMA {pragma}")
                assert cursor.fetchone()[0] == value

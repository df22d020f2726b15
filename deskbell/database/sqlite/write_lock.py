"""A fair lock for the writers of one SQLite file: first come, first served.

Threads of a process queue in line for FairLock.  The one at its head then takes two `flock`s on
files beside the database: first the door (so that it is the next one in, whichever process
it comes from), then the lock itself, and lets go of the door.  A process that dies frees both.
"""

import fcntl
import os
import threading
from collections import deque
from pathlib import Path


class FairLock:
    """A lock between threads that is handed to whoever has waited longest."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._line: deque[threading.Event] = deque()

    def acquire(self, wait_seconds: float) -> bool:
        """Return whether it became ours within `wait_seconds`."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            called = threading.Event()
            self._line.append(called)
        if called.wait(wait_seconds):
            return True
        with self._guard:
            # It may have been handed over between the end of the wait and here.
            if called.is_set():
                return True
            self._line.remove(called)
            return False

    def release(self) -> None:
        """Hand it to the next in line, or leave it free."""
        with self._guard:
            if self._line:
                self._line.popleft().set()
            else:
                self._taken = False


class WriteLock:
    """The lock of one database file, between all threads of all processes."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._threads = FairLock()
        self._owner: int | None = None
        self._descriptors: tuple[int, int] | None = None

    def acquire(self, wait_seconds: float) -> bool:
        """Wait in line; return False when this process's own writers took longer than that.

        Raises RuntimeError when this thread holds it already by another connection: waiting
        would never end.
        """
        if self._owner == threading.get_ident():
            raise RuntimeError("this thread already writes through another connection")
        if not self._threads.acquire(wait_seconds):
            return False
        try:
            door, lock = self._files()
            fcntl.flock(door, fcntl.LOCK_EX)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
            finally:
                fcntl.flock(door, fcntl.LOCK_UN)
        except BaseException:
            self._threads.release()
            raise
        self._owner = threading.get_ident()
        return True

    def release(self) -> None:
        """Let the next one in."""
        self._owner = None
        fcntl.flock(self._files()[1], fcntl.LOCK_UN)
        self._threads.release()

    def forget_after_fork(self) -> None:
        """Start afresh in a forked child: it holds nothing and lets go of the parent's files."""
        for descriptor in self._descriptors or ():
            os.close(descriptor)
        self.__init__(self._database)  # type: ignore[misc]

    def _files(self) -> tuple[int, int]:
        if self._descriptors is None:
            self._descriptors = (self._open(".door"), self._open(".lock"))
        return self._descriptors

    def _open(self, suffix: str) -> int:
        return os.open(f"{self._database}{suffix}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


_locks: dict[str, WriteLock] = {}
_locks_guard = threading.Lock()


def for_database(name: str) -> WriteLock | None:
    """Return this process's lock for the database file `name`; None for one in memory."""
    if ":memory:" in name or "mode=memory" in name:
        return None
    with _locks_guard:
        if name not in _locks:
            _locks[name] = WriteLock(Path(name))
        return _locks[name]


def _after_fork() -> None:
    global _locks_guard  # noqa: PLW0603 -- another thread of the parent may have held it
    _locks_guard = threading.Lock()
    for lock in _locks.values():
        lock.forget_after_fork()


os.register_at_fork(after_in_child=_after_fork)

"""The worker's threads: each lane has its own, started when first needed, so that lanes never wait for each other."""

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

from django.db import connection

from deskbell.work.claims import Claim, Outcome
from deskbell.work.run import run

Report = Callable[[Claim, Outcome], None]


class Lane:
    """A queue of claims and the threads that run them.

    threads  how many jobs at once
    ahead    how many more may be claimed, so that short jobs follow each other without a pause
    report   called in the job's thread with how it ended
    """

    def __init__(self, threads: int, ahead: int, report: Report) -> None:
        self._threads = threads
        self._ahead = ahead
        self._report = report
        self._queue: SimpleQueue[Claim | None] = SimpleQueue()  # None ends a thread
        self._lock = threading.Lock()
        self._held: dict[
            Claim, float
        ] = {}  # claim → monotonic time of its start, 0 while it queues
        self._started = 0

    def room(self) -> int:
        """Return how many claims this lane can still take."""
        with self._lock:
            return max(0, self._threads + self._ahead - len(self._held))

    def hand(self, taken: Claim) -> None:
        """Queue a claim; starts a thread when all that run are busy."""
        with self._lock:
            self._held[taken] = 0.0
            wanted = min(len(self._held), self._threads)
            missing = wanted - self._started
            self._started += max(0, missing)
        self._queue.put(taken)
        for _ in range(missing):
            threading.Thread(target=self._work, daemon=True, name="job").start()

    def held(self) -> list[Claim]:
        """Return the claims that are queued or run."""
        with self._lock:
            return list(self._held)

    def running(self) -> list[Claim]:
        """Return the claims that run."""
        with self._lock:
            return [taken for taken, start in self._held.items() if start]

    def let_go_of_hung(self, seconds: float) -> list[Claim]:
        """Forget what has run for longer than `seconds`: its thread is lost, another may take its place."""
        with self._lock:
            before = time.monotonic() - seconds
            hung = [taken for taken, start in self._held.items() if start and start < before]
            for taken in hung:
                del self._held[taken]
            self._started -= len(hung)
        return hung

    def close(self) -> None:
        """Let every thread end when it is done with what it runs."""
        for _ in range(self._started):
            self._queue.put(None)

    def _work(self) -> None:
        try:
            self._run_until_closed()
        finally:
            connection.close()

    def _run_until_closed(self) -> None:
        while (taken := self._queue.get()) is not None:
            with self._lock:
                self._held[taken] = time.monotonic()
            outcome = run(taken)
            with self._lock:
                still_ours = self._held.pop(taken, None) is not None
            self._report(taken, outcome)
            if not still_ours:
                return  # it was given up and replaced meanwhile

"""The worker process: it claims what is due, hands it to its threads, and writes how it ended.

Four kinds of threads: the dispatcher (this one), the bell (work/signal.py), the heart that renews leases, and the
timetable.  None of them runs a job, so no job can hold them up.  Beside them run the companions of settings.COMPANIONS:
functions that take the event of the end and return when it is set.
"""

import signal as signals
import threading
import time
from collections.abc import Callable
from contextlib import closing
from queue import Empty, SimpleQueue
from types import FrameType
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import close_old_connections, connection
from django.utils.module_loading import import_string

from deskbell import clock
from deskbell.database.relaxed import relaxed_commits
from deskbell.work import claims, timetable
from deskbell.work.claims import Claim, Done, Outcome
from deskbell.work.lanes import Lane
from deskbell.work.neighbours import Nameplate
from deskbell.work.registry import BEHIND, FETCHING, INSIDE, LETTERS, OUTSIDE
from deskbell.work.signal import Watch

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

# (threads, ahead).  Inside jobs are short and share one database writer; outside ones mostly wait for a peer, and so
# do those that fetch: each mail server that hangs takes one thread for some minutes.
# What is claimed ahead shares one commit; a second reader of letters works while the first waits for the disk.
LANES = {INSIDE: (3, 9), LETTERS: (2, 6), OUTSIDE: (4, 0), BEHIND: (2, 0), FETCHING: (8, 0)}
HEARTBEAT_SECONDS = 5.0
# How long the bell's thread listens before it looks whether the worker is being stopped.
LISTEN_SECONDS = 0.5
# A job may take ten minutes; after that its thread is given up and the lease runs out.
HUNG_SECONDS = 600.0
# SIGTERM must end the process within 5 seconds: running jobs get most of them.
GRACE_SECONDS = 3.0
GIVE_BACK_SECONDS = 1.0
# How long the dispatcher and its helpers rest when the database is away.
AWAY_SECONDS = 1.0


def run() -> int:
    """Work until SIGTERM or SIGINT; return the process's exit code."""
    worker = Worker()

    def stop(_number: int, _frame: FrameType | None) -> None:
        worker.stop()

    for number in (signals.SIGTERM, signals.SIGINT):
        signals.signal(number, stop)
    worker.work()
    return 0


class Worker:
    """One worker; `work` runs it in the calling thread until `stop` is called from anywhere."""

    def __init__(self) -> None:
        self._plate = Nameplate(settings.DATA / "workers")
        self._news: SimpleQueue[None] = SimpleQueue()
        self._ended: SimpleQueue[tuple[Claim, Outcome]] = SimpleQueue()
        self._unwritten: list[tuple[Claim, Outcome]] = []
        self._stopping = threading.Event()
        self._lanes = {name: Lane(*size, self._report) for name, size in LANES.items()}

    def work(self) -> None:
        """Start the helpers, dispatch until stopped, then end within GRACE and GIVE_BACK seconds."""
        helpers = [
            threading.Thread(target=self._help, args=(step,), daemon=True, name=step.__name__)
            for step in (self._listen, self._beat, self._keep_timetable)
        ]
        helpers += [
            threading.Thread(target=self._accompany, args=(path,), daemon=True, name=path)
            for path in settings.COMPANIONS
        ]
        for helper in helpers:
            helper.start()
        log.info("worker.started", worker=self._plate.name)
        while not self._stopping.is_set():
            pause = self._guarded(self._dispatch)
            self._wait_for_news(AWAY_SECONDS if pause is None else pause)
        self._end()
        for helper in helpers:
            helper.join(0.2)

    def stop(self) -> None:
        """Take nothing more and end soon."""
        self._stopping.set()
        self._news.put(None)

    def _report(self, taken: Claim, outcome: Outcome) -> None:
        self._ended.put((taken, outcome))
        self._news.put(None)

    def _wait_for_news(self, seconds: float) -> None:
        try:
            self._news.get(timeout=seconds)
            while True:  # what rang meanwhile is one piece of news
                self._news.get_nowait()
        except Empty:
            pass

    def _dispatch(self) -> float:
        """Write what ended, hand out what is due; return how many seconds may pass until the next look."""
        room = {name: lane.room() for name, lane in self._lanes.items()}
        with relaxed_commits():  # what is lost of it is a job that runs once more
            taken = claims.claim(self._plate.name, room, done=self._done())
            self._write_unfinished()
        for one in taken:
            self._lanes[one.kind.lane].hand(one)
        due = claims.first_due(name for name, lane in self._lanes.items() if lane.room())
        if not due:
            return HEARTBEAT_SECONDS
        return min(max((min(due.values()) - clock.now()).total_seconds(), 0.0), HEARTBEAT_SECONDS)

    def _done(self) -> list[Claim]:
        """Return the attempts that finished since the last look, the unwritten ones before them included."""
        while not self._ended.empty():
            self._unwritten.append(self._ended.get())
        return [taken for taken, outcome in self._unwritten if isinstance(outcome, Done)]

    def _write_unfinished(self) -> None:
        """Write how the others ended; what was done has been removed by now."""
        self._unwritten = [pair for pair in self._unwritten if not isinstance(pair[1], Done)]
        while self._unwritten:
            taken, outcome = self._unwritten[0]
            assert not isinstance(outcome, Done)
            claims.write_unfinished(taken, outcome)
            del self._unwritten[0]

    def _help(self, step: Callable[[], None]) -> None:
        try:
            step()
        finally:
            connection.close()

    def _accompany(self, path: str) -> None:
        """Run a companion until the worker ends; one that fell is started again after a rest."""
        while not self._stopping.is_set():
            self._help(lambda: self._guarded(lambda: import_string(path)(self._stopping)))
            self._stopping.wait(HEARTBEAT_SECONDS)

    def _listen(self) -> None:
        while not self._stopping.is_set():
            self._guarded(self._ring_while_there_is_news)
            self._stopping.wait(AWAY_SECONDS)

    def _ring_while_there_is_news(self) -> None:
        with closing(Watch()) as watch:
            self._news.put(None)
            while not self._stopping.is_set():
                if watch.wait(LISTEN_SECONDS) and self._news.empty():
                    self._news.put(None)

    def _beat(self) -> None:
        while not self._stopping.is_set():
            self._guarded(self._care_for_leases)
            self._stopping.wait(HEARTBEAT_SECONDS)

    def _care_for_leases(self) -> None:
        for lane in self._lanes.values():
            for hung in lane.let_go_of_hung(HUNG_SECONDS):
                log.error("job.hung", job=hung.kind.name, id=hung.id)
        held = [taken for lane in self._lanes.values() for taken in lane.held()]
        if held:
            claims.renew(self._plate.name, held)
        freed = claims.take_from_the_silent()
        freed += sum(claims.give_back(dead, "worker_lost") for dead in self._plate.dead())
        if freed:
            log.warning("worker.took_over", jobs=freed)
            self._news.put(None)

    def _keep_timetable(self) -> None:
        while not self._stopping.is_set():
            due = self._guarded(timetable.tick)
            seconds = AWAY_SECONDS if due is None else (due - clock.now()).total_seconds()
            self._stopping.wait(min(max(seconds, 0.0), 60.0))

    def _guarded(self, step: Callable[[], Result]) -> Result | None:
        """Take one step; a database that is away or full is logged and answered by None."""
        try:
            close_old_connections()
            return step()
        except DatabaseFailure as error:
            # Without the trace: it happens once a second while the database is away.
            log.error(  # noqa: TRY400
                "worker.database", step=step.__name__, error=type(error).__name__
            )
        except Exception:
            log.exception("worker.step_failed", step=step.__name__)
        return None

    def _end(self) -> None:
        """1. Let running jobs end.  2. Write what ended.  3. Give the rest back.  4. Take the plate down."""
        for lane in self._lanes.values():
            lane.close()
        until = time.monotonic() + GRACE_SECONDS
        while self._is_running() and time.monotonic() < until:
            time.sleep(0.02)
        # In a thread: a job that hangs inside a transaction may hold the only write lock.
        last = threading.Thread(target=lambda: self._guarded(self._give_back), daemon=True)
        last.start()
        last.join(GIVE_BACK_SECONDS)
        log.info("worker.ended", worker=self._plate.name, gave_back=not last.is_alive())

    def _is_running(self) -> bool:
        return any(lane.running() for lane in self._lanes.values())

    def _give_back(self) -> None:
        claims.remove_done(self._done())
        self._write_unfinished()
        claims.give_back(self._plate.name)
        self._plate.take_down()
        connection.close()

"""Starts the desk's processes, starts again those that die, and ends them all together.

It forks after Django is loaded: the children share that memory and start at once.  It never
touches the database itself, so nothing of a letter or a ticket can make it fall.
"""

import ctypes
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)

# The kernel's names for prctl: the signal at the parent's death, and the name that `ps` shows.
PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15

# SIGTERM must end everything within five seconds.
GRACE_SECONDS = 4.5

# A child that lived this long starts again at once; one that keeps dying waits longer each time.
STEADY_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 30.0

READY_LOOK_SECONDS = 0.02
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
WATCHED = (*ENDING, signal.SIGCHLD)


@dataclass
class Child:
    """One process: what it runs, and how it has fared.  pid 0: it does not run now."""

    name: str
    body: Callable[[], int]
    pid: int = 0
    started: float = 0.0
    deaths: int = 0
    starts_at: float = 0.0


def pause_after(deaths: int) -> float:
    """Return how many seconds a child rests after its n-th death in a row: 0, 0.5, 1, 2, 4 … 30."""
    if deaths <= 1:
        return 0.0
    return min(0.25 * 2.0 ** (deaths - 1), LONGEST_PAUSE_SECONDS)


class Supervisor:
    """Keeps `children` running until told to end.

    is_ready     asked again and again after the start, until it says yes
    when_ready   called once then
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        is_ready: Callable[[], bool],
        when_ready: Callable[[], None],
    ) -> None:
        self.children = children
        self.is_ready = is_ready
        self.when_ready = when_ready

    def run(self) -> int:
        """Return 0 after a signal to end, when all children are gone."""
        # Signals wait until sigtimedwait fetches them: nothing interrupts anything in between.
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        # Collected objects stay in pages that the children share, instead of being copied.
        gc.collect()
        gc.freeze()
        waiting = True
        try:
            while True:
                self._start_those_due()
                if waiting and self.is_ready():
                    waiting = False
                    self.when_ready()
                came = signal.sigtimedwait(WATCHED, self._next_look_seconds(waiting))
                if came is not None and came.si_signo in ENDING:
                    return 0
                self._reap()
        finally:
            self._end()

    def _start_those_due(self) -> None:
        for child in self.children:
            if not child.pid and child.starts_at <= time.monotonic():
                child.pid = _fork(child)
                child.started = time.monotonic()
                log.info("process.started", process=child.name, pid=child.pid)

    def _next_look_seconds(self, waiting: bool) -> float:
        if waiting:
            return READY_LOOK_SECONDS
        resting = [child.starts_at for child in self.children if not child.pid]
        return max(0.0, min(resting, default=time.monotonic() + 60.0) - time.monotonic())

    def _reap(self) -> None:
        for child in self.children:
            if not child.pid or os.waitpid(child.pid, os.WNOHANG)[0] == 0:
                continue
            steady = time.monotonic() - child.started > STEADY_SECONDS
            child.deaths = 1 if steady else child.deaths + 1
            pause = pause_after(child.deaths)
            log.warning("process.died", process=child.name, pid=child.pid, pause_seconds=pause)
            child.pid = 0
            child.starts_at = time.monotonic() + pause

    def _end(self) -> None:
        """Ask all to end, wait, and kill whoever does not."""
        self._signal_all(signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS
        while self._running() and time.monotonic() < until:
            signal.sigtimedwait([signal.SIGCHLD], 0.05)
        self._signal_all(signal.SIGKILL)

    def _running(self) -> list[Child]:
        for child in self.children:
            if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                child.pid = 0
        return [child for child in self.children if child.pid]

    def _signal_all(self, number: signal.Signals) -> None:
        for child in self.children:
            if child.pid:
                os.kill(child.pid, number)


def _fork(child: Child) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _die_with(parent)
        # Ctrl-C reaches the supervisor alone, which then ends the children in good order.
        os.setpgid(0, 0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        _call_process(f"deskbell-{child.name}")
        code = child.body()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except KeyboardInterrupt:
        code = 0
    except BaseException:
        log.exception("process.failed", process=child.name)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Not sys.exit: this stack below is the supervisor's, whose clean-up is not ours.
        os._exit(code)


def _die_with(parent: int) -> None:
    """Ask the kernel to kill this process when its parent is gone, however that came."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the kernel was asked
        os._exit(1)


def _call_process(name: str) -> None:
    ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode()[:15])

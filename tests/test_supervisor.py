"""The supervisor keeps its processes alive, and leaves none behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deskbell.supervisor import LONGEST_PAUSE_SECONDS, pause_after

PROGRAM = """
import signal, sys, time
from deskbell import logs
from deskbell.supervisor import Child, Supervisor

logs.configure()

def steady():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        time.sleep(60)

def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60)

bodies = {"steady": steady, "stubborn": stubborn}
children = [Child(name, bodies[name]) for name in sys.argv[1:]]
sys.exit(Supervisor(children, is_ready=lambda: True, when_ready=lambda: print("ready", flush=True)).run())
"""

Desk = subprocess.Popen[str]


@pytest.fixture
def start() -> Iterator[Callable[..., Desk]]:
    started: list[Desk] = []

    def starting(*names: str) -> Desk:
        desk = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *names],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(desk)
        assert desk.stdout is not None
        assert desk.stdout.readline() == "ready\n"
        return desk

    yield starting
    for desk in started:
        desk.kill()
        desk.wait()
        assert desk.stdout is not None
        desk.stdout.close()


def children_of(desk: Desk) -> dict[str, int]:
    """Return the pids of living children by the name that `ps` shows."""
    found = {}
    for pid in Path(f"/proc/{desk.pid}/task/{desk.pid}/children").read_text().split():
        found[Path(f"/proc/{pid}/comm").read_text().strip()] = int(pid)
    return found


def eventually(is_so: Callable[[], bool], seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if is_so():
            return True
        time.sleep(0.01)
    return False


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def named(desk: Desk, name: str) -> int:
    assert eventually(lambda: name in children_of(desk))
    return children_of(desk)[name]


def test_a_killed_process_is_started_again(start: Callable[..., Desk]) -> None:
    desk = start("steady")
    killed = named(desk, "deskbell-steady")
    os.kill(killed, signal.SIGKILL)
    assert eventually(lambda: children_of(desk).get("deskbell-steady", killed) != killed)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_and_takes_all_along(
    start: Callable[..., Desk], number: signal.Signals
) -> None:
    desk = start("steady")
    child = named(desk, "deskbell-steady")
    desk.send_signal(number)
    assert desk.wait(timeout=10) == 0
    assert eventually(lambda: not is_alive(child))


def test_whoever_does_not_end_is_killed(start: Callable[..., Desk]) -> None:
    desk = start("stubborn")
    child = named(desk, "deskbell-stubbo")  # the kernel keeps fifteen letters of a name
    time.sleep(0.2)
    desk.send_signal(signal.SIGTERM)
    assert desk.wait(timeout=20) == 0
    assert eventually(lambda: not is_alive(child))


def test_children_of_a_killed_supervisor_end_too(start: Callable[..., Desk]) -> None:
    desk = start("steady", "stubborn")
    pids = [named(desk, "deskbell-steady"), named(desk, "deskbell-stubbo")]
    desk.kill()
    desk.wait()
    assert eventually(lambda: not any(map(is_alive, pids)))


def test_the_pause_grows_and_has_an_end() -> None:
    assert [pause_after(deaths) for deaths in (1, 2, 3, 4)] == [0.0, 0.5, 1.0, 2.0]
    assert pause_after(99) == LONGEST_PAUSE_SECONDS

"""A worker process: what commits is started, what is killed is done again, what is told to end ends."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from deskbell.work import registry
from deskbell.work.jobs import OUTSIDE, enqueue, job
from deskbell.work.models import Job

PROGRAM = Path(__file__).with_name("worker_process.py")
ROOT = PROGRAM.parents[2]

Start = Callable[[], "subprocess.Popen[bytes]"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a worker on this test's database; all end with the test."""
    before = dict(registry.KINDS)
    job("test.say")(print)
    job("test.slow", lane=OUTSIDE)(print)
    workers: list[subprocess.Popen[bytes]] = []

    def start_one() -> "subprocess.Popen[bytes]":
        command = [
            sys.executable,
            str(PROGRAM),
            str(connection.settings_dict["NAME"]),
            str(tmp_path),
        ]
        workers.append(
            subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
        )
        return workers[-1]

    yield start_one
    for worker in workers:
        worker.kill()
        worker.wait()
    registry.KINDS.clear()
    registry.KINDS.update(before)


def test_what_commits_is_done_and_its_row_removed(start: Start, tmp_path: Path) -> None:
    start()
    for word in ("one", "two", "three"):
        enqueue("test.say", word=word)
    wait_until(lambda: not Job.objects.exclude(name="timetable").exists())
    assert sorted(said(tmp_path)) == ["one", "three", "two"]


def test_a_killed_worker_loses_nothing(start: Start, tmp_path: Path) -> None:
    enqueue("test.slow", word="soup", seconds=60)
    worker = start()
    wait_until(lambda: said(tmp_path) == ["soup begins"])
    worker.kill()
    worker.wait()
    Job.objects.filter(name="test.slow").update(args={"word": "soup", "seconds": 0})
    assert Job.objects.get(name="test.slow").state == Job.RUNNING
    start()
    wait_until(lambda: not Job.objects.filter(name="test.slow").exists())
    assert said(tmp_path) == ["soup begins", "soup begins", "soup"]


def test_a_worker_that_is_told_to_end_gives_back_what_it_holds(
    start: Start, tmp_path: Path
) -> None:
    enqueue("test.slow", word="soup", seconds=60)
    worker = start()
    wait_until(lambda: said(tmp_path) == ["soup begins"])
    worker.terminate()
    assert worker.wait(timeout=5) == 0
    row = Job.objects.get(name="test.slow")
    assert (row.state, row.reason, row.failures) == (Job.WAITING, "worker_ended", 0)


def test_jobs_that_hang_at_the_outside_hold_up_nobody_inside(start: Start, tmp_path: Path) -> None:
    for number in range(20):
        enqueue("test.slow", word=f"relay {number}", seconds=60)
    start()
    wait_until(lambda: len(said(tmp_path)) >= 4)
    enqueue("test.say", word="hello")
    wait_until(lambda: "hello" in said(tmp_path))


def test_two_workers_do_each_job_once(start: Start, tmp_path: Path) -> None:
    for number in range(200):
        enqueue("test.say", word=str(number))
    start()
    start()
    wait_until(lambda: not Job.objects.filter(name="test.say").exists())
    assert sorted(map(int, said(tmp_path))) == list(range(200))


def said(folder: Path) -> list[str]:
    """Return what the jobs have said so far."""
    file = folder / "said"
    return file.read_text().splitlines() if file.exists() else []


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait up to half a minute, far more than it takes, for `holds`."""
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.01)

"""How many jobs a second a worker does, and how soon after its commit a job starts on a quiet desk.

    python bench/jobs.py [--jobs 2000] [--rounds 5] [--singles 200]

A worker in a process of its own; the jobs only note when they start.  On SQLite in a fresh folder, or on the
database that DATABASE_URL names, which must be empty.
"""

import argparse
import atexit
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

os.environ["DJANGO_SETTINGS_MODULE"] = "deskbell.settings"
if "worker" not in sys.argv:
    os.environ["DESKBELL_DATA"] = FOLDER = tempfile.mkdtemp(prefix="deskbell-bench-")
    atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from deskbell.work import worker  # noqa: E402
from deskbell.work.jobs import enqueue, job  # noqa: E402
from deskbell.work.models import Job  # noqa: E402

STARTS = Path(os.environ["DESKBELL_DATA"]) / "starts"


@job("bench.start")
def start(number: int) -> None:
    """Note when the job starts: the monotonic clock is one for all processes of a machine."""
    with STARTS.open("a") as file:
        file.write(f"{number} {time.monotonic()}\n")


@job("bench.nothing")
def nothing() -> None:
    """Cost nothing, so that only the machinery is measured."""


def main() -> None:
    """Run both measurements and print them."""
    arguments = _arguments()
    if arguments.role == "worker":
        raise SystemExit(worker.run())
    call_command("migrate", verbosity=0)
    process = subprocess.Popen(
        [sys.executable, __file__, "worker"], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_it_works()
        print(f"database: {connection.vendor}, one worker process")
        _print_latency(arguments.singles)
        _print_throughput(arguments.jobs, arguments.rounds)
    finally:
        process.terminate()
        process.wait()


def _print_latency(singles: int) -> None:
    """Commit one job at a time, with the worker at rest before each."""
    committed: dict[int, float] = {}
    for number in range(singles):
        with transaction.atomic():
            enqueue("bench.start", number=number)
        committed[number] = time.monotonic()
        _wait_until_done()
        time.sleep(0.03 + 0.007 * (number % 5))  # not in step with the 20 ms of the bell
    lines = (line.split() for line in STARTS.read_text().splitlines())
    waited = sorted((float(at) - committed[int(number)]) * 1000 for number, at in lines)
    median, late, last = statistics.median(waited), waited[int(len(waited) * 0.95)], waited[-1]
    print(
        f"from commit to start, {len(waited)} single jobs: median {median:.1f} ms, p95 {late:.1f}, longest {last:.1f}"
    )


def _print_throughput(jobs: int, rounds: int) -> None:
    """Commit many jobs in one transaction and wait until no row is left."""
    rates = []
    for _round in range(rounds):
        began = time.monotonic()
        with transaction.atomic():
            for _job in range(jobs):
                enqueue("bench.nothing")
        written = time.monotonic()
        _wait_until_done()
        rates.append(jobs / (time.monotonic() - written))
        print(
            f"  {jobs} jobs: written in {written - began:.2f} s, done at {rates[-1]:.0f} a second"
        )
    print(
        f"jobs a second, {rounds} rounds: median {statistics.median(rates):.0f}, {min(rates):.0f} to {max(rates):.0f}"
    )


def _wait_until_done() -> None:
    while Job.objects.filter(name__startswith="bench.").exists():
        time.sleep(0.005)


def _wait_until_it_works() -> None:
    enqueue("bench.nothing")
    _wait_until_done()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("role", nargs="?", choices=["measure", "worker"], default="measure")
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--singles", type=int, default=200)
    return parser.parse_args()


if __name__ == "__main__":
    main()

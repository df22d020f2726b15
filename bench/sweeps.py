"""How long a change of many tickets takes, with all that settles after it, and what a page takes meanwhile.

    python bench/sweeps.py [--tickets 10000] [--act resolve]

A worker and a front, a process each, on SQLite in a fresh folder or on the database that DATABASE_URL names, which
must be empty.  An agent looks at the inbox ten times a second, while it is quiet, then while the sweep is going.
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
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

os.environ["DJANGO_SETTINGS_MODULE"] = "deskbell.settings"
os.environ["DESKBELL_DATA"] = FOLDER = tempfile.mkdtemp(prefix="deskbell-bench-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from bench.figures import Figure, tell  # noqa: E402
from bench.http_client import RunningFront, a_front  # noqa: E402
from bench.loads import cookie_of  # noqa: E402
from deskbell.search.tickets import find  # noqa: E402
from deskbell.sweeps import beginning, undoing  # noqa: E402
from deskbell.sweeps.beginning import Wish  # noqa: E402
from deskbell.sweeps.models import Sweep  # noqa: E402
from deskbell.work.models import Job  # noqa: E402
from tests.cast import Cast, by, meet  # noqa: E402
from tests.desk import a_ticket  # noqa: E402

ROUNDS_WHEN_QUIET = 100
# Between two looks, so that the looking itself takes little from the sweep.
PAUSE_SECONDS = 0.1
# A commit for so many when the desk is filled.
AT_ONCE = 500
VALUES = {"tag": {"tag": "swept"}, "prioritise": {"priority": 4}}


def main() -> None:
    """Fill the desk, measure the sweep and its undo, print both."""
    options = _options()
    call_command("migrate", verbosity=0)
    cast = meet()
    _fill(cast, options.tickets)
    print(
        f"{options.act} of {options.tickets} tickets, {connection.vendor}, load {os.getloadavg()[0]:.1f}"
    )
    worker = subprocess.Popen(
        [sys.executable, "-m", "deskbell.cli", "worker"], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        _until(_all_is_settled)
        with a_front() as front:
            tell([_page("inbox, quiet", cast, front, lambda count: count >= ROUNDS_WHEN_QUIET)])
            sweep = _begin(cast, options.act)
            _measure("sweep", sweep, cast, front)
            sweep.refresh_from_db()
            _measure("undo", undoing.take_back(sweep, by=by(cast.anna)), cast, front)
    finally:
        worker.terminate()
        worker.wait()


def _fill(cast: Cast, count: int) -> None:
    for first in range(0, count, AT_ONCE):
        with transaction.atomic():
            for number in range(first, min(first + AT_ONCE, count)):
                a_ticket(cast.support, cast.emil, subject=f"Zip {number}")


def _begin(cast: Cast, act: str) -> Sweep:
    began = time.monotonic()
    found = find(by(cast.anna), "status:new")
    sweep = beginning.begin(Wish(act, found, VALUES.get(act, {})), by=by(cast.anna))
    tell([Figure("its tickets written", (time.monotonic() - began) * 1000, rounds=1)])
    return sweep


def _measure(name: str, sweep: Sweep, cast: Cast, front: RunningFront) -> None:
    began = time.monotonic()
    page = _page(f"inbox, during the {name}", cast, front, lambda _count: not _is_going(sweep))
    took = time.monotonic() - began
    _until(_all_is_settled)
    sweep.refresh_from_db()
    if sweep.refused:
        raise SystemExit(f"{sweep.refused} tickets were refused")
    settled = time.monotonic() - began
    tell(
        [
            Figure(f"{name}, all tickets", took, rounds=1, unit="s"),
            Figure(f"{name}, all settled", settled, rounds=1, unit="s"),
            page,
        ]
    )


def _page(name: str, cast: Cast, front: RunningFront, is_over: Callable[[int], bool]) -> Figure:
    """Ask for the inbox as Bela until it is over."""
    client, took = front.client(f"Cookie: {cookie_of(cast.bela)}"), []
    with client.closing():
        while not is_over(len(took)):
            began = time.perf_counter()
            status = client.get("/").status
            took.append((time.perf_counter() - began) * 1000)
            if status != HTTPStatus.OK:
                raise SystemExit(f"the inbox answers {status}")
            time.sleep(PAUSE_SECONDS)
    p95 = sorted(took)[int(len(took) * 0.95)]
    return Figure(name, statistics.median(took), p95, rounds=len(took))


def _is_going(sweep: Sweep) -> bool:
    return Sweep.objects.filter(pk=sweep.pk, state=Sweep.State.GOING).exists()


def _all_is_settled() -> bool:
    return not Job.objects.filter(name__in=("settle", "sweep")).exists()


def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        time.sleep(0.05)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--act", default="resolve", help="one that new tickets allow")
    return parser.parse_args()


if __name__ == "__main__":
    main()

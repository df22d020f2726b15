"""How long an agent waits for each page: over real HTTP, signed in, connections kept, on a desk full of tickets.

    python bench/pages.py --data DIR [--rounds 200] [--only WORD] [--json FILE]

The front is a process of its own.  On the SQLite desk in DIR, or on the server that DATABASE_URL names.  Answers that
are measured are written into the desk; nothing is sent, for no worker runs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="the desk's folder")
    parser.add_argument("--rounds", type=int, default=200, help="requests of each kind")
    parser.add_argument("--only", default="", help="only loads whose name holds this word")
    parser.add_argument("--json", default="", help="write the figures into this file too")
    return parser.parse_args()


# Settings are read when Django is imported, so the folder must be known before.
OPTIONS = _options()
os.environ["DESKBELL_DATA"] = str(Path(OPTIONS.data).resolve())
os.environ["DJANGO_SETTINGS_MODULE"] = "deskbell.settings"

import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client as InsideClient  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bench.figures import NOT_COUNTED, Figure, keep, tell  # noqa: E402
from bench.http_client import Client, RunningFront, a_front  # noqa: E402
from bench.loads import Load, loads  # noqa: E402
from bench.start import pss_mb  # noqa: E402
from deskbell.tickets.models import Ticket  # noqa: E402

WARM_UP = 20
# Those whose pages a second are measured too, and by how many at once for how long.
HURRIED = ("inbox", "a ticket with 20 messages")
CLIENTS, SECONDS = 8, 6.0


def main() -> None:
    """Start a front on the desk, measure every load, print the figures."""
    tickets = Ticket.objects.count()
    asked = [load for load in loads() if OPTIONS.only in load.name]
    counted = {load.name: queries_of(load) for load in asked}
    connection.close()
    with a_front() as front:
        figures = [measure(front, load, counted[load.name]) for load in asked]
        figures += [hurry(front, load) for load in asked if load.name in HURRIED]
        memory = pss_mb(str(front.pid))
        figures.append(Figure("memory of the front after the loads", memory, rounds=1, unit="MB"))
    engine = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    print(f"{tickets} tickets on {engine}, load {os.getloadavg()[0]:.1f}")
    tell(figures)
    keep(figures, OPTIONS.json)


def queries_of(load: Load) -> int:
    """Count the queries behind a page, by asking for it inside this process."""
    if not load.path:
        return NOT_COUNTED
    inside = InsideClient()
    inside.force_login(load.who.account)
    inside.get(load.path)
    with CaptureQueriesContext(connection) as captured:
        inside.get(load.path)
    return len(captured)


def measure(front: RunningFront, load: Load, queries: int) -> Figure:
    """Ask one thing after the other, and note how long each took."""
    client = load.connect(front)
    if client is None:
        return Figure(load.name, None)
    with client.closing():
        for _ in range(WARM_UP):
            once(load, client)
        before = processor_ms(front.pid)
        took = sorted(once(load, client) * 1000 for _ in range(OPTIONS.rounds))
        cpu = (processor_ms(front.pid) - before) / len(took)
    p95 = took[int(len(took) * 0.95)]
    return Figure(
        load.name, statistics.median(took), p95, cpu=cpu, rounds=len(took), queries=queries
    )


def processor_ms(pid: int) -> float:
    """Return how long a process has kept processors busy; PostgreSQL's own work is not in it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def once(load: Load, client: Client) -> float:
    """Ask once and return the seconds; an answer that is not the expected one ends everything."""
    began = time.perf_counter()
    status = load.ask(client)
    took = time.perf_counter() - began
    if status != load.expects:
        raise SystemExit(f"{load.name}: {status} instead of {load.expects}")
    return took


def hurry(front: RunningFront, load: Load) -> Figure:
    """Let several ask at once without a pause; return the pages a second that all of them got."""
    end = time.monotonic() + SECONDS
    done = [0] * CLIENTS
    threads = [
        threading.Thread(target=_hurry_one, args=(front, load, end, done, number))
        for number in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    name = f"{load.name}, {CLIENTS} clients"
    return Figure(name, sum(done) / SECONDS, rounds=sum(done), unit="a second")


def _hurry_one(front: RunningFront, load: Load, end: float, done: list[int], number: int) -> None:
    client = load.connect(front)
    if client is None:
        return
    with client.closing():
        while time.monotonic() < end:
            once(load, client)
            done[number] += 1


if __name__ == "__main__":
    main()

"""Measures `deskbell serve`: seconds from the command to the first page, and what its processes hold in memory.

    .venv/bin/python bench/start.py [--rounds 5] [--data DIR] [--json FILE]

Each round starts a desk twice on one data folder: empty, so that tables are made, and with its data there; only the
latter on the desk in DIR, which has its data.  Memory is PSS (shared pages counted once), idle, after the first page.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.figures import Figure, keep, tell  # noqa: E402

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Start:
    """One start: seconds to the first page, and MB of each process by its name."""

    seconds: float
    memory: dict[str, float]


def main() -> None:
    """Run the rounds and print what came out."""
    options = _options()
    empty, there = [], []
    for _ in range(options.rounds):
        if options.data:
            there.append(start(Path(options.data)))
            continue
        with tempfile.TemporaryDirectory(prefix="deskbell-bench-start-") as folder:
            empty.append(start(Path(folder)))
            there.append(start(Path(folder)))
    engine = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(f"deskbell serve on {engine}, load {os.getloadavg()[0]:.1f}")
    figures = [_figure("from the command to the first page", "s", [one.seconds for one in there])]
    if empty and engine == "SQLite":  # another server's tables are there from the first round on
        seconds = [one.seconds for one in empty]
        figures.append(_figure("from the command to the first page, nothing there", "s", seconds))
    figures += [
        _figure(f"memory of {name}, idle", "MB", [one.memory[name] for one in there])
        for name in there[0].memory
    ]
    idle = [sum(one.memory.values()) for one in there]
    figures.append(_figure("memory of all processes, idle", "MB", idle))
    tell(figures)
    keep(figures, options.json)


def _figure(name: str, unit: str, values: list[float]) -> Figure:
    return Figure(name, statistics.median(values), max(values), rounds=len(values), unit=unit)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", default="", help="the folder of a desk that has its data")
    parser.add_argument("--json", default="", help="write the figures into this file too")
    return parser.parse_args()


def start(folder: Path) -> Start:
    """Start a desk, wait for its first page, look at its memory, and end it."""
    http, smtp = free_port(), free_port()
    command = [sys.executable, "-P", "-m", "deskbell.cli", "serve", "--data", str(folder)]
    listens = ["--http", f"127.0.0.1:{http}", "--smtp", f"127.0.0.1:{smtp}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    with subprocess.Popen(
        [*command, *listens],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_for_page(http, began)
        seconds = time.monotonic() - began
        time.sleep(1)
        memory = memory_of(process.pid)
        process.terminate()
    return Start(seconds, memory)


def wait_for_page(port: int, began: float) -> None:
    """Ask for the sign-in page until it is there; a desk without an owner answers 403 with a page."""
    while time.monotonic() - began < PATIENCE_SECONDS:
        try:
            with urlopen(f"http://127.0.0.1:{port}/sign-in") as answer:
                answer.read()
        except HTTPError:
            return
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise SystemExit("no page came")


def memory_of(number: int) -> dict[str, float]:
    """Return the PSS in MB of a process and its children, by name."""
    children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    found = {"serve": pss_mb(str(number))}
    for child in children:
        name = Path(f"/proc/{child}/comm").read_text().strip()
        found[name] = pss_mb(child)
    return found


def pss_mb(number: str) -> float:
    """Return the proportional set size of one process."""
    told = re.search(
        r"^Pss:\s+(\d+)", Path(f"/proc/{number}/smaps_rollup").read_text(), re.MULTILINE
    )
    return int(told[1]) / 1024 if told else 0.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    main()

"""Measures `deskbell serve`: seconds from the command to the first page, and what its processes hold in memory.

    .venv/bin/python bench/start.py [ROUNDS]

Each round starts a desk twice on one data folder: empty, so that tables are made, and with its data there.
Memory is PSS (shared pages counted once), idle, after the first page.  On the database of DATABASE_URL only
the second start is told, since its tables are there.
"""

from __future__ import annotations

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

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Start:
    """One start: seconds to the first page, and MB of each process by its name."""

    seconds: float
    memory: dict[str, float]


def main() -> None:
    """Run the rounds and print what came out."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    empty, there = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="deskbell-bench-start-") as folder:
            empty.append(start(Path(folder)))
            there.append(start(Path(folder)))
    engine = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(f"deskbell serve on {engine}, {rounds} rounds, load {os.getloadavg()[0]:.1f}")
    tell("from the command to the first page, nothing there yet", [one.seconds for one in empty])
    tell("from the command to the first page, data there", [one.seconds for one in there])
    for name in there[0].memory:
        tell(f"memory of the {name}, MB", [one.memory[name] for one in there])
    tell("memory of all, MB", [sum(one.memory.values()) for one in there])


def tell(what: str, values: list[float]) -> None:
    """Print a median and its spread."""
    spread = f"{min(values):.2f} to {max(values):.2f}"
    print(f"  {what}: {statistics.median(values):.2f} ({spread})")


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

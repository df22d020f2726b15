"""How many letters a second a whole running desk takes in, and how many become tickets.

    .venv/bin/python bench/walk.py [--letters 300] [--rounds 3] [--clients 4] [--size 28]

Front and worker as `deskbell serve` starts them, letters over SMTP by several clients at once; the API then says when
the last one has become a ticket.  On SQLite, or on the server that DATABASE_URL names (a database of its own there).
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.stories.running import RunningDesk, a_running_desk, letter, until

LINE = "After two nights in the mountains the zip came apart again."


@dataclass(frozen=True)
class Rate:
    """Letters a second."""

    accepted: float
    tickets: float


def main() -> None:
    """Run the rounds on one desk and print both rates."""
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="deskbell-bench-walk-") as folder,
        a_running_desk(Path(folder)) as desk,
    ):
        desk.hire_owner()
        rates = [_round(desk, options, number) for number in range(options.rounds)]
    engine = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(
        f"{options.letters} letters of {options.size} KB by {options.clients} clients, "
        f"{options.rounds} rounds on {engine}, load {os.getloadavg()[0]:.1f}"
    )
    _tell("accepted (on disk and committed, then 250)", [rate.accepted for rate in rates])
    _tell("accepted, read and become tickets", [rate.tickets for rate in rates])


def _round(desk: RunningDesk, options: argparse.Namespace, number: int) -> Rate:
    text = f"{LINE}\n" * (options.size * 1024 // len(LINE))
    each = options.letters // options.clients

    def send(client: int) -> None:
        for count in range(each):
            desk.mail(letter(text, subject=f"Round {number}, letter {client}-{count}"))

    clients = [threading.Thread(target=send, args=(one,)) for one in range(options.clients)]
    began = time.monotonic()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    accepted = time.monotonic() - began
    until(lambda: not desk.api("GET", "letters?state=waiting&limit=1")["items"], "the end", 600)
    read = time.monotonic() - began
    return Rate(each * options.clients / accepted, each * options.clients / read)


def _tell(what: str, values: list[float]) -> None:
    spread = f"{min(values):.0f} to {max(values):.0f}"
    print(f"  {what}: {statistics.median(values):.0f} a second ({spread})")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--size", type=int, default=28, help="KB of each letter")
    return parser.parse_args()


if __name__ == "__main__":
    main()

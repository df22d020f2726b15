"""How many letters a second a running desk takes in and makes tickets of: alone, and with agents at work.

    .venv/bin/python bench/mail.py [--tickets 0] [--letters 300] [--rounds 5] [--clients 4] [--size 28] [--agents 4]

Front and worker as `deskbell serve` starts them, on a desk that holds so many tickets already; letters over SMTP by
several clients at once; the API then says when the last one has become a ticket.  Rounds alone and rounds with agents
take turns.  Agents look at the inbox and at a ticket in turn, twice a second each; how long they wait is printed too,
also while no mail comes.  On SQLite, or on the server that DATABASE_URL names (a database of its own there).
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

from bench.at_work import Waits, agents, look_at
from tests.stories.running import RunningDesk, a_running_desk, letter, until

LINE = "After two nights in the mountains the zip came apart again."
QUIET_SECONDS = 10.0  # in which agents are watched while no mail comes
LONGEST_FILLING = 3600


@dataclass(frozen=True)
class Rate:
    """Letters a second."""

    accepted: float
    tickets: float


def main() -> None:
    """Run the rounds on one desk, in turns, and print the rates."""
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="deskbell-bench-mail-") as folder,
        a_running_desk(Path(folder)) as desk,
    ):
        if options.tickets:  # only an empty desk can be filled
            desk.run("seed", "--tickets", str(options.tickets), seconds=LONGEST_FILLING)
        desk.hire_owner()
        look = look_at(desk)
        quiet, busy = Waits(), Waits()
        with agents(desk, look, quiet, options.agents):
            time.sleep(QUIET_SECONDS)
        alone, together = [], []
        for number in range(options.rounds):
            alone.append(_round(desk, options, f"alone {number}"))
            with agents(desk, look, busy, options.agents):
                together.append(_round(desk, options, f"together {number}"))
    engine = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(
        f"{options.letters} letters of {options.size} KB by {options.clients} clients, {options.rounds} rounds each, "
        f"into {options.tickets} tickets on {engine}, load {os.getloadavg()[0]:.1f}"
    )
    for name, rates in (("alone", alone), (f"with {options.agents} agents at work", together)):
        _tell(
            f"{name}: accepted (on disk and committed, then 250)", [one.accepted for one in rates]
        )
        _tell(f"{name}: accepted, read and become tickets", [one.tickets for one in rates])
    print(f"  an agent's page without mail: {quiet}; while mail comes: {busy}")


def _round(desk: RunningDesk, options: argparse.Namespace, name: str) -> Rate:
    text = f"{LINE}\n" * (options.size * 1024 // len(LINE))
    each = options.letters // options.clients

    def send(client: int) -> None:
        for count in range(each):
            desk.mail(letter(text, subject=f"Round {name}, letter {client}-{count}"))

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
    parser.add_argument("--tickets", type=int, default=0, help="already in the desk")
    parser.add_argument("--letters", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--size", type=int, default=28, help="KB of each letter")
    parser.add_argument("--agents", type=int, default=4)
    return parser.parse_args()


if __name__ == "__main__":
    main()

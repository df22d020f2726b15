"""Do a thousand letters that wait to leave slow the desk?  Agents at work while none waits, while all are put off, and
while all leave.

    .venv/bin/python bench/waiting.py [--tickets 0] [--letters 1000] [--rounds 3] [--agents 4] [--seconds 15]

Front and worker as `deskbell serve` starts them; a relay in this process that first says 451 to every letter, then
takes them.  The four phases of a round follow each other on one desk:

    none waits       agents look at the inbox and at a ticket in turn, twice a second each
    put off          as many answers as asked for are due at once, and every one of them is refused for now
    waiting          all of them wait for their next attempt; a fresh answer is sent beside them
    leaving          the relay takes letters again and all are due at once; a fresh answer is sent behind them

On SQLite, or on the server that DATABASE_URL names (a database of its own there).
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.at_work import Look, Waits, agents, look_at
from tests.fakes.relay import OK, refuse
from tests.stories.running import RunningDesk, a_running_desk, until

WARMING_SECONDS = 5
LONGEST_FILLING, LONGEST_SENDING = 3600, 900
PHASES = ("none waits", "put off", "waiting", "leaving")


class Taken:
    """What was measured over all rounds."""

    def __init__(self) -> None:
        self.waits = {phase: Waits() for phase in PHASES}
        self.put_off: list[float] = []  # seconds until every letter was refused once
        self.left: list[float] = []  # seconds until every letter had left
        self.beside: list[
            float
        ] = []  # ms of a fresh answer, from due to taken, while the others wait
        self.behind: list[float] = []  # the same while the others leave


def main() -> None:
    """Run the rounds on one desk, and print what agents waited for in each phase."""
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="deskbell-bench-waiting-") as folder,
        a_running_desk(Path(folder)) as desk,
    ):
        if options.tickets:  # only an empty desk can be filled
            desk.run("seed", "--tickets", str(options.tickets), seconds=LONGEST_FILLING)
        desk.hire_owner()
        look, taken = look_at(desk), Taken()
        with agents(desk, look, Waits(), options.agents):
            time.sleep(WARMING_SECONDS)
        for _ in range(options.rounds):
            _round(desk, look, taken, options)
        repeated = len(desk.relay.letters) - len({one.message_id for one in desk.relay.letters})
    engine = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(
        f"{options.letters} letters of 2 KB, {options.agents} agents, {options.rounds} rounds, "
        f"{options.tickets} tickets before on {engine}, load {os.getloadavg()[0]:.1f}"
    )
    for phase, waits in taken.waits.items():
        print(f"  an agent's page, {phase}: {waits}")
    _tell("every letter refused once", taken.put_off, "s")
    _tell("every letter left", taken.left, "s")
    _tell("a fresh answer beside those that wait, from due to taken", taken.beside, "ms")
    _tell("a fresh answer behind those that leave, from due to taken", taken.behind, "ms")
    print(f"  letters sent twice: {repeated}")


def _round(desk: RunningDesk, look: Look, taken: Taken, options: argparse.Namespace) -> None:
    from bench.outgoing import make_due, write_held
    from deskbell.channels.mail.models import Delivery

    waiting = Delivery.objects.filter(state__in=Delivery.PENDING)
    with agents(desk, look, taken.waits["none waits"], options.agents):
        time.sleep(options.seconds)
    write_held(options.letters, lambda number: _answer(f"Zip {number}"))
    desk.relay.always(refuse(451, "4.7.1 come back later"))
    with agents(desk, look, taken.waits["put off"], options.agents):
        began = time.monotonic()
        make_due()
        until(lambda: not waiting.filter(attempts=0).exists(), "the refusals", LONGEST_SENDING)
        taken.put_off.append(time.monotonic() - began)
    desk.relay.always(OK)
    with agents(desk, look, taken.waits["waiting"], options.agents):
        time.sleep(options.seconds / 2)
        taken.beside.append(_send_fresh(desk))
        time.sleep(options.seconds / 2)
    with agents(desk, look, taken.waits["leaving"], options.agents):
        began = time.monotonic()
        make_due()
        taken.behind.append(_send_fresh(desk))
        until(lambda: not waiting.exists(), "the last letter", LONGEST_SENDING)
        taken.left.append(time.monotonic() - began)


def _answer(subject: str) -> int:
    """Let the owner answer a new ticket; return the number of the answer."""
    from bench.outgoing import answer
    from deskbell.people.actors import Actor
    from deskbell.people.models import Address, Agent, Department

    owner = Agent.objects.select_related("account").filter(role="owner").earliest("id")
    customer = Address.objects.get(value="emil@acme.example")
    return answer(Department.objects.earliest("id"), customer, subject, by=Actor.agent(owner)).pk


def _send_fresh(desk: RunningDesk) -> float:
    """Answer one more ticket, due at once; return the ms until the relay has taken it."""
    from bench.outgoing import make_due
    from deskbell.channels.mail.models import Delivery

    message = _answer("A fresh one")
    until(Delivery.objects.filter(message=message).exists, "its delivery")
    began = time.perf_counter()
    make_due(message=message)
    mine = Delivery.objects.filter(message=message, state__in=Delivery.PENDING)
    until(lambda: not mine.exists(), "the fresh answer", LONGEST_SENDING)
    return (time.perf_counter() - began) * 1000


def _tell(what: str, values: list[float], unit: str) -> None:
    middle = statistics.median(values)
    print(f"  {what}: {middle:.0f} {unit} ({min(values):.0f} to {max(values):.0f})")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=0, help="already in the desk")
    parser.add_argument("--letters", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--agents", type=int, default=4)
    parser.add_argument(
        "--seconds", type=float, default=15, help="of each phase that waits for nothing"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()

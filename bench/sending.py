"""How many letters a second leave: a worker of its own, a relay on this machine, real SMTP and commits.

    python bench/sending.py [--letters 500] [--rounds 5]

On SQLite in a fresh folder, or on the database that DATABASE_URL names, which must be empty.
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
os.environ["DESKBELL_DATA"] = FOLDER = tempfile.mkdtemp(prefix="deskbell-bench-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from bench.outgoing import answer, make_due, write_held  # noqa: E402
from deskbell.channels.mail.models import Delivery, MailBox  # noqa: E402
from tests.cast import Cast, by, meet  # noqa: E402
from tests.fakes.relay import Relay  # noqa: E402


def main() -> None:
    """Measure, and print what, how often, the median and the spread."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--letters", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    call_command("migrate", verbosity=0)
    cast = meet()
    MailBox.objects.create(address="help@desk.example", department=cast.support)
    with Relay() as relay:
        worker = start_worker(relay)
        try:
            write_answers(cast, 20)
            send_all(relay)  # the worker and its lines are warm from here on
            rates = [one_round(cast, relay, wanted.letters) for _ in range(wanted.rounds)]
        finally:
            worker.terminate()
            worker.wait()
        repeated = len(relay.seen) - len({letter.message_id for letter in relay.seen})
    print(f"letters sent by one worker, {connection.vendor}, {wanted.letters} letters of 2 KB,")
    print(f"{wanted.rounds} rounds, from due to the last 250 written down:")
    print(
        f"median {statistics.median(rates):.0f} letters a second, from {min(rates):.0f} to {max(rates):.0f}"
    )
    print(f"connections {relay.connections}, letters sent twice {repeated}")


def one_round(cast: Cast, relay: Relay, count: int) -> float:
    """Return letters a second over `count` new answers."""
    write_answers(cast, count)
    begun = time.monotonic()
    send_all(relay)
    return count / (time.monotonic() - begun)


def write_answers(cast: Cast, count: int) -> None:
    """Let Bela answer `count` new tickets; all is settled, and held for long."""
    write_held(
        count, lambda number: answer(cast.support, cast.emil, f"Zip {number}", by=by(cast.bela))
    )


def send_all(relay: Relay) -> None:
    """Make them due, and wait until each is written down as sent."""
    make_due()
    relay.wait_for(len(relay.letters) + 1, seconds=60)
    while Delivery.objects.filter(sent_at=None).exists():
        time.sleep(0.02)


def start_worker(relay: Relay) -> "subprocess.Popen[bytes]":
    """Start the product's own worker with `relay` as the desk's."""
    environment = {**os.environ, "DESKBELL_RELAY": relay.url}
    command = [sys.executable, "-m", "deskbell.cli", "worker"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()

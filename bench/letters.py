"""How many letters a second are accepted (on disk and committed, then 250), and become tickets.

    python bench/letters.py [--letters 600] [--rounds 5] [--clients 8] [--size 28]

Real SMTP to a server process of its own; then the worker's job on the same letters, in one thread.
On SQLite in a fresh folder, or on the database that DATABASE_URL names, which must be empty.
"""

import argparse
import os
import re
import smtplib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

os.environ["DJANGO_SETTINGS_MODULE"] = "deskbell.settings"
os.environ["DESKBELL_DATA"] = tempfile.mkdtemp(prefix="desk-letters-")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from deskbell.channels.mail.models import Letter, MailBox  # noqa: E402
from deskbell.tickets.models import Ticket  # noqa: E402
from deskbell.work.run import run_due  # noqa: E402
from tests.cast import meet  # noqa: E402

SERVER = """
import asyncio, django
django.setup()
from deskbell.channels.mail import smtp_server
async def main():
    server = await smtp_server.start("127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def main() -> None:
    """Print both rates."""
    options = _options()
    call_command("migrate", verbosity=0)
    MailBox.objects.create(address="help@desk.example", department=meet().support)
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        accepted, read = [], []
        for number in range(options.rounds):
            accepted.append(_accept(port, options, number))
            read.append(_read())
    finally:
        server.kill()
        server.wait()
    assert Letter.objects.filter(state="read").count() == options.letters * options.rounds
    assert Ticket.objects.count() == options.letters * options.rounds
    print(
        f"{options.letters} letters of {options.size} KB, {options.clients} clients, rounds: {options.rounds}"
    )
    _print("accepted", accepted)
    _print("read into tickets, settled, one thread", read)


def _accept(port: int, options: argparse.Namespace, number: int) -> float:
    share = options.letters // options.clients
    senders = [
        threading.Thread(target=_send, args=(port, share, f"{number}.{client}", options.size))
        for client in range(options.clients)
    ]
    before = time.monotonic()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    seconds = time.monotonic() - before
    return float(share * options.clients / seconds)


def _send(port: int, count: int, name: str, size: int) -> None:
    body = re.sub("(.{70})", "\\1\r\n", "All of us have a zip that came apart. " * (size * 27))[
        : size * 1000
    ]
    with smtplib.SMTP("127.0.0.1", port) as peer:
        for number in range(count):
            head = (
                f"From: Emil <emil{name}.{number}@acme.example>\r\nTo: help@desk.example\r\n"
                f"Subject: Zip {name} {number}\r\nMessage-ID: <{name}.{number}@acme.example>\r\n\r\n"
            )
            peer.sendmail("emil@acme.example", ["help@desk.example"], head + body)


def _read() -> float:
    count: int = Letter.objects.filter(state="waiting").count()
    before = time.monotonic()
    run_due()
    return count / (time.monotonic() - before)


def _print(what: str, rates: list[float]) -> None:
    middle = statistics.median(rates)
    print(f"{what}: {middle:.0f} a second ({min(rates):.0f} to {max(rates):.0f})")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--size", type=int, default=28, help="kilobytes")
    options = parser.parse_args()
    options.letters -= options.letters % options.clients
    return options


if __name__ == "__main__":
    main()

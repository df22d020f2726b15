"""How soon one change reaches every open desk: live pages on one front, each with a websocket of its own.

    python bench/live.py [--pages 1000] [--changes 50] [--json FILE]

A whole front in a process of its own, the pages in this one, so the figures hold what both cost.
"""

import argparse
import asyncio
import atexit
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

os.environ["DJANGO_SETTINGS_MODULE"] = "deskbell.settings"
os.environ["DESKBELL_DATA"] = FOLDER = tempfile.mkdtemp(prefix="deskbell-bench-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from websockets.asyncio.client import ClientConnection, connect  # noqa: E402
from websockets.typing import Origin  # noqa: E402

from bench.figures import Figure, keep, tell  # noqa: E402
from deskbell.tickets import actions  # noqa: E402
from deskbell.tickets.content import Content  # noqa: E402
from deskbell.tickets.models import Ticket  # noqa: E402
from tests.cast import Cast, by, hire, meet  # noqa: E402
from tests.desk import a_ticket  # noqa: E402

PAGES_AN_AGENT = 25


def main() -> None:
    """Start a front, open the pages, make the changes, print how long each page waited."""
    arguments = _arguments()
    call_command("migrate", verbosity=0)
    cast = meet()
    ticket = a_ticket(cast.support, cast.emil)
    cookies = _cookies(cast, -(-arguments.pages // PAGES_AN_AGENT))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-P", "-m", "deskbell.cli", "web", "--http", f"127.0.0.1:{port}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=FOLDER, env=environment, stderr=subprocess.DEVNULL)
    try:
        asyncio.run(_measure(port, cookies, ticket, cast, arguments))
    finally:
        process.terminate()
        process.wait()


def _cookies(cast: Cast, agents: int) -> list[str]:
    found = []
    for number in range(agents):
        client = Client()
        client.force_login(
            hire(f"Agent {number}", f"agent{number}@desk.example", "agent", cast.support).account
        )
        found.append(f"deskbell_session={client.cookies['deskbell_session'].value}")
    return found


async def _measure(
    port: int, cookies: Sequence[str], ticket: Ticket, cast: Cast, arguments: argparse.Namespace
) -> None:
    await _until_it_listens(port)
    pages = [
        await _open(port, cookies[number // PAGES_AN_AGENT]) for number in range(arguments.pages)
    ]
    waited: list[float] = []
    whole: list[float] = []
    for number in range(arguments.changes):
        hearing = [asyncio.create_task(_heard(page, ticket.code)) for page in pages]
        await asyncio.sleep(0.2)
        committed = await asyncio.to_thread(_change, ticket, cast, number)
        took = [(await one - committed) * 1000 for one in hearing]
        waited += took
        whole.append(max(took))
    waited.sort()
    print(
        f"{len(pages)} live pages, {arguments.changes} changes, from the commit to what a page heard"
    )
    p95, rounds = waited[int(len(waited) * 0.95)], arguments.changes
    name = f"one change to {len(pages):,} open desks"
    figures = [
        Figure(name, statistics.median(waited), p95, rounds=rounds),
        Figure(f"{name}, the last", statistics.median(whole), max(whole), rounds=rounds),
    ]
    tell(figures)
    keep(figures, arguments.json)
    await asyncio.gather(*(page.close() for page in pages))


def _change(ticket: Ticket, cast: Cast, number: int) -> float:
    actions.note(ticket, Content(f"Note {number}."), by=by(cast.bela))
    return time.monotonic()


async def _heard(page: ClientConnection, code: str) -> float:
    while json.loads(await page.recv()).get("ticket") != code:
        pass
    return time.monotonic()


async def _open(port: int, cookie: str) -> ClientConnection:
    page = await connect(
        f"ws://127.0.0.1:{port}/live",
        origin=Origin(f"http://127.0.0.1:{port}"),
        additional_headers={"Cookie": cookie},
        compression=None,
    )
    await page.send('{"list": true, "seconds": 0}')
    return page


async def _until_it_listens(port: int) -> None:
    for _try in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--changes", type=int, default=50)
    parser.add_argument("--json", default="", help="write the figures into this file too")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""How soon a page answers while others stall: uploads that stop, downloads nobody reads, sockets that never speak.

    python bench/stalled.py [--pages 300] [--rounds 5] [--stalled 20]

A whole front in a process of its own, in a fresh folder; the page is the door, the download a file of 20 MB.
Quiet and stalled rounds alternate.
"""

import argparse
import atexit
import http.client
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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

from deskbell.channels.mail.models import MailBox  # noqa: E402, F401  all models are known
from deskbell.tickets import actions, files  # noqa: E402
from deskbell.tickets.content import Content, NewFile  # noqa: E402
from deskbell.tickets.models import Attachment  # noqa: E402
from tests.cast import by, meet  # noqa: E402


def main() -> None:
    """Alternate quiet and stalled rounds and print both."""
    arguments = _arguments()
    cookie, download = _furnish()
    quiet: list[float] = []
    stalled: list[float] = []
    with _front() as port:
        _pages(port, cookie, 50)
        for _round in range(arguments.rounds):
            quiet += _pages(port, cookie, arguments.pages)
            with _stalling(port, cookie, download, arguments.stalled):
                stalled += _pages(port, cookie, arguments.pages)
    count = arguments.stalled
    print(f"an inbox page, {arguments.rounds} rounds of {arguments.pages}, one client")
    print(f"  quiet:   {_worded(quiet)}")
    print(
        f"  with {count} uploads, {count} downloads and {count} sockets stalled: {_worded(stalled)}"
    )


def _furnish() -> tuple[str, str]:
    """Return the cookie of somebody who is signed in, and the address of a large file."""
    call_command("migrate", verbosity=0)
    cast = meet()
    kept = files.keep(os.urandom(20_000_000))
    content = Content(
        "See the film.", files=(NewFile("film.bin", "application/octet-stream", kept),)
    )
    actions.open_ticket(
        by=by(cast.emil),
        subject="Film",
        content=content,
        department=cast.support,
        customer=cast.emil,
        channel="mail",
    )
    client = Client()
    client.force_login(cast.anna.account)
    token = Attachment.objects.get().token
    return f"deskbell_session={client.cookies['deskbell_session'].value}", f"/files/{token}"


@contextmanager
def _front() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-P", "-m", "deskbell.cli", "web", "--http", f"127.0.0.1:{port}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=FOLDER, env=environment, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _stalling(port: int, cookie: str, download: str, count: int) -> Iterator[None]:
    upload = f"POST /tickets HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Length: 1000000\r\n\r\nthe beginning"
    get = f"GET {download} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n"
    with ExitStack() as stack:
        for said in (upload, get, ""):
            for _one in range(count):
                opened = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                opened.sendall(said.encode())
                if said is get:
                    assert opened.recv(12) == b"HTTP/1.1 200", "the download did not begin"
        yield


def _pages(port: int, cookie: str, count: int) -> list[float]:
    """Return how many milliseconds each page took, one after another."""
    took = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for _page in range(count):
        began = time.monotonic()
        connection.request("GET", "/", headers={"Cookie": cookie})
        response = connection.getresponse()
        response.read()
        took.append((time.monotonic() - began) * 1000)
        assert response.status == http.client.OK, response.status
    connection.close()
    return took


def _worded(took: list[float]) -> str:
    took = sorted(took)
    return f"median {statistics.median(took):.1f} ms, p95 {took[int(len(took) * 0.95)]:.1f}, longest {took[-1]:.1f}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stalled", type=int, default=20)
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""`bin/serve`: the whole desk in one command, and `deskbell mail`, its ear for SMTP alone."""

import asyncio
import fcntl
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections

from deskbell import __version__, environment, prepare
from deskbell.environment import ALL_INTERFACES
from deskbell.supervisor import Child, Supervisor

# A killed desk's children may hold the folder and the ports for a moment longer.
TAKE_OVER_SECONDS = 6.0


def run(http: str, smtp: str, *, backup: bool = True) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code.

    http, smtp   HOST:PORT to listen on
    backup       whether an upgrade makes one first
    Raises NotReady when a setting, the database, the folder or a port stands in the way.

    1. load the settings  2. be the only one on this data folder  3. see that the ports are free
    4. bring the database up to date  5. start front and worker  6. say where the desk is, once it
    answers.
    """
    listens = [address_of(http), address_of(smtp)]
    prepare.settings_ready()
    with _alone_on_the_folder():
        for host, port in listens:
            _must_be_free(host, port)
        prepare.database_ready(backup=backup)
        environment.remember_url(settings.DATA, settings.DESK_URL)
        _try_what_waits_for_a_relay()
        greeting = _greeting()
        connections.close_all()
        supervisor = Supervisor(
            [Child("front", lambda: _front(http, smtp)), Child("worker", _worker)],
            when_ready=lambda: print(greeting, flush=True),  # noqa: T201 -- the one thing it says
            is_ready=lambda: _answers(*listens[0]),
        )
        code = supervisor.run()
    if sys.stderr.isatty():  # somebody pressed Ctrl-C and waits for a word
        print("\nDeskbell has ended.", file=sys.stderr)  # noqa: T201
    return code


def address_of(text: str) -> tuple[str, int]:
    """Return (host, port) of "HOST:PORT" or "[IPv6]:PORT".  Raises NotReady."""
    host, _, port = text.rpartition(":")
    if not (host and port.isdecimal() and 0 < int(port) < 65536):  # noqa: PLR2004 -- the last port
        raise prepare.NotReady(f"{text} is not HOST:PORT, as in 127.0.0.1:8000.")
    return host.strip("[]"), int(port)


def take_letters(smtp: str) -> int:
    """Take letters in by SMTP until SIGTERM or SIGINT; return the exit code."""
    host, port = address_of(smtp)
    _must_be_free(host, port)
    asyncio.run(_take_letters(host, port))
    return 0


async def _take_letters(host: str, port: int) -> None:
    from deskbell.channels.mail import smtp_server

    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    server = await smtp_server.start(host, port)
    await ended.wait()
    server.close()


def _front(http: str, smtp: str) -> int:
    from deskbell.web import front

    return front.run(http, smtp) or 0


def _worker() -> int:
    from deskbell.work import worker

    return worker.run()


@contextmanager
def _alone_on_the_folder() -> Iterator[None]:
    with (settings.DATA / "serve.lock").open("w") as file:
        until = time.monotonic() + TAKE_OVER_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise prepare.NotReady(
                        f"Another Deskbell serves the data folder {settings.DATA}. End that one,"
                        " or choose another folder with --data."
                    ) from None
                time.sleep(0.05)
        yield


def _must_be_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise prepare.NotReady(
            f"The desk cannot listen on {host}:{port}: {error.strerror or error}. Choose another"
            " with --http or --smtp HOST:PORT."
        ) from None


def _answers(host: str, port: int) -> bool:
    if host in ALL_INTERFACES:
        host = "::1" if ":" in host else "127.0.0.1"
    try:
        socket.create_connection((host, port), timeout=0.2).close()
    except OSError:
        return False
    return True


def _try_what_waits_for_a_relay() -> None:
    """This start may be the one with another DESKBELL_RELAY."""
    from deskbell.channels.mail import outbox

    outbox.try_at_once()


def _greeting() -> str:
    from deskbell.people import first_run
    from deskbell.people.models import Desk

    if Desk.get().set_up_at is not None:
        return f"Deskbell {__version__} is ready: {settings.DESK_URL}"
    address = f"{settings.DESK_URL}/setup?token={first_run.new_token()}"
    return f"Deskbell {__version__} is ready. Open this address to make the desk yours:\n{address}"

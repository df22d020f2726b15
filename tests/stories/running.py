"""A whole desk in processes of its own, as an operator runs it: `deskbell serve` on a fresh data folder,
on the database that this run of the tests is about, with a real relay behind it.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
from psycopg.conninfo import make_conninfo

from tests.fakes.relay import Relay

ROOT = Path(__file__).parents[2]
PASSWORD = "brass bell on the counter"
T = TypeVar("T")


@dataclass
class RunningDesk:
    """A desk that runs; `relay` is where its answers arrive."""

    data: Path
    relay: Relay
    http: str
    smtp: str
    environment: dict[str, str]
    setup_address: str = ""
    process: subprocess.Popen[str] | None = None
    said: list[str] = field(default_factory=list)
    key: str = ""

    @property
    def url(self) -> str:
        """The address of its pages."""
        return f"http://{self.http}"

    def start(self) -> None:
        """Start it, and wait until its pages answer."""
        with (self.data / "log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "deskbell.cli", "serve", *self._arguments()],
                cwd=self.data,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if "http" in line:
                found = re.search(r"http\S+/setup\?token=\S+", line)
                self.setup_address = found.group() if found else ""
                break
        until(self._answers, "the first page")

    def stop(self) -> int:
        """End it as an operator would; return its exit code."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def run(self, *command: str, given: str = "", seconds: float = 60) -> str:
        """Run `deskbell COMMAND` on this desk and return what it prints."""
        return self.run_module("deskbell.cli", *command, given=given, seconds=seconds)

    def run_module(self, name: str, *words: str, given: str = "", seconds: float = 60) -> str:
        """Run a module of ours on this desk and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", name, *words],
            cwd=self.data if self.data.exists() else None,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def child(self, name: str) -> int:
        """Return the process number of the front or the worker, once there is one."""
        return until(lambda: self._find_child(name), f"a process for the {name}")

    def kill(self, name: str) -> None:
        """Kill the front or the worker as hard as it goes, and wait until it is gone."""
        number = self.child(name)
        os.kill(number, signal.SIGKILL)
        until(lambda: self._find_child(name) != number, f"the end of the {name}")

    @contextmanager
    def frozen(self, name: str) -> Iterator[int]:
        """Hold a process still inside the block, while it writes nothing; go on afterwards, if it still lives."""
        number = self.child(name)
        until(lambda: self._stopped_between_writes(number), f"a pause of the {name}")
        try:
            yield number
        finally:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGCONT)

    def mail(self, letter: EmailMessage, to: str = "") -> None:
        """Hand a letter to the desk by SMTP, as the customer's server does; returns after its 250."""
        host, port = self.smtp.split(":")
        with smtplib.SMTP(host, int(port), timeout=20) as server:
            server.send_message(letter, to_addrs=[to] if to else None)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API; return the JSON that came.  AssertionError for any refusal."""
        request = Request(
            f"{self.url}/api/v1/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urlopen(request, timeout=20) as answer:
                text = answer.read()
        except HTTPError as refused:
            words = refused.read().decode()
            raise AssertionError(f"{method} {path}: {refused.code} {words}") from refused
        return json.loads(text) if text else None

    def tickets(self) -> list[dict[str, Any]]:
        """Return all tickets, through the API."""
        found: list[dict[str, Any]] = self.api("GET", "tickets")["items"]
        return found

    def hire_owner(self) -> None:
        """Make Anna the owner, and a key for her."""
        self.run(
            *("agent", "add", "--email", "anna@desk.example", "--name", "Anna van der Meulen"),
            *("--role", "owner", "--password-stdin"),
            given=f"{PASSWORD}\n",
        )
        said = self.run("key", "add", "--agent", "anna@desk.example", "--name", "story")
        self.key = said.split()[-1]

    def check(self) -> str:
        """Let the desk prove that every ticket replays to its row; after a long run those are thousands."""
        return self.run("check", seconds=900)

    def _arguments(self) -> list[str]:
        return ["--data", str(self.data), "--http", self.http, "--smtp", self.smtp]

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.data / "log").read_text()[-3000:]
        host, port = self.http.split(":")
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            return False
        return True

    def _stopped_between_writes(self, number: int) -> bool:
        """Stop a process; let it go on when it was just holding the only write lock of SQLite."""
        os.kill(number, signal.SIGSTOP)
        for path in self.data.glob("*.sqlite3.lock"):
            with path.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.kill(number, signal.SIGCONT)
                    return False
        return True

    def _find_child(self, name: str) -> int | None:
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        wanted = {"front": "front", "worker": "worker"}[name]
        for number in children.read_text().split():
            try:
                title = Path(f"/proc/{number}/comm").read_text() + Path(
                    f"/proc/{number}/cmdline"
                ).read_text().replace("\0", " ")
            except FileNotFoundError:  # it has ended meanwhile
                continue
            if wanted in title:
                return int(number)
        return None


def until(ask: Callable[[], T | None], what: str, seconds: float = 30.0) -> T:
    """Ask again and again until the answer is true; return it.  AssertionError when it never comes."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.03)
    raise AssertionError(f"{what} did not come within {seconds} seconds")


def letter(text: str, *, subject: str, answers: str = "") -> EmailMessage:
    """Return a letter as Emil's program makes it; `answers` is the Message-ID it replies to."""
    made = EmailMessage()
    made["From"], made["To"] = "Emil Novák <emil@acme.example>", "help@desk.example"
    made["Subject"] = subject
    made["Message-ID"] = make_msgid(domain="acme.example")
    if answers:
        made["In-Reply-To"] = made["References"] = f"<{answers.strip('<>')}>"
    made.set_content(text)
    return made


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def a_running_desk(folder: Path, **settings: str) -> Iterator[RunningDesk]:
    """Run a desk of its own in `folder`, on a database of its own, until the block ends.

    settings  further variables of its environment
    """
    folder.mkdir(exist_ok=True)
    with Relay() as relay, _a_database() as database:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("DESKBELL_") and name != "DJANGO_SETTINGS_MODULE"
        }
        environment |= {
            **database,
            "DESKBELL_DATA": str(folder),
            "DESKBELL_RELAY": relay.url,
            "PYTHONPATH": str(ROOT),
            **settings,
        }
        desk = RunningDesk(
            folder,
            relay,
            f"127.0.0.1:{free_port()}",
            f"127.0.0.1:{free_port()}",
            environment,
        )
        desk.start()
        try:
            yield desk
        finally:
            desk.stop()


@contextmanager
def another_place_for(desk: RunningDesk, folder: Path) -> Iterator[RunningDesk]:
    """Yield a desk that is not there yet: where `desk` can move to, with an empty database of its own."""
    with _a_database() as database:
        environment = {**desk.environment, **database, "DESKBELL_DATA": str(folder)}
        yield RunningDesk(
            folder,
            desk.relay,
            f"127.0.0.1:{free_port()}",
            f"127.0.0.1:{free_port()}",
            environment,
        )


@contextmanager
def _a_database() -> Iterator[dict[str, str]]:
    """Yield the DATABASE_URL of an empty database; nothing for SQLite, which lies in the data folder."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield {}
        return
    name = f"story_{secrets.token_hex(4)}"
    with psycopg.connect(make_conninfo(url), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield {"DATABASE_URL": re.sub(r"(//[^/]*)/[^?]*", rf"\1/{name}", url, count=1)}
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")

"""A front in a process of its own, and a client that costs next to nothing: for loads over real HTTP.

The client keeps its connection, sends bytes that are ready and reads an answer to its end; it knows no more of HTTP.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers as they came, the body."""

    status: int
    head: bytes
    body: bytes


@dataclass(frozen=True)
class RunningFront:
    """A front that listens; `pid` is its process."""

    port: int
    pid: int

    def client(self, *headers: str) -> Client:
        """Return a new connection that sends `headers` with every request."""
        return Client(self.port, headers)


class Client:
    """One connection that is kept."""

    def __init__(self, port: int, headers: tuple[str, ...]) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = "".join(f"{line}\r\n" for line in (f"Host: 127.0.0.1:{port}", *headers))

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form."""
        body = urlencode(fields).encode()
        kind = "Content-Type: application/x-www-form-urlencoded"
        head = f"POST {path} HTTP/1.1\r\n{self._head}{kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        return self._ask(head.encode() + body)

    @contextmanager
    def closing(self) -> Iterator[Client]:
        """End the connection with the block."""
        with self._socket:
            yield self

    def _ask(self, request: bytes) -> Answer:
        self._socket.sendall(request)
        taken = b""
        while b"\r\n\r\n" not in taken:
            taken += self._more()
        head, _, body = taken.partition(b"\r\n\r\n")
        if chunks := re.search(rb"(?i)^transfer-encoding: *chunked", head, re.MULTILINE):
            raise SystemExit(f"chunked answers are not read: {chunks[0]!r}")
        told = re.search(rb"(?i)^content-length: *(\d+)", head, re.MULTILINE)
        length = int(told[1]) if told else 0
        parts, have = [body], len(body)
        while have < length:
            parts.append(self._more())
            have += len(parts[-1])
        return Answer(int(head.split(b" ", 2)[1]), head, b"".join(parts))

    def _more(self) -> bytes:
        came = self._socket.recv(1 << 16)
        if not came:
            raise SystemExit("the front ended the connection")
        return came


@contextmanager
def a_front() -> Iterator[RunningFront]:
    """Run `deskbell web` on the desk that the environment names, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-P", "-m", "deskbell.cli", "web", "--http", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_it_listens(port, process)
        yield RunningFront(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the front did not start; `deskbell web` on this desk says why")

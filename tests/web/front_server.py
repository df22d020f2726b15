"""A front in a thread of the test, with a small WSGI application behind it instead of the whole desk."""

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send

from deskbell.live.sockets import Hub
from deskbell.web import front
from deskbell.web.bridge import Application
from deskbell.web.threads import Pool

THREADS = 2


class SmallApplication:
    """Answers by path: /echo says what came, /file sends `file`, /large a body of four megabytes."""

    def __init__(self) -> None:
        self.file = Path()
        self.served = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.served += 1
        match environ["PATH_INFO"]:
            case "/file":
                start(
                    "200 OK", [("X-Deskbell-File", str(self.file)), ("Content-Type", "image/png")]
                )
                return []
            case "/large":
                start("200 OK", [("Content-Type", "application/octet-stream")])
                return (b"x" * 65536 for _ in range(64))
            case "/broken":
                raise ZeroDivisionError
        body: bytes = environ["wsgi.input"].read()
        told = {name: value for name, value in environ.items() if isinstance(value, str)}
        start(
            "200 OK",
            [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")],
        )
        return [
            json.dumps({**told, "body_bytes": len(body), "begins": body[:20].decode()}).encode()
        ]


class RunningFront:
    """Where it listens, and ways to ask it."""

    def __init__(self, port: int, application: Any) -> None:
        self.port = port
        self.application = application
        self.opened: list[socket.socket] = []

    def ask(
        self, path: str, method: str = "GET", body: Any = None, **headers: str
    ) -> http.client.HTTPResponse:
        """Send one request; the response is read already into `response.content`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=named)
        response = connection.getresponse()
        response.content = response.read()  # type: ignore[attr-defined]
        connection.close()
        return response

    def told(self, path: str = "/echo", **headers: Any) -> dict[str, Any]:
        """Return what the application saw of a request."""
        told: dict[str, Any] = json.loads(self.ask(path, **headers).content)  # type: ignore[attr-defined]
        return told

    def open(self, *lines: str, body: bytes = b"") -> socket.socket:
        """Open a socket, say these lines and as much of a body, and leave it open until the test ends."""
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        self.opened.append(opened)
        if lines:
            opened.sendall("\r\n".join((*lines, "", "")).encode() + body)
        return opened


@contextmanager
def running(
    application: Application, live: Callable[[Pool], Hub] | None = None, port: int = 0
) -> Iterator[RunningFront]:
    """Run a front with two threads behind it; `live` makes its hub, without it there are no live pages.

    It knows whoever says that they are somebody, and asks no database.
    """

    def knows(headers: dict[bytes, bytes]) -> bool:
        return b"=somebody" in headers.get(b"cookie", b"")

    listener = socket.create_server(("127.0.0.1", port), backlog=256)
    pool = Pool(THREADS)
    hub = live(pool) if live else None
    server = uvicorn.Server(front.config(front.Front(pool, hub or _no_live, application, knows)))

    async def serve() -> None:
        tail = asyncio.create_task(hub.run()) if hub else None
        await server.serve(sockets=[listener])
        if tail is not None:
            tail.cancel()

    def run() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    while hub and not hub.listens:
        time.sleep(0.01)
    started = RunningFront(listener.getsockname()[1], application)
    try:
        yield started
    finally:
        for opened in started.opened:
            opened.close()
        server.should_exit = True
        thread.join(10)
        pool.close()
        _wait_for_threads()


def _wait_for_threads() -> None:
    """Their connections must be gone before the test's database is."""
    until = time.monotonic() + 5
    while time.monotonic() < until and any(
        thread.name.startswith(("django-", "live tail")) for thread in threading.enumerate()
    ):
        time.sleep(0.01)


async def _no_live(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008})

"""The front: one process that takes every request, and calls Django in threads that never wait for a browser.

/static/ and files are sent from here, /live is the websocket, everything else goes to Django as WSGI once its body
is whole.  With `smtp` it takes letters in too, in the same loop.
"""

import asyncio
import resource
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from deskbell import clock
from deskbell.errors import DeskError
from deskbell.live.socket import MESSAGE_BYTES
from deskbell.live.sockets import Hub
from deskbell.notices import portal_links
from deskbell.web import bodies, bridge, proxies, static_files
from deskbell.web.bodies import Body, Gone, Limits
from deskbell.web.connections import FrameProtocol, PatientProtocol
from deskbell.web.refusals import refusal
from deskbell.web.sending import Stalled, send_answer
from deskbell.web.threads import Pool

log = structlog.get_logger(__name__)

Headers = dict[bytes, bytes]

# SIGTERM must end the process within 5 seconds.
GRACE_SECONDS = 3
# Open sockets, live ones included; each costs some ten kilobytes.
CONNECTIONS = 5000
# Who brings neither a session nor a key fills in small forms at most.
STRANGER_BYTES = 1024 * 1024
# The words of a form whose files are too large: they are shown again.
WORDS_BYTES = 512 * 1024
# A refused sender may go on for so long, so that it gets to read why.
DRAIN_BYTES, DRAIN_SECONDS = 64 * 1024 * 1024, 20.0


class Ending(DeskError):
    """The desk was told to end while a body was coming."""

    code = "ending"
    status = 503
    template = _("The desk is being restarted. Send it again in a moment.")


def run(http: str, smtp: str | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return the process's exit code.

    http, smtp   HOST:PORT to listen on; without `smtp` no letters are taken
    """
    _allow_many_sockets()
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(serve(http, smtp))
    return 0


async def serve(http: str, smtp: str | None = None) -> None:
    """Serve in the running loop until a signal ends it."""
    pool = Pool()
    hub = Hub(pool)
    server = uvicorn.Server(config(Front(pool, hub)))
    # uvicorn raises the signal again when it has ended: by then the process shall just end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    letters = await _take_letters(smtp) if smtp else None
    tail = asyncio.create_task(hub.run())
    try:
        await server.serve(sockets=[_listen(http)])
    finally:
        if letters is not None:
            letters.close()
        tail.cancel()
        pool.close()


class Front:
    """The ASGI application: who answers what."""

    def __init__(
        self,
        pool: Pool,
        live: ASGIApp,
        application: bridge.Application | None = None,
        knows: Callable[[Headers], bool] | None = None,
    ) -> None:
        self._pool = pool
        self._knows = knows or known
        self._live = live
        self._application = application or get_wsgi_application()
        self._folder: Path = settings.DATA / "tmp"
        get_resolver().url_patterns  # noqa: B018  every view is imported now, not in the first request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or serve one websocket."""
        seen = proxies.seen_through(scope, settings.PROXIES)
        if seen["type"] == "websocket":
            await self._live(seen, receive, send)
        elif seen["path"].startswith("/static/"):
            await static_files.response_to(seen)(seen, receive, send)
        else:
            await self._answer(seen, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.monotonic()
        try:
            body = await self._unless_ending(self._body(scope, receive))
            answer = await self._pool.run(
                lambda: bridge.answer(self._application, scope, body, self._folder)
            )
            await send_answer(answer, scope, receive, send)
            _log(scope, answer.status, began)
        except DeskError as error:
            _log(scope, error.status, began)
            await _refuse(refusal(error, scope), scope, receive, send)
        except (Gone, Stalled) as end:
            log.info("request.ended", by=type(end).__name__, **_named(scope))

    async def _limit(self, headers: Headers, size: int | None, *, is_theirs: bool) -> int:
        """Return how many bytes a body may have: by who sends it, or because it comes from a customer's own page.

        Who sends it is looked up only for what is larger than a stranger's: anybody can write a cookie.
        """
        most = int(settings.BODY_LIMIT_BYTES)
        if is_theirs:
            return min(int(settings.PORTAL_LIMIT_BYTES), most)
        small = min(STRANGER_BYTES, most)
        if (size is not None and size <= small) or not await self._pool.run(
            lambda: self._knows(headers)
        ):
            return small
        return most

    async def _unless_ending(self, taking: Awaitable[Body]) -> Body:
        try:
            return await taking
        except asyncio.CancelledError:
            raise Ending from None

    async def _body(self, scope: Scope, receive: Receive) -> Body:
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"")
        if b"transfer-encoding" not in headers and declared in {b"", b"0"}:
            return bodies.empty()
        size = int(declared) if declared.isdigit() else None
        is_theirs = _writes_on_their_page(scope["path"])
        limit = await self._limit(headers, size, is_theirs=is_theirs)
        if is_theirs and size is not None and limit < size <= DRAIN_BYTES:
            return await bodies.take_beginning(receive, WORDS_BYTES, Limits(DRAIN_BYTES))
        return await bodies.take(receive, size, Limits(limit), self._folder)


def known(headers: Headers) -> bool:
    """Return whether a session or a key of ours stands in these headers; asks the database."""
    return any(import_string(knower)(headers) for knower in settings.KNOWERS)


def _writes_on_their_page(path: str) -> bool:
    """Return whether files may come here: only the token is looked at, for that costs no thread and no database."""
    if not path.startswith(portal_links.ROOT):
        return False
    token, _slash, thing = path.removeprefix(portal_links.ROOT).partition("/")
    place = portal_links.read(token) if thing == "messages" else None
    return place is not None and place.is_good(clock.now())


async def _refuse(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the refusal, then let the sender finish for a while: a socket closed at once would lose the answer."""
    response.headers["connection"] = "close"

    async def hold_open(message: Any) -> None:
        if message["type"] == "http.response.body":
            await send({**message, "more_body": True})
        else:
            await send(message)

    await response(scope, receive, hold_open)
    if b"100-continue" not in dict(scope["headers"]).get(b"expect", b""):
        await bodies.drain(receive, DRAIN_BYTES, DRAIN_SECONDS)
    await send({"type": "http.response.body"})


def _log(scope: Scope, status: int, began: float) -> None:
    took_ms = round((time.monotonic() - began) * 1000, 1)
    log.info("request", status=status, took_ms=took_ms, **_named(scope))


def _named(scope: Scope) -> dict[str, str]:
    # The first part only: what follows may be a token that opens something.
    return {"method": scope["method"], "place": "/" + scope["path"].split("/", 2)[1]}


def config(front: ASGIApp) -> uvicorn.Config:
    """Return how uvicorn serves the front."""
    return uvicorn.Config(
        front,
        http=PatientProtocol,
        ws=FrameProtocol,
        ws_max_size=MESSAGE_BYTES,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _new_loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


def _listen(address: str) -> socket.socket:
    host, _colon, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    listener.listen(2048)
    return listener


async def _take_letters(address: str) -> Any:
    from deskbell.channels.mail import smtp_server

    host, _colon, port = address.rpartition(":")
    return await smtp_server.start(host.strip("[]"), int(port))


def _allow_many_sockets() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 1000
    if soft < wanted:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (min(wanted, hard) if hard > 0 else wanted, hard)
        )

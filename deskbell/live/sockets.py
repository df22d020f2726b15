"""The hub of this process: every live page's websocket, and what each of them is told.

A page says      {"ticket": CODE, "since": step}   which one it shows, and how far it knows it
                 {"list": true, "seconds": n}      that it shows a list, drawn so many seconds ago
                 {"looks": CODE or "", "typing": bool}
and hears        {"ticket": CODE, "step": n, "departments": [..]}   fetch the piece by its ordinary address
                 {"presence": CODE, "people": [{"id", "name", "typing"}, ..]}
                 {"notices": n}                    its agent was told something; n is the number of the notice
                 {"stale": true}                   more happened than can be told: draw the page anew
                 {"ping": true}                    every 25 s, so that a page notices a dead line
It is best effort: a page that falls behind is cut off, and catches up when it comes back.
"""

import asyncio
import contextlib
import json
import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import structlog
from django.db import Error as DatabaseFailure
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from deskbell.live import audience
from deskbell.live.audience import Listener
from deskbell.live.ears import Ears
from deskbell.live.presence import TYPING_SECONDS, Look, Presence
from deskbell.live.socket import SESSION_ENDED, TOO_FAR_BEHIND, HungUp, Socket, frame_of
from deskbell.live.tail import Change, Fresh

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

# One browser shares one socket between its pages; this is a guard, not a limit that people meet.
SOCKETS_AN_AGENT = 30
# Who is signed in and who may see what: looked at when something was committed, at most so often …
REFRESH_SECONDS = 5.0
# … and at least so often, the password included.
THOROUGH_SECONDS = 60.0
PING_SECONDS = 25.0
SWEEP_SECONDS = 1.0
# What a list that was drawn a moment ago may have missed.
REMEMBERED = 2000
PING = frame_of('{"ping":true}')
STALE = frame_of('{"stale":true}')


class Threads(Protocol):
    """Where questions to the database are asked."""

    async def run(self, function: Callable[[], Result]) -> Result:
        """Run `function` in a thread and return its result."""
        ...


class Hub:
    """The sockets of this process; an ASGI application for /live."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._sockets: set[Socket] = set()
        self._presence = Presence()
        self._recent: deque[tuple[float, Change]] = deque(maxlen=REMEMBERED)
        self._rung_lately: deque[tuple[float, Fresh]] = deque(maxlen=REMEMBERED)
        self._remembers_since = math.inf  # until it listens, it remembers nothing
        self._rung = False

    @property
    def listens(self) -> bool:
        """Whether it hears of what is committed from now on."""
        return self._remembers_since < math.inf

    async def run(self) -> None:
        """Listen to the database and look after the sockets until cancelled."""
        ears = Ears(asyncio.get_running_loop(), self.begin, self.spread, self.ring)
        ears.start()
        refreshed = thorough = pinged = time.monotonic()
        try:
            while True:
                await asyncio.sleep(SWEEP_SECONDS)
                now = time.monotonic()
                self._tell_presence()
                if now - pinged > PING_SECONDS:
                    pinged = now
                    self._tell_all(PING)
                due = REFRESH_SECONDS if self._rung else THOROUGH_SECONDS
                if now - refreshed > due:
                    with contextlib.suppress(DatabaseFailure):
                        await self._refresh(thoroughly=now - thorough > THOROUGH_SECONDS)
                    thorough = now if now - thorough > THOROUGH_SECONDS else thorough
                    refreshed, self._rung = now, False
        finally:
            ears.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one websocket from its opening to its end."""
        await receive()  # websocket.connect
        headers = Headers(scope=scope)
        if scope["path"] != "/live" or not audience.comes_from_us(headers):
            await send({"type": "websocket.close", "code": 1008})  # a plain 403
            return
        cookies = headers.get("cookie", "")
        listener = await self._threads.run(lambda: audience.listener_of(cookies))
        await send({"type": "websocket.accept"})
        if listener is None:
            await send({"type": "websocket.close", "code": SESSION_ENDED})
            return
        await self._serve(Socket(listener, scope, receive, send))

    def begin(self, changes: Iterable[Change], span: timedelta) -> None:
        """Take what happened in the `span` before: a page that was drawn by the desk before this one catches up."""
        now = time.monotonic()
        self._remembers_since = now - span.total_seconds()
        self._recent.extend((now, change) for change in changes)

    def spread(self, changes: Iterable[Change]) -> None:
        """Tell every page that may see them of these changes; each is encoded once."""
        self._rung = True
        now = time.monotonic()
        for change in changes:
            if len(self._recent) == REMEMBERED:
                self._remembers_since = self._recent[0][0]
            self._recent.append((now, change))
            self._tell_those_who_see(change, _worded(change))

    def ring(self, fresh: Iterable[Fresh]) -> None:
        """Tell the pages of every agent who was told something, and remember it for those on their way."""
        now = time.monotonic()
        newest: dict[int, int] = {}
        for number, agent in fresh:
            newest[agent] = max(number, newest.get(agent, 0))
        self._rung_lately.extend((now, (number, agent)) for agent, number in newest.items())
        for socket in self._sockets:
            if (number := newest.get(socket.listener.agent_id, 0)) > 0:
                socket.tell(_worded_notice(number))

    async def _serve(self, socket: Socket) -> None:
        same_agent = [
            one for one in self._sockets if one.listener.agent_id == socket.listener.agent_id
        ]
        if len(same_agent) >= SOCKETS_AN_AGENT:
            socket.end(TOO_FAR_BEHIND)
            await socket.until_ended()
            return
        self._sockets.add(socket)
        speaking = asyncio.create_task(socket.until_ended())
        hearing = asyncio.create_task(self._hear_all(socket))
        try:
            # Whichever ends first: the page went, or it was told to go.
            await asyncio.wait({speaking, hearing}, return_when=asyncio.FIRST_COMPLETED)
            if hearing.done():
                await asyncio.wait({speaking}, timeout=0.1)
        finally:
            self._sockets.discard(socket)
            self._presence.set(socket, None)
            for task in (speaking, hearing):
                task.cancel()
            await asyncio.gather(speaking, hearing, return_exceptions=True)

    async def _hear_all(self, socket: Socket) -> None:
        with contextlib.suppress(HungUp, DatabaseFailure):
            while True:
                await self._hear(socket, await socket.hear())

    async def _hear(self, socket: Socket, said: dict[str, Any]) -> None:
        match said:
            case {"ticket": str(code), "since": int(since)}:
                await self._catch_up(socket, code, since)
            case {"list": True}:
                seconds = said.get("seconds")
                self._catch_up_list(
                    socket, float(seconds) if isinstance(seconds, int | float) else 5.0
                )
            case {"looks": str(code)}:
                await self._look(socket, code, said.get("typing") is True)
            case _:
                pass  # a newer page may say what this desk does not know yet

    async def _catch_up(self, socket: Socket, code: str, since: int) -> None:
        listener = socket.listener
        ticket = await self._threads.run(lambda: audience.shown(listener, code))
        if ticket is not None and ticket.step > since:
            told = {
                "ticket": ticket.code,
                "step": ticket.step,
                "departments": [ticket.department_id],
            }
            socket.tell(frame_of(json.dumps(told)))

    def _catch_up_list(self, socket: Socket, seconds: float) -> None:
        drawn = time.monotonic() - seconds
        if drawn < self._remembers_since:
            socket.tell(STALE)
            return
        agent = socket.listener.agent_id
        missed = [
            one for then, (one, whose) in self._rung_lately if then >= drawn and whose == agent
        ]
        if missed:
            socket.tell(_worded_notice(max(missed)))
        for then, change in list(self._recent):
            if then >= drawn and _sees(socket.listener, change):
                socket.tell(_worded(change))

    async def _look(self, socket: Socket, code: str, typing: bool) -> None:
        listener = socket.listener
        ticket = await self._threads.run(lambda: audience.shown(listener, code)) if code else None
        if ticket is None:
            self._presence.set(socket, None)
        else:
            until = time.monotonic() + TYPING_SECONDS if typing else 0.0
            self._presence.set(socket, Look(ticket, listener.agent_id, listener.name, until))
            picture = self._presence.picture(ticket.code)
            socket.tell(_worded_presence(ticket.code, picture))
        self._tell_presence()

    def _tell_presence(self) -> None:
        for ticket, picture in self._presence.news(time.monotonic()):
            frame = _worded_presence(ticket.code, picture)
            for socket in self._sockets:
                if socket.listener.standing.may("see", ticket):
                    socket.tell(frame)

    async def _refresh(self, *, thoroughly: bool) -> None:
        """Let every socket know what its agent may see now, and end those whose session has ended."""
        listeners = {socket.listener for socket in self._sockets}
        now_so = await self._threads.run(
            lambda: audience.refreshed(listeners, thoroughly=thoroughly)
        )
        for socket in list(self._sockets):
            listener = now_so.get(socket.listener, socket.listener)
            if listener is None:
                socket.end(SESSION_ENDED)
            else:
                socket.listener = listener

    def _tell_those_who_see(self, change: Change, frame: bytes) -> None:
        for socket in self._sockets:
            if _sees(socket.listener, change):
                socket.tell(frame)

    def _tell_all(self, frame: bytes) -> None:
        for socket in self._sockets:
            socket.tell(frame)


def _sees(listener: Listener, change: Change) -> bool:
    return any(listener.standing.may("see", place) for place in change.places)


def _worded(change: Change) -> bytes:
    departments = sorted({place.department_id for place in change.places})
    return frame_of(
        json.dumps({"ticket": change.code, "step": change.step, "departments": departments})
    )


def _worded_notice(number: int) -> bytes:
    return frame_of(json.dumps({"notices": number}))


def _worded_presence(code: str, people: list[dict[str, object]]) -> bytes:
    return frame_of(json.dumps({"presence": code, "people": people}, ensure_ascii=False))

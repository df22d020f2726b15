"""One live page's websocket: its queue of things to hear, and the limits on what it says."""

import asyncio
import json
import time
from typing import Any

from starlette.types import Receive, Send

from deskbell.live.audience import Listener

# What a page says fits in a line.
MESSAGE_BYTES = 4096
# A page that is so far behind has slept, or its line is too thin: it comes back and catches up.
QUEUED = 200
# Who opens a socket says at once what for.
FIRST_WORD_SECONDS = 15.0
# So many messages in so many seconds are no person's.
MESSAGES, IN_SECONDS = 50, 10.0

SESSION_ENDED, MISUSED, TOO_FAR_BEHIND = 4401, 1008, 1013


class HungUp(Exception):
    """The page is gone, or was told to go."""


class Socket:
    """One accepted websocket of `listener`; `tell` may be called at any time, from the loop."""

    def __init__(self, listener: Listener, receive: Receive, send: Send) -> None:
        self.listener = listener
        self._receive = receive
        self._send = send
        self._queue: asyncio.Queue[str | int] = (
            asyncio.Queue()
        )  # a number is the code to close with
        self._spoken: list[float] = []

    def tell(self, text: str) -> None:
        """Queue a message that is encoded already; never waits."""
        if self._queue.qsize() >= QUEUED:
            self.end(TOO_FAR_BEHIND)
        else:
            self._queue.put_nowait(text)

    def end(self, code: int) -> None:
        """Hang up with `code`, before anything that still waits to be told."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(code)

    async def say_what_is_told(self) -> None:
        """Send what is queued until the socket is closed."""
        while True:
            next_one = await self._queue.get()
            if isinstance(next_one, int):
                await self._send({"type": "websocket.close", "code": next_one})
                return
            await self._send({"type": "websocket.send", "text": next_one})

    async def hear(self) -> dict[str, Any]:
        """Return the page's next message.  Raises HungUp."""
        silence = None if self._spoken else FIRST_WORD_SECONDS
        try:
            async with asyncio.timeout(silence):
                message = await self._receive()
        except TimeoutError:
            raise self._misused() from None
        if message["type"] != "websocket.receive":
            raise HungUp
        now = time.monotonic()
        self._spoken = [*(then for then in self._spoken if then > now - IN_SECONDS), now]
        if len(self._spoken) > MESSAGES:
            raise self._misused()
        return self._parsed(message.get("text") or "")

    def _parsed(self, text: str) -> dict[str, Any]:
        try:
            said = json.loads(text)
        except ValueError:
            raise self._misused() from None
        if not isinstance(said, dict):
            raise self._misused()
        return said

    def _misused(self) -> HungUp:
        self.end(MISUSED)
        return HungUp()

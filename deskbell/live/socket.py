"""One live page's websocket: telling it something, and the limits on what it says."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from starlette.types import Receive, Scope, Send

from deskbell.live.audience import Listener

# What a page says fits in a line.
MESSAGE_BYTES = 4096
# A page that is so far behind sleeps, or its line is too thin: it comes back and catches up.
BEHIND_BYTES = 256 * 1024
# Where the scope has the function that writes a frame and returns how many bytes wait (web/connections.py).
WRITE = "deskbell.write"
# Who opens a socket says at once what for.
FIRST_WORD_SECONDS = 15.0
# So many messages in so many seconds are no person's.
MESSAGES, IN_SECONDS = 50, 10.0

# The longest payload whose length stands in the frame's second byte.
SHORT_BYTES = 125

SESSION_ENDED, MISUSED, TOO_FAR_BEHIND = 4401, 1008, 1013


class HungUp(Exception):
    """The page is gone, or was told to go."""


def frame_of(text: str) -> bytes:
    """Return `text` as the websocket frame that a server sends; the same bytes for everybody."""
    payload = text.encode()  # nothing that is told comes near 64 KB, where a third form would begin
    size = len(payload)
    length = bytes([size]) if size <= SHORT_BYTES else b"\x7e" + size.to_bytes(2, "big")
    return b"\x81" + length + payload


class Socket:
    """One accepted websocket of `listener`; `tell` may be called at any time, from the loop."""

    def __init__(self, listener: Listener, scope: Scope, receive: Receive, send: Send) -> None:
        self.listener = listener
        self._write: Callable[[bytes], int] = scope[WRITE]
        self._receive = receive
        self._send = send
        self._code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._spoken: list[float] = []

    def tell(self, frame: bytes) -> None:
        """Send a frame of frame_of(); never waits."""
        if not self._code.done() and self._write(frame) > BEHIND_BYTES:
            self.end(TOO_FAR_BEHIND)

    def end(self, code: int) -> None:
        """Hang up with `code`."""
        if not self._code.done():
            self._code.set_result(code)

    async def until_ended(self) -> None:
        """Wait for `end`, then say goodbye."""
        await self._send({"type": "websocket.close", "code": await self._code})

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

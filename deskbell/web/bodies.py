"""Taking a request's body whole, before a thread is used, under limits of size, time and rate.

Up to a megabyte stays in memory, more goes to a nameless file in the data folder.
"""

import asyncio
import io
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext_lazy as _
from starlette.types import Message, Receive

from deskbell.errors import DeskError, TooLarge

MEMORY_BYTES = 1024 * 1024


class TooSlow(DeskError):
    """The body came too slowly or stopped coming."""

    code = "too_slow"
    status = 408
    template = _("The upload stalled. Look at your connection, then send it again.")


class Gone(Exception):
    """The sender hung up; there is nobody to answer."""


@dataclass(frozen=True)
class Limits:
    """What a body must keep to.

    size_bytes       all of it
    silence_seconds  between two pieces
    grace_seconds    how long it may be slower than the rate
    bytes_a_second   afterwards, on average
    """

    size_bytes: int
    silence_seconds: float = 20.0
    grace_seconds: float = 20.0
    bytes_a_second: float = 4096.0


@dataclass(frozen=True)
class Body:
    """A whole body, at its beginning; or, when it was too large, only what came first."""

    file: IO[bytes]
    size_bytes: int
    is_cut: bool = False


def empty() -> Body:
    """Return the body of a request that has none."""
    return Body(io.BytesIO(), 0)


async def take(receive: Receive, declared: int | None, limits: Limits, folder: Path) -> Body:
    """Return the body once all of it is here.

    declared  what Content-Length says; None when it says nothing
    folder    where a large one is kept, nameless, until it is closed
    Raises TooLarge (before reading, when it is declared), TooSlow, Gone.
    """
    if declared is not None and declared > limits.size_bytes:
        raise TooLarge(limit_bytes=limits.size_bytes)
    file: IO[bytes] = io.BytesIO()
    size, began, more = 0, time.monotonic(), True
    try:
        while more:
            message = await _next_piece(receive, limits)
            piece: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            size += len(piece)
            _refuse(size, time.monotonic() - began if more else 0.0, limits)
            if size > MEMORY_BYTES and isinstance(file, io.BytesIO):
                file = _on_disk(file, folder)
            file.write(piece)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Body(file, size)


async def take_beginning(receive: Receive, size_bytes: int, limits: Limits) -> Body:
    """Return the first `size_bytes` of a body that is too large, once all of it has come and was thrown away.

    Words stand before files in our forms: so the page that refuses the files still shows what was typed.
    Raises TooLarge, TooSlow, Gone.
    """
    kept, size, began, more = io.BytesIO(), 0, time.monotonic(), True
    while more:
        message = await _next_piece(receive, limits)
        piece: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        kept.write(piece[: max(0, size_bytes - size)])
        size += len(piece)
        _refuse(size, time.monotonic() - began if more else 0.0, limits)
    kept.seek(0)
    return Body(kept, min(size, size_bytes), is_cut=True)


async def drain(receive: Receive, size_bytes: int, seconds: float) -> None:
    """Throw away what still comes, within limits: who is cut off in the middle never reads the answer."""
    try:
        async with asyncio.timeout(seconds):
            while size_bytes > 0:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
                size_bytes -= len(message.get("body", b""))
    except TimeoutError:
        return


async def _next_piece(receive: Receive, limits: Limits) -> Message:
    try:
        async with asyncio.timeout(limits.silence_seconds):
            message = await receive()
    except TimeoutError:
        raise TooSlow from None
    if message["type"] == "http.disconnect":
        raise Gone
    return message


def _refuse(size: int, seconds: float, limits: Limits) -> None:
    if size > limits.size_bytes:
        raise TooLarge(limit_bytes=limits.size_bytes)
    if size < (seconds - limits.grace_seconds) * limits.bytes_a_second:
        raise TooSlow


def _on_disk(so_far: io.BytesIO, folder: Path) -> IO[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  whoever reads it closes it
    file.write(so_far.getvalue())
    so_far.close()
    return file

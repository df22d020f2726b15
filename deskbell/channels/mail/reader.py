"""Reads letters in a child process that may die of them; children are started on demand and kept.

Called by read.py from the worker's threads; each has a child to itself while it reads.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from deskbell.channels.mail.parse import Parsed, Refused
from deskbell.channels.mail.wrapped import AllKeys

# More than the child's own limit of processor time, for a machine that is busy.
SECONDS_PER_LETTER = 90.0
LETTERS_PER_CHILD = 1_000
# By SMTP come 50 MB at the most; a pipe has no limit of its own.
MAX_BYTES = 60_000_000
MAX_ANSWER_BYTES = 100_000_000

_PARSED = TypeAdapter(Parsed)
_KEYS = TypeAdapter(AllKeys)

_idle: queue.LifoQueue[_Child] = queue.LifoQueue()


class ReaderDied(Exception):
    """The child died of the letter or did not end with it; reason is died or too_slow."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read(
    letter: Path,
    folder: Path,
    *,
    seconds: float = SECONDS_PER_LETTER,
    keys: AllKeys | None = None,
) -> Parsed:
    """Return what the letter at this path says; its files are in `folder` afterwards.

    keys  with which it is opened; the child that was given any reads this letter alone
    Raises Refused when it cannot be read, ReaderDied, FileNotFoundError.
    """
    if letter.stat().st_size > MAX_BYTES:
        raise Refused("too_large")
    child = _take() if keys is None else _Child()
    request: dict[str, Any] = {"letter": str(letter), "folder": str(folder)}
    if keys is not None:
        request["keys"] = _KEYS.dump_python(keys, mode="json")
    try:
        answer = child.ask(request, seconds)
    except BaseException:
        child.kill()
        raise
    if keys is not None or answer.get("refused") == "too_much_memory":
        child.kill()  # what is left of it may be in pieces, or remember a key
    else:
        _give_back(child)
    if "refused" in answer:
        raise Refused(answer["refused"])
    return _PARSED.validate_python(answer["parsed"])


@atexit.register
def end_children() -> None:
    """End the children that wait; those at work end when their input does."""
    with contextlib.suppress(queue.Empty):
        while True:
            _idle.get_nowait().kill()


class _Child:
    """One child process and its two pipes."""

    def __init__(self) -> None:
        self.letters = 0
        self.rest = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deskbell.channels.mail.parse_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing of the desk's environment: it holds the key and the way to the database.
            env={
                "PYTHONPATH": str(Path(__file__).parents[3]),
                "PATH": os.defpath,
                **_authorities(),
            },
        )

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Return the answer to `request`.  Raises ReaderDied."""
        assert self.process.stdin is not None
        self.letters += 1
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise ReaderDied("died") from None
        answer: dict[str, Any] = json.loads(self._line(time.monotonic() + seconds))
        return answer

    def _line(self, deadline: float) -> bytes:
        assert self.process.stdout is not None
        handle = self.process.stdout.fileno()
        waiting = select.poll()  # not select(): that one knows no handle beyond 1023
        waiting.register(handle, select.POLLIN | select.POLLHUP)
        pieces: list[bytes] = []
        size = 0
        while True:
            if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise ReaderDied("too_slow")
            piece = os.read(handle, 1 << 20)
            size += len(piece)
            if not piece or size > MAX_ANSWER_BYTES:
                raise ReaderDied("died")
            pieces.append(piece)
            if piece.endswith(b"\n"):
                return b"".join(pieces)

    def kill(self) -> None:
        """End the child, whatever it does."""
        self.process.kill()
        self.process.communicate()

    @property
    def is_fresh(self) -> bool:
        """Whether it may read another letter."""
        return self.letters < LETTERS_PER_CHILD and self.process.poll() is None


def _authorities() -> dict[str, str]:
    """Return what says which authorities this machine trusts, where it is not its own list."""
    name = "SSL_CERT_FILE"
    return {name: os.environ[name]} if name in os.environ else {}


def _take() -> _Child:
    with contextlib.suppress(queue.Empty):
        while True:
            child = _idle.get_nowait()
            if child.is_fresh:
                return child
            child.kill()
    return _Child()


def _give_back(child: _Child) -> None:
    if child.is_fresh:
        _idle.put(child)
    else:
        child.kill()

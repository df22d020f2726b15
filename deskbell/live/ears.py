"""The thread that waits for the database's bell and hands what is new to the event loop."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import TypeVarTuple, Unpack

import structlog
from django.db import Error as DatabaseFailure
from django.db import close_old_connections, connection

from deskbell.live.tail import Change, Fresh, NoticeTail, Tail, lately
from deskbell.work.signal import Watch

T = TypeVarTuple("T")

log = structlog.get_logger(__name__)

LISTEN_SECONDS = 0.5
# How many entries of the time before it began are looked at.
LOOKED_BACK = 1000
# How long it rests when the database is away.
AWAY_SECONDS = 1.0


class Ears:
    """Call `tell` in `loop` with every list of changes, `ring` with every list of notices, from `start` until `stop`.

    Before that `begin` is called once, with what happened lately and for how long that is all: from then on nothing
    is missed.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        begin: Callable[[list[Change], timedelta], object],
        tell: Callable[[list[Change]], object],
        ring: Callable[[list[Fresh]], object],
    ) -> None:
        self._loop = loop
        self._begin = begin
        self._tell = tell
        self._ring = ring
        self._tails: tuple[Tail, NoticeTail] | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to listen, at the present."""
        threading.Thread(target=self._work, daemon=True, name="live tail").start()

    def stop(self) -> None:
        """End within half a second."""
        self._stopping.set()

    def _work(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._listen()
                except (DatabaseFailure, OSError) as error:
                    # The tail is kept: what is committed meanwhile is told afterwards.
                    log.warning("live.database", error=type(error).__name__)
                    close_old_connections()
                    self._stopping.wait(AWAY_SECONDS)
        finally:
            connection.close()

    def _listen(self) -> None:
        # The watch comes first: what is committed in between rings it.
        with closing(Watch()) as watch:
            if self._tails is None:
                self._tails = Tail(), NoticeTail()
                self._hand_on(self._begin, *lately(LOOKED_BACK))
            self._hand_on_news(*self._tails)
            while not self._stopping.is_set():
                if watch.wait(LISTEN_SECONDS):
                    self._hand_on_news(*self._tails)

    def _hand_on_news(self, tail: Tail, notices: NoticeTail) -> None:
        if changes := tail.news():
            self._hand_on(self._tell, changes)
        if fresh := notices.news():
            self._hand_on(self._ring, fresh)

    def _hand_on(self, function: Callable[[Unpack[T]], object], *told: *T) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *told)

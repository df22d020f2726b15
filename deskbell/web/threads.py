"""The fixed pool of threads that run Django.  Its threads never wait for a browser, only for the database.

They are daemons: a view that hangs cannot keep the process from ending.
"""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from django.db import connection

from deskbell.errors import DeskError

Result = TypeVar("Result")

# Two per core would do for the work itself; the others wait for the writer's lock or for PostgreSQL.
THREADS = 8
# More than this many requests waiting would be answered after their reader has gone.
WAITING = 1000


class Busy(DeskError):
    """More is waiting than can be answered in useful time."""

    code = "busy"
    status = 503


class Pool:
    """Run functions in threads of our own; for one event loop."""

    def __init__(self, threads: int = THREADS) -> None:
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()  # None ends a thread
        self._threads = threads
        for number in range(threads):
            threading.Thread(target=self._work, daemon=True, name=f"django-{number}").start()

    async def run(self, function: Callable[[], Result]) -> Result:
        """Run `function` in a thread and return its result or raise its error.  Raises Busy."""
        if self._queue.qsize() > WAITING:
            raise Busy
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()

        def call() -> None:
            try:
                result = function()
            except BaseException as error:  # noqa: BLE001  whoever waits gets it
                _tell(loop, _set_exception, future, error)
            else:
                _tell(loop, _set_result, future, result)

        self._queue.put(call)
        return await future

    def close(self) -> None:
        """Let every thread end when it is done with what it runs."""
        for _ in range(self._threads):
            self._queue.put(None)

    def _work(self) -> None:
        try:
            while (call := self._queue.get()) is not None:
                call()
        finally:
            connection.close()


def _tell(loop: asyncio.AbstractEventLoop, *call: Any) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(*call)


def _set_result(future: "asyncio.Future[Result]", result: Result) -> None:
    if not future.done():
        future.set_result(result)


def _set_exception(future: "asyncio.Future[Any]", error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)

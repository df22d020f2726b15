"""The desk's own SMTP server, in a thread of the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from deskbell.channels.mail import smtp_server


@contextmanager
def an_open_door(port: int = 0) -> Iterator[int]:
    """Take letters inside the block; give the port."""
    loop, shared = asyncio.new_event_loop(), smtp_server.Door()
    server = loop.run_until_complete(smtp_server.start("127.0.0.1", port, shared))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        shared.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)

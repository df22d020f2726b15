"""The protocols of uvicorn with what they lack: limits for headers that do not come or never end, and a way to
send a frame to a thousand websockets that was encoded once.

A socket that never speaks costs a socket, nothing else, and is closed after a while.
"""

import asyncio

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from deskbell.live.socket import WRITE

# From the connection, or the first byte of a request, to the end of its headers.
HEADER_SECONDS = 20.0
HEADER_BYTES = 64 * 1024
# What one answer may do to a connection whose reader does not read; sending.py calls it.
ABORT = "deskbell.abort"


class PatientProtocol(HttpToolsProtocol):
    """One connection; its patience ends after HEADER_SECONDS or HEADER_BYTES without whole headers."""

    _patience: asyncio.TimerHandle | None = None
    _header_bytes: int | None = 0  # None while a body comes

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin_waiting()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._end_waiting()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._header_bytes is not None:
            self._header_bytes += len(data)
        super().data_received(data)
        if self._header_bytes is not None and self._header_bytes > HEADER_BYTES:
            self.transport.abort()

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[ABORT] = self.transport.abort  # type: ignore[literal-required]
        self._begin_waiting()

    @override
    def on_headers_complete(self) -> None:
        self._header_bytes = None
        self._end_waiting()
        super().on_headers_complete()

    @override
    def on_message_complete(self) -> None:
        self._header_bytes = 0
        super().on_message_complete()

    @override
    def handle_websocket_upgrade(self) -> None:
        self._end_waiting()
        super().handle_websocket_upgrade()

    def _begin_waiting(self) -> None:
        self._end_waiting()
        self._patience = self.loop.call_later(HEADER_SECONDS, self._lose_patience)

    def _end_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _lose_patience(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()


class FrameProtocol(WebSocketsSansIOProtocol):
    """One websocket; the scope has a function that writes a whole frame past uvicorn's queues."""

    @override
    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            self.scope[WRITE] = self._write  # type: ignore[literal-required]

    def _write(self, frame: bytes) -> int:
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frame)
        return self.transport.get_write_buffer_size()

"""A small policy server for Postfix: whoever comes for the first time is to come again."""

from __future__ import annotations

import socketserver
import threading
from typing import Any, Self, cast

from typing_extensions import override


class Greylist:
    """The server; a context manager.  It knows each pair of sender and recipient that came before."""

    def __init__(self, port: int) -> None:
        self.known: set[tuple[str, str]] = set()
        self._server: Any = None
        self.port = port

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", self.port), _Conversation)
        self._server.greylist = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, question: dict[str, str]) -> str:
        """Return what Postfix is to do."""
        pair = question.get("sender", ""), question.get("recipient", "")
        if pair in self.known:
            return "DUNNO"
        self.known.add(pair)
        return "450 4.2.0 Greylisted; come again"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False  # Postfix keeps its lines
    greylist: Greylist


class _Conversation(socketserver.StreamRequestHandler):
    """Questions of lines like name=value, each ended by an empty one."""

    @override
    def handle(self) -> None:
        question: dict[str, str] = {}
        for line in self.rfile:
            name, _, value = line.decode("utf-8", "replace").strip().partition("=")
            if name:
                question[name] = value
                continue
            answer = cast("_Server", self.server).greylist.answer(question)
            self.wfile.write(f"action={answer}\n\n".encode())
            question = {}

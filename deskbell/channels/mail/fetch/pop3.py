"""Speaks POP3 with one server: plain values out, and a FetchFailed for all that goes wrong.

Letters are known by their UIDL, never by their place in the list.  What is deleted is gone when `close` was answered.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import poplib
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from typing_extensions import override

from deskbell.channels.mail.fetch import sasl
from deskbell.channels.mail.fetch.failures import CannotGive, FetchFailed, TooLarge
from deskbell.channels.mail.fetch.line import (
    BYTES_PER_SECOND,
    COMMAND_SECONDS,
    Server,
    Session,
    Watch,
    connect,
    context,
    require_agreed,
)

PIECE_BYTES = 64 * 1024
# RFC 1939 allows 70 characters; some servers give more.
LONGEST_UIDL = 90


@dataclass(frozen=True, slots=True)
class Listed:
    """A letter on the server: its place in this session, and what it is known by."""

    number: int
    uidl: str


class Pop3(Session):
    """A session, signed in; left without an error, it says goodbye, and what was marked is deleted."""

    @override
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.hang_up()

    def close(self) -> None:
        """Say goodbye: only now the server deletes.  Raises FetchFailed."""
        try:
            with self._worded(COMMAND_SECONDS):
                self._pop.quit()
        finally:
            self.hang_up()

    @override
    def hang_up(self) -> None:
        """Cut the line; nothing is deleted."""
        with suppress(Exception):
            self._pop.close()

    def letters(self) -> list[Listed]:
        """Return what lies there, oldest first.  Raises FetchFailed, uidl_missing."""
        with self._worded(2 * COMMAND_SECONDS, no="uidl_missing"):
            _answer, lines, _size = self._pop.uidl()
        found = []
        for line in lines:
            number, _blank, uidl = line.decode("ascii", "replace").strip().partition(" ")
            if not number.isdecimal() or not uidl:
                raise FetchFailed("protocol_error", "UIDL")
            found.append(Listed(int(number), _short(uidl.strip())))
        return found

    def size_bytes(self, number: int) -> int:
        """Return how large a letter is, as the server says."""
        with self._worded(COMMAND_SECONDS, no="cannot_give"):
            said = self._pop.list(number)
        words = (said if isinstance(said, bytes) else b"").split()
        if len(words) < 3 or not words[2].isdigit():  # noqa: PLR2004 -- "+OK number size"
            raise FetchFailed("protocol_error", "LIST")
        return int(words[2])

    def download(self, number: int, size_bytes: int, most_bytes: int) -> Iterator[bytes]:
        """Yield a letter piece by piece.  Raises TooLarge past `most_bytes`, FetchFailed."""
        total = 0
        with self._worded(COMMAND_SECONDS + size_bytes / BYTES_PER_SECOND, no="cannot_give"):
            for piece in self._pop.pieces(f"RETR {number}"):
                total += len(piece)
                if total > most_bytes:
                    raise TooLarge
                yield piece

    def head(self, number: int) -> bytes:
        """Return the headers of a letter."""
        with self._worded(COMMAND_SECONDS, no="cannot_give"):
            found = b""
            for piece in self._pop.pieces(f"TOP {number} 0"):
                if len(found) < 4 * PIECE_BYTES:
                    found += piece
        return found

    def delete(self, number: int) -> None:
        """Mark a letter for deletion."""
        with self._worded(COMMAND_SECONDS):
            self._pop.dele(number)

    @override
    def _connect(self, server: Server) -> None:
        self._pop = _Line(server, self._watch)

    @override
    def _encrypt(self, server: Server) -> None:
        if "STLS" not in self._capabilities():
            raise FetchFailed("tls_missing")
        self._pop.stls(context(server.certificate))
        self._watch.guard(self._pop.sock)
        require_agreed(self._pop.sock, server)

    @override
    def _sign_in(self, server: Server) -> None:
        if not server.token:
            try:
                self._pop.user(server.user)
                self._pop.pass_(server.password)
            except poplib.error_proto as error:
                raise _refused(error, "password_wrong") from None
            return
        offered = self._capabilities().get("SASL", [])
        name, answers = sasl.of_token(
            offered.__contains__,
            user=server.shared or server.user,
            token=server.token,
            host=server.host,
            port=server.port,
        )
        self._pop.authenticate(name, answers)

    def _capabilities(self) -> dict[str, list[str]]:
        try:
            return {name.upper(): words for name, words in self._pop.capa().items()}
        except poplib.error_proto:
            return {}

    @contextmanager
    @override
    def _worded(self, seconds: float, *, no: str = "") -> Iterator[None]:
        with self._watch.within(seconds):
            try:
                yield
            except OSError:
                raise  # some of TLS are ValueErrors, too
            except poplib.error_proto as error:
                if self._watch.has_cut:
                    raise FetchFailed("timed_out") from None
                words = _text(error)
                if "EOF" in words:
                    raise FetchFailed("connection_lost") from None
                raise _refused(error, no or "server_refused") from None
            except (LookupError, ValueError) as error:
                raise FetchFailed("protocol_error", type(error).__name__) from None


class _Line(poplib.POP3):
    """poplib over a socket of ours; it gives letters in pieces, and bears lines of any length."""

    def __init__(self, server: Server, watch: Watch) -> None:
        self._server, self._of_ours = server, watch
        super().__init__(server.host, server.port)

    def _create_socket(self, timeout: float) -> socket.socket:
        return connect(self._server, self._of_ours)

    def pieces(self, command: str) -> Iterator[bytes]:
        """Yield the lines that answer a command, without the dots that POP3 adds and the one that ends them."""
        self._shortcmd(command)  # type: ignore[attr-defined]
        at_line_start = True
        while True:
            piece: bytes = self.file.readline(PIECE_BYTES)
            if not piece:
                raise poplib.error_proto("-ERR EOF")
            if at_line_start and piece.startswith(b"."):
                if piece.rstrip(b"\r\n") == b".":
                    return
                piece = piece[1:]
            at_line_start = piece.endswith(b"\n")
            yield piece

    def authenticate(self, name: str, answers: sasl.Answers) -> None:
        """Sign in with a token.  Raises FetchFailed."""
        self._putcmd(f"AUTH {name}")  # type: ignore[attr-defined]
        line, _size = self._getline()  # type: ignore[attr-defined]
        while line.startswith(b"+ ") or line == b"+":
            try:
                challenge = base64.b64decode(line[2:])
            except binascii.Error:
                challenge = b""
            self._putline(base64.b64encode(answers(challenge)))  # type: ignore[attr-defined]
            line, _size = self._getline()  # type: ignore[attr-defined]
        if not line.startswith(b"+OK"):
            raise FetchFailed("token_refused", answers.words or line.decode("utf-8", "replace"))


_BUSY = re.compile(r"\[(IN-USE|LOGIN-DELAY|SYS/TEMP)\]|lock", re.IGNORECASE)


def _refused(error: poplib.error_proto, reason: str) -> FetchFailed:
    words = _text(error)
    if "EOF" in words:
        return FetchFailed("connection_lost")
    if _BUSY.search(words):
        return FetchFailed("server_unavailable", words)
    return CannotGive(reason, words) if reason == "cannot_give" else FetchFailed(reason, words)


def _text(error: poplib.error_proto) -> str:
    said = error.args[0] if error.args else b""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _short(uidl: str) -> str:
    if len(uidl) <= LONGEST_UIDL:
        return uidl
    return "sha256-" + hashlib.sha256(uidl.encode()).hexdigest()

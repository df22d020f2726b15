"""Speaks IMAP with one server: plain values out, and a FetchFailed for all that goes wrong.

Reading never changes anything there (BODY.PEEK); mark_read, move and delete are asked for by name.
"""

from __future__ import annotations

import imaplib
import logging
import re
import select
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, IMAPClientError, LoginError
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

# It tells of every line it closes.
logging.getLogger("imapclient").setLevel(logging.WARNING)

# A letter comes in pieces of this size, so that the largest needs no more memory than the smallest.
PIECE_BYTES = 256 * 1024
# The largest literal that we ask for is a piece or a head; a server that announces more means us ill.
MOST_LITERAL_BYTES = 4 * PIECE_BYTES
# Numbers of letters that an answer may hold: imaplib refuses lines of a megabyte.
MOST_UIDS = 80_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder.  next_uid: of the letter that will come next."""

    uidvalidity: int
    next_uid: int
    letters: int


@dataclass(frozen=True, slots=True)
class Described:
    """A letter on the server, unread.  size_bytes: as it says, which may be wrong."""

    uid: int
    size_bytes: int
    came_at: datetime | None


class Imap(Session):
    """A session, signed in."""

    @override
    def hang_up(self) -> None:
        """Hang up.  Without LOGOUT's answer: nobody waits for a server that is silent."""
        with suppress(Exception):
            self._client.shutdown()

    def folders(self) -> list[str]:
        """Return the folders that may hold letters."""
        with self._worded(COMMAND_SECONDS):
            found = self._client.list_folders()
        return [str(name) for flags, _delimiter, name in found if b"\\Noselect" not in flags]

    def can(self, what: str) -> bool:
        """Whether the server offers this: IDLE, MOVE, UIDPLUS …"""
        with self._worded(COMMAND_SECONDS):
            return bool(self._client.has_capability(what))

    def open(self, folder: str, *, writable: bool = False, no: str = "folder_missing") -> Opened:
        """Open a folder.  Raises FetchFailed, `no` with its name when there is none of this name."""
        with _naming(folder, no), self._worded(COMMAND_SECONDS, no=no):
            said = self._client.select_folder(folder, readonly=not writable)
        letters = int(said.get(b"EXISTS", 0))
        validity, following = said.get(b"UIDVALIDITY"), said.get(b"UIDNEXT")
        if validity is None:
            raise FetchFailed("protocol_error", "no UIDVALIDITY")
        if following is None:  # old servers leave it out
            following = max(self._search("UID *"), default=0) + 1 if letters else 1
        return Opened(int(validity), int(following), letters)

    def uids(self, first: int, last: int, opened: Opened) -> tuple[list[int], int]:
        """Return the numbers of letters from `first` to `last`, and up to which number that is all there are."""
        if first > last or not opened.letters:
            return [], max(last, first - 1)
        if opened.letters > MOST_UIDS:
            last = min(last, first + MOST_UIDS - 1)
        found = self._search(f"UID {first}:{last}")
        return sorted(uid for uid in found if first <= uid <= last), last

    def describe(self, uids: Sequence[int]) -> list[Described]:
        """Return what is to be known of letters before they are had; those that are gone are left out."""
        with self._worded(COMMAND_SECONDS):
            said = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"]) if uids else {}
        return [
            Described(uid, int(said[uid].get(b"RFC822.SIZE", 0)), said[uid].get(b"INTERNALDATE"))
            for uid in uids
            if uid in said
        ]

    def download(self, uid: int, most_bytes: int) -> Iterator[bytes]:
        """Yield a letter piece by piece.  Raises TooLarge past `most_bytes`, FetchFailed."""
        offset = 0
        while True:
            piece = self._piece(uid, f"BODY.PEEK[]<{offset}.{PIECE_BYTES}>", b"BODY[]")
            offset += len(piece)
            if offset > most_bytes:
                raise TooLarge
            if piece:
                yield piece
            if len(piece) < PIECE_BYTES:
                return

    def head(self, uid: int) -> bytes:
        """Return the beginning of a letter's headers."""
        part = f"BODY.PEEK[HEADER]<0.{PIECE_BYTES}>"
        return self._piece(uid, part, b"BODY[HEADER]")

    def mark_read(self, uids: Sequence[int]) -> None:
        """Mark letters as read."""
        with self._worded(COMMAND_SECONDS):
            self._client.add_flags(uids, [b"\\Seen"], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move letters to a folder.  Raises FetchFailed, target_missing when there is none."""
        no = "target_missing"
        with _naming(folder, no), self._worded(COMMAND_SECONDS, no=no):
            if self._client.has_capability("MOVE"):
                self._client.move(uids, folder)
                return
            self._client.copy(uids, folder)
        self.delete(uids)

    def delete(self, uids: Sequence[int]) -> None:
        """Delete letters.  An old server keeps them, marked: it could only remove those of others along."""
        with self._worded(COMMAND_SECONDS):
            self._client.add_flags(uids, [b"\\Deleted"], silent=True)
            if self._client.has_capability("UIDPLUS"):
                self._client.uid_expunge(uids)

    def idle(self) -> None:
        """Ask to be told of news."""
        with self._worded(COMMAND_SECONDS):
            self._client.idle()

    def has_news(self, seconds: float, bell: socket.socket) -> bool:
        """Return whether a letter came, waiting at most so long, or until something stands in `bell`.

        Raises FetchFailed, also when the server hung up.
        """
        if not _stands_in(self._client.socket(), bell, seconds):
            return False
        with self._worded(COMMAND_SECONDS):
            said = self._client.idle_check(timeout=0)
        # IMAPClient takes the end of the line for silence: there is something to read, and it is nothing.
        if not said or any(one[0] == b"BYE" for one in said):
            raise FetchFailed("connection_lost")
        return any(len(one) > 1 and one[1] in (b"EXISTS", b"RECENT") for one in said)

    def idle_done(self) -> None:
        """Ask no more."""
        with self._worded(COMMAND_SECONDS):
            self._client.idle_done()

    @override
    def _connect(self, server: Server) -> None:
        self._client = _Client(server, self._watch)

    @override
    def _encrypt(self, server: Server) -> None:
        try:
            self._client.starttls(context(server.certificate))
        except CapabilityError:
            raise FetchFailed("tls_missing") from None
        self._watch.guard(self._client.socket())
        require_agreed(self._client.socket(), server)

    @override
    def _sign_in(self, server: Server) -> None:
        client = self._client
        if server.token:
            name, answers = sasl.of_token(
                lambda what: client.has_capability(f"AUTH={what}"),
                user=server.shared or server.user,
                token=server.token,
                host=server.host,
                port=server.port,
            )
            self._authenticate(name, answers)
        elif not server.password.isascii() or client.has_capability("LOGINDISABLED"):
            if not client.has_capability("AUTH=PLAIN"):
                raise FetchFailed("sign_in_not_offered")
            client.plain_login(_login_name(server), server.password)
        else:
            client.login(_login_name(server), server.password)

    def _authenticate(self, name: str, answers: sasl.Answers) -> None:
        try:
            self._client.sasl_login(name, answers)
        except LoginError as error:
            raise FetchFailed("token_refused", answers.words or _text(error)) from None

    def _search(self, criteria: str) -> list[int]:
        with self._worded(COMMAND_SECONDS):
            return [int(uid) for uid in self._client.search(criteria)]

    def _piece(self, uid: int, part: str, key: bytes) -> bytes:
        with self._worded(COMMAND_SECONDS + PIECE_BYTES / BYTES_PER_SECOND, no="cannot_give"):
            said = self._client.fetch([uid], [part]).get(uid, {})
        found = next((value for name, value in said.items() if name.startswith(key)), None)
        if found is None:
            raise CannotGive("cannot_give")
        return bytes(found)

    @contextmanager
    @override
    def _worded(self, seconds: float, *, no: str = "") -> Iterator[None]:
        with self._watch.within(seconds):
            try:
                yield
            except OSError:
                raise  # some of TLS are ValueErrors, too
            except LoginError as error:
                raise _refused(error, "password_wrong") from None
            except imaplib.IMAP4.abort as error:
                reason = "timed_out" if self._watch.has_cut else "connection_lost"
                raise _refused(error, reason) from None
            except IMAPClientError as error:
                raise _refused(error, no or "server_refused") from None
            except (AssertionError, LookupError, TypeError, ValueError) as error:
                # What imaplib and the parser stumble over was not IMAP.
                raise FetchFailed("protocol_error", type(error).__name__) from None


class _Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient over a socket of ours."""

    def __init__(self, server: Server, watch: Watch) -> None:
        self._server, self._of_ours = server, watch
        super().__init__(server.host, server.port, ssl=server.tls == "implicit")
        self._imap.debug = 0  # it would format every line for a log that nobody keeps
        self.normalise_times = False

    @override
    def _create_IMAP4(self) -> imaplib.IMAP4:
        return _Line(self._server, self._of_ours)

    @override
    def _set_read_timeout(self) -> None:
        """Leave the timeout that line.py set."""


class _Line(imaplib.IMAP4):
    def __init__(self, server: Server, watch: Watch) -> None:
        self._server, self._of_ours = server, watch
        super().__init__(server.host, server.port)

    def _create_socket(self, _timeout: float | None = None) -> socket.socket:
        return connect(self._server, self._of_ours)

    @override
    def read(self, size: int) -> bytes:
        if size > MOST_LITERAL_BYTES:
            raise self.abort(f"announced {size} bytes at once")
        return super().read(size)


@contextmanager
def _naming(folder: str, reason: str) -> Iterator[None]:
    """Let a failure for this reason name the folder: servers do so in words of their own, or not at all."""
    try:
        yield
    except FetchFailed as failure:
        if failure.reason == reason:
            raise FetchFailed(reason, folder) from None
        raise


def _stands_in(line: socket.socket, bell: socket.socket, seconds: float) -> bool:
    """Return whether there is something to read on `line`; the wait ends by it, by the bell, or after so long."""
    poll = select.poll()
    poll.register(line, select.POLLIN)
    poll.register(bell, select.POLLIN)
    return any(number == line.fileno() for number, _event in poll.poll(seconds * 1000))


def _login_name(server: Server) -> str:
    """Return the name to sign in as; Exchange takes user\\mailbox for a shared one."""
    return f"{server.user}\\{server.shared}" if server.shared else server.user


_CODE = re.compile(r"\[([A-Z-]+)")
# RFC 5530: what servers may say beside "NO", whatever they were asked.
_CODES = {
    "AUTHENTICATIONFAILED": "password_wrong",
    "AUTHORIZATIONFAILED": "not_allowed",
    "NOPERM": "not_allowed",
    "EXPIRED": "password_expired",
    "UNAVAILABLE": "server_unavailable",
    "SERVERBUG": "server_unavailable",
    "INUSE": "server_unavailable",
    "LIMIT": "too_many_connections",
    "OVERQUOTA": "over_quota",
    "THROTTLED": "too_many_connections",
    "PRIVACYREQUIRED": "tls_missing",
}
_CROWDED = re.compile(r"too many|simultaneous|rate.?limit|throttl|bandwidth", re.IGNORECASE)
_NOT_OFFERED = re.compile(
    r"basic auth|application-specific password|app password|disabled", re.IGNORECASE
)


def _refused(error: Exception, reason: str) -> FetchFailed:
    words = _text(error)
    code = _CODE.search(words.upper())
    if code and code[1] in _CODES:
        reason = _CODES[code[1]]
    elif _CROWDED.search(words):
        reason = "too_many_connections"
    elif reason == "password_wrong" and _NOT_OFFERED.search(words):
        reason = "needs_app_password"
    if reason == "cannot_give":
        return CannotGive(reason, words)
    return FetchFailed(reason, words)


def _text(error: Any) -> str:
    said = (error.args[0] if error.args else "") or ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return text.removeprefix("b'").rstrip("'")

"""Takes letters by SMTP, in the loop of the process that serves it.  "250" means: it is on disk.

It believes nothing, waits for nobody longer than the limits say, and answers every refusal with a
sentence.  What a letter says is not looked at here: the worker reads it.
"""

from __future__ import annotations

import asyncio
import logging
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import BinaryIO, TypeVar, cast
from urllib.parse import urlsplit

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connection, connections
from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from typing_extensions import override

from deskbell.channels.mail import letters, recipients
from deskbell.channels.mail.addresses import bare
from deskbell.channels.mail.smtp_tls import Tls

log = structlog.get_logger(__name__)

MAX_BYTES = 50 * 1024 * 1024
MAX_RECIPIENTS = 100
MAX_SESSIONS = 200
MAX_SESSIONS_PER_PEER = 20
# RFC 5321, 4.5.3.2: five minutes for a command, three for a piece of a letter.
COMMAND_SECONDS = 300.0
PIECE_SECONDS = 180.0
# Even a peer that sends a byte now and then is done with one letter after this time.
LETTER_SECONDS = 1800.0
HANDSHAKE_SECONDS = 30.0
# A letter up to this size is held in memory while it comes, a larger one on disk.
SPOOL_BYTES = 1 << 20
PIECE_BYTES = 1 << 16
# Each thread has a database connection of its own; the disk is busy with fewer.
THREADS = 8

END = b"\r\n.\r\n"

Result = TypeVar("Result")


async def start(host: str, port: int, door: Door | None = None) -> asyncio.Server:
    """Listen on this address and return the server; close() ends the listening.

    door  what its conversations share; whoever gives one closes it in the end
    Letters that are being taken when the loop ends were not acknowledged: their senders try again.
    """
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # its lines hold addresses
    shared = door or Door()
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Conversation(shared), host, port, backlog=256)


class Door:
    """What all conversations share: how many there are, the certificate, and the threads that write letters."""

    def __init__(self) -> None:
        self.peers: Counter[str] = Counter()
        self.tls = Tls()
        self._connections: list[BaseDatabaseWrapper] = []
        self.threads = ThreadPoolExecutor(
            THREADS, thread_name_prefix="letters", initializer=self._begin_thread
        )

    def close(self) -> None:
        """End the threads, then their connections to the database, which nobody uses any more."""
        self.threads.shutdown()
        for own in self._connections:
            own.close()

    def _begin_thread(self) -> None:
        own = connections[DEFAULT_DB_ALIAS]
        own.inc_thread_sharing()  # closed by another thread, when this one is gone
        self._connections.append(own)

    def has_room_for(self, peer: str) -> bool:
        """Whether one more conversation with this peer is wanted."""
        if self.peers.total() >= MAX_SESSIONS:
            return False
        return _is_loopback(peer) or self.peers[peer] < MAX_SESSIONS_PER_PEER

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """Do what waits for disk or database in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, _with_connection, work)

    # Called by the base class

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take a recipient that is ours; until the first mail box exists, any on this machine."""
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients; send the rest in another letter"
        peer = _peer_of(session)
        try:
            answer = await self.in_thread(lambda: _answer_to_recipient(address, peer))
        except (DatabaseError, OSError) as error:
            log.warning("smtp.recipient_unknown", error=type(error).__name__)
            return "451 4.3.0 The desk cannot look that up at the moment; try again later"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def keep(self, session: Session, envelope: Envelope, letter: BinaryIO) -> str:
        """Put a letter on disk and into the database, and return the answer."""
        mail_from = bare(envelope.mail_from or "")
        rcpt = [bare(address) for address in envelope.rcpt_tos]

        def work() -> int:
            letter.seek(0)
            kept = letters.keep(
                letter,
                source="smtp",
                peer_ip=_peer_of(session),
                helo=_text(session.host_name or ""),
                mail_from=_text(mail_from),
                rcpt=[_text(address) for address in rcpt],
            )
            return kept.pk

        try:
            number = await self.in_thread(work)
        except (DatabaseError, OSError) as error:
            log.warning("smtp.not_kept", error=type(error).__name__)
            return "451 4.3.0 The desk cannot store letters at the moment; try again later"
        return f"250 2.0.0 Taken as letter {number}"

    async def handle_exception(self, error: Exception) -> str:
        """Answer what nobody foresaw: the peer keeps the letter and learns nothing of our inside."""
        log.error("smtp.failed", error=type(error).__name__, exc_info=error)
        return "451 4.3.0 Something went wrong here; try again later"


class Conversation(SMTP):
    """One connection.  DATA is read here and not by the base class, which holds letters in memory,
    refuses long lines, and gives a slow sender no more time than a silent one."""

    def __init__(self, door: Door) -> None:
        super().__init__(
            door,
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            ident="Deskbell",
            hostname=urlsplit(settings.DESK_URL).hostname or "deskbell",
            timeout=COMMAND_SECONDS,
            tls_context=door.tls.context(),
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
        )
        self.door = door
        self.peer = ""
        self._is_encrypted = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peername = transport.get_extra_info("peername")
        self.peer = peername[0] if peername else ""
        if not self.door.has_room_for(self.peer):
            plain = cast("asyncio.Transport", transport)
            plain.write(b"421 4.3.2 Too many connections; try again later\r\n")
            plain.close()
            self.peer = ""
            return
        self.door.peers[self.peer] += 1
        super().connection_made(transport)

    @override
    def connection_lost(self, error: Exception | None) -> None:
        if not self.peer:
            return
        self.door.peers[self.peer] -= 1
        super().connection_lost(error)

    @syntax("STARTTLS", when="tls_context")
    @override
    async def smtp_STARTTLS(self, arg: str) -> None:
        """Encrypt the rest of the conversation, which begins anew (RFC 3207).

        By the loop's own means: those of the base class know neither uvloop nor this Python's sslproto.
        """
        if arg:
            await self.push("501 5.5.4 Syntax: STARTTLS")
            return
        if self.tls_context is None or self._is_encrypted:
            await self.push("503 5.5.1 TLS is not to be had, or is there already")
            return
        await self.push("220 2.0.0 Go ahead")
        # What came before the handshake was readable, and so may be somebody else's (RFC 3207, 6).
        self._reader._buffer.clear()  # type: ignore[attr-defined]
        plain = cast("asyncio.Transport", self.transport)
        try:
            encrypted = await self.loop.start_tls(
                plain,
                self,
                self.tls_context,
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
            )
        except (OSError, TimeoutError):
            plain.close()
            raise asyncio.CancelledError from None
        assert encrypted is not None
        self._is_encrypted = True
        self.transport = encrypted
        self._reader._transport = encrypted  # type: ignore[attr-defined]
        self._writer._transport = encrypted  # type: ignore[attr-defined]
        assert self.session is not None
        peer = self.session.peer
        self.session = self._create_session()
        self.session.peer = peer
        self.session.ssl = {"context": self.tls_context}
        self._set_rset_state()  # type: ignore[no-untyped-call]

    @override
    async def smtp_EHLO(self, hostname: str) -> None:
        """Offer STARTTLS no more once it is there."""
        offered, self.tls_context = (
            self.tls_context,
            None if self._is_encrypted else self.tls_context,
        )
        try:
            await super().smtp_EHLO(hostname)
        finally:
            self.tls_context = offered

    @syntax("DATA")
    @override
    async def smtp_DATA(self, arg: str) -> None:
        """Take a letter: read it to its end, keep it, and only then say so."""
        if await self.check_helo_needed():
            return
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Say first who it is for (RCPT TO)")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        await self.push("354 Go on; end with a dot on a line of its own")
        with tempfile.SpooledTemporaryFile(SPOOL_BYTES, dir=_tmp()) as spool:
            letter = cast("BinaryIO", spool)
            answer = await self._read_letter(letter)
            if not answer:
                answer = await self._keep(letter)
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push(answer)

    async def _keep(self, letter: BinaryIO) -> str:
        # Nobody is silent while the disk is at work: the clock of the peer's silence stands still.
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        assert self.session is not None
        assert self.envelope is not None
        answer = await self.door.keep(self.session, self.envelope, letter)
        self._reset_timeout()
        return answer

    async def _read_letter(self, letter: BinaryIO) -> str:
        """Read to the end of the letter into `letter`; return what refuses it, or "".

        Only CR LF . CR LF ends it: a bare LF is part of the letter, or a second letter could be smuggled.
        """
        deadline = self.loop.time() + LETTER_SECONDS
        unstuffed = _Unstuffed()
        size = 0
        failure = ""
        # The first line may be the dot: it needs a line end before it like any other.
        self._reader._buffer[0:0] = b"\r\n"  # type: ignore[attr-defined]
        while True:
            self._reset_timeout(min(PIECE_SECONDS, max(1.0, deadline - self.loop.time())))
            piece, is_last = await self._next_piece()
            size += len(piece)
            if size > MAX_BYTES and not failure:
                failure = "552 5.3.4 The letter is larger than the 50 MB that this desk takes"
                letter.seek(0)
                letter.truncate()
            if size > 4 * MAX_BYTES:
                await self.push(failure)
                self._writer.close()
                raise asyncio.CancelledError
            if not failure:
                failure = _write(letter, unstuffed.part(piece, is_last=is_last))
            if is_last:
                return failure

    async def _next_piece(self) -> tuple[bytes, bool]:
        """Return the next bytes of the letter, and whether they are its last ones."""
        try:
            # The line end before the dot belongs to the letter.
            return (await self._reader.readuntil(END))[: -len(END) + 2], True
        except asyncio.LimitOverrunError as more:
            return await self._reader.readexactly(min(more.consumed, PIECE_BYTES)), False


class _Unstuffed:
    """Takes away the dots that SMTP puts before lines that begin with one, piece by piece."""

    def __init__(self) -> None:
        self.held = b""
        self.unwanted = 2  # the line end before the first line, which is that of DATA

    def part(self, piece: bytes, *, is_last: bool) -> bytes:
        """Return `piece` without them; the end of a line is held until it is known what follows."""
        whole, self.held = self.held + piece, b""
        tail = None if is_last else re.search(rb"\r\n?\Z", whole)
        if tail:
            whole, self.held = whole[: tail.start()], tail[0]
        plain = whole.replace(b"\r\n.", b"\r\n")
        cut = min(self.unwanted, len(plain))
        self.unwanted -= cut
        return plain[cut:]


def _write(letter: BinaryIO, piece: bytes) -> str:
    try:
        letter.write(piece)
    except OSError as error:
        log.warning("smtp.not_spooled", error=type(error).__name__)
        return "452 4.3.1 The desk's disk is full; try again later"
    return ""


def _answer_to_recipient(address: str, peer: str) -> str:
    match recipients.is_ours(bare(address)):
        case True:
            return "250 2.1.5 OK"
        case False:
            return "550 5.1.1 There is no such mail box here"
        case None if _is_loopback(peer):
            return "250 2.1.5 OK"
        case _:
            return "451 4.2.1 This desk has no mail box yet; try again later"


def _with_connection(work: Callable[[], Result]) -> Result:
    close_old_connections()
    try:
        return work()
    except DatabaseError:
        connection.close()  # the next letter gets a fresh one
        raise


def _tmp() -> str:
    path = letters.folder() / "tmp"
    path.mkdir(parents=True, exist_ok=True)
    return str(path)


def _peer_of(session: Session) -> str:
    return str(session.peer[0]) if isinstance(session.peer, tuple) else ""


def _text(words: str) -> str:
    """Return what a peer said about itself without bytes that no database takes."""
    return words.encode("utf-8", "replace").decode("utf-8", "replace").replace("\x00", "")


def _is_loopback(peer: str) -> bool:
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False

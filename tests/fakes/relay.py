"""A small SMTP relay in a thread of its own: it keeps what it is given, and misbehaves when asked.

As in `with Relay() as relay: relay.plan(refuse(450, "later"), OK)`; the desk sends through
`relay.url`, and `relay.wait_for(1)` gives the letters that it took.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal, Self

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session
from typing_extensions import override

# The commands of one letter in their order; "dot" is the end of DATA, before its answer.
Command = Literal["CONNECT", "MAIL", "RCPT", "DATA", "dot"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the relay does with one letter (or one connection, for CONNECT).

    at      the command at which it happens
    answer  the line it says there, "" to go on as usual
    then    "hang" says nothing more until the relay stops, "drop" cuts the connection
    """

    at: Command = "dot"
    answer: str = ""
    then: Literal["", "hang", "drop"] = ""


OK = Behaviour()
DROP_IN_DATA = Behaviour("DATA", then="drop")
DROP_AFTER_DOT = Behaviour("dot", then="drop")


def refuse(code: int, words: str, at: Command = "RCPT") -> Behaviour:
    """Answer `code words` at this command."""
    return Behaviour(at, f"{code} {words}")


def hang(at: Command = "DATA") -> Behaviour:
    """Say nothing at this command."""
    return Behaviour(at, then="hang")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A letter as it came in, whole."""

    mail_from: str
    rcpt: tuple[str, ...]
    data: bytes
    encrypted: bool
    user: str

    @property
    def message(self) -> EmailMessage:
        """The letter, parsed."""
        return message_from_bytes(self.data, policy=policy.default)

    @property
    def message_id(self) -> str:
        """Its Message-ID without <>."""
        return str(self.message["Message-ID"]).strip().strip("<>")


@dataclass
class Relay:
    """The relay; a context manager.

    user, password  when given, it takes letters only from those who sign in
    token           of OAuth 2 instead of a password, by XOAUTH2 alone
    tls             offers STARTTLS, or speaks TLS from the first byte when `implicit`
    """

    user: str = ""
    password: str = ""
    token: str = ""
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    letters: list[Arrived] = field(default_factory=list)  # answered with 250
    seen: list[Arrived] = field(default_factory=list)  # came whole, whatever was answered
    connections: int = 0
    transactions: int = 0  # MAIL commands
    port: int = 0

    def __post_init__(self) -> None:
        self._plan: deque[Behaviour] = deque()
        self._always: Behaviour = OK
        self._open: set[_Conversation] = set()
        self._started = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="fake relay", daemon=True)

    @property
    def url(self) -> str:
        """The address for DESKBELL_RELAY or a mail box."""
        scheme = "smtps" if self.implicit else "smtp"
        account = f"{self.user}:{self.password}@" if self.user else ""
        return f"{scheme}://{account}127.0.0.1:{self.port}"

    def plan(self, *behaviours: Behaviour) -> None:
        """The next letters meet these, one each; those after them what `always` says."""
        self._plan.extend(behaviours)

    def always(self, behaviour: Behaviour) -> None:
        """Every letter meets this, from now on."""
        self._plan.clear()
        self._always = behaviour

    def wait_for(self, count: int, seconds: float = 10.0) -> list[Arrived]:
        """Return the letters once there are `count`.  AssertionError when they do not come."""
        until = time.monotonic() + seconds
        with self._changed:
            while len(self.letters) < count:
                left = until - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    came = f"{len(self.letters)} of {count} letters came within {seconds} s"
                    raise AssertionError(came)
            return list(self.letters)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10), "the fake relay did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        server = await self._loop.create_server(
            lambda: _Conversation(self),
            "127.0.0.1",
            self.port,
            ssl=self.tls if self.implicit else None,
        )
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stopping.wait()
        server.close()
        for conversation in list(self._open):
            conversation.hang_up()
        await asyncio.sleep(0)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _next(self) -> Behaviour:
        return self._plan.popleft() if self._plan else self._always

    def _came_to_connect(self) -> Behaviour:
        """Count the connection, and take what is planned for it only if it is about connections."""
        self.connections += 1
        first = self._plan[0] if self._plan else self._always
        return self._next() if first.at == "CONNECT" else OK

    def _keep(self, arrived: Arrived, accepted: bool) -> None:
        with self._changed:
            self.seen.append(arrived)
            if accepted:
                self.letters.append(arrived)
            self._changed.notify_all()


class _Conversation(SMTP):
    """One connection: aiosmtpd's server with the planned behaviour put in at each command."""

    def __init__(self, relay: Relay) -> None:
        super().__init__(
            _Keeper(relay),
            hostname="relay.example",
            enable_SMTPUTF8=True,
            authenticator=self._check_login if relay.user else None,
            auth_require_tls=False,
            auth_exclude_mechanism=() if relay.token else ("XOAUTH2",),
            loop=asyncio.get_running_loop(),
            tls_context=None if relay.implicit else relay.tls,
        )
        self.relay = relay
        self.behaviour = OK
        self.user = ""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.relay._open.add(self)
        super().connection_made(transport)

    @override
    def connection_lost(self, error: Exception | None) -> None:
        self.relay._open.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        """Cut the line, with no word."""
        if isinstance(self.transport, asyncio.Transport):
            # Python 3.11.2 loses its TLS protocol when the other side closes first, and then cannot abort.
            with suppress(AttributeError):
                self.transport.abort()

    @override
    async def _handle_client(self) -> None:
        self.behaviour = self.relay._came_to_connect()
        if await self._misbehaves("CONNECT"):
            if self.transport is not None:
                self.transport.close()
            return
        await super()._handle_client()

    @override
    async def smtp_MAIL(self, arg: str | None) -> None:
        if self.relay.user and not self.user:
            await self.push("530 sign in first")
            return
        self.relay.transactions += 1
        self.behaviour = self.relay._next()
        if not await self._misbehaves("MAIL"):
            await super().smtp_MAIL(arg)

    @override
    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self._misbehaves("RCPT"):
            await super().smtp_RCPT(arg)

    @override
    async def smtp_DATA(self, arg: str) -> None:
        if self.behaviour.at == "DATA" and not self.behaviour.answer:
            await self.push("354 go on")
            await self._reader.read(64)
        if not await self._misbehaves("DATA"):
            await super().smtp_DATA(arg)

    async def _misbehaves(self, at: Command) -> bool:
        if self.behaviour.at != at or self.behaviour == OK:
            return False
        if self.behaviour.answer:
            await self.push(self.behaviour.answer)
        if self.behaviour.then == "hang":
            await asyncio.Event().wait()
        if self.behaviour.then == "drop":
            self.hang_up()
        return True

    async def auth_XOAUTH2(self, _server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802  by its name
        said = base64.b64decode(args[1]).decode() if len(args) > 1 else ""
        user, token = self.relay.user, self.relay.token
        if token and said == f"user={user}\x01auth=Bearer {token}\x01\x01":
            self.user = user
            return AuthResult(success=True, auth_data=user)
        await self.challenge_auth('{"status":"401"}')
        return AuthResult(success=False, handled=False)

    def _check_login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        if isinstance(data, str):  # XOAUTH2 has looked at it
            return AuthResult(success=True, handled=False)
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        success = given == (self.relay.user, self.relay.password)
        self.user = given[0] if success else ""
        return AuthResult(success=success, handled=False)


class _Keeper:
    """aiosmtpd's handler: what happens once a letter came whole."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay

    async def handle_DATA(  # noqa: N802  aiosmtpd calls it by this name
        self, server: _Conversation, session: Session, envelope: Envelope
    ) -> Any:
        behaviour = server.behaviour
        plain = behaviour == OK or behaviour.at != "dot"
        arrived = Arrived(
            mail_from=envelope.mail_from or "",
            rcpt=tuple(envelope.rcpt_tos),
            data=bytes(envelope.original_content or b""),
            encrypted=session.ssl is not None or self.relay.implicit,
            user=server.user,
        )
        self.relay._keep(arrived, accepted=plain)
        if plain:
            return MISSING
        if behaviour.then:
            await server._misbehaves("dot")
        return behaviour.answer or "451 gone"

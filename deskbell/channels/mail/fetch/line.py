"""A line to a mail server: connected, encrypted, and cut when an exchange takes longer than it may.

A socket's own timeout starts anew with every byte; a server that sends one now and then would hold us for ever.
"""

from __future__ import annotations

import socket
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Self

from deskbell.channels.mail.fetch.failures import FetchFailed, of_network

CONNECT_SECONDS = 15.0
SILENT_SECONDS = 30.0
# For one command and its answer, unless it brings a letter.
COMMAND_SECONDS = 60.0
# The slowest line we bear: half a megabit a second.
BYTES_PER_SECOND = 62_500


@dataclass(frozen=True, slots=True)
class Server:
    """Where letters lie, and as whom we come.

    tls       implicit, starttls, or none, which is for this machine only
    password  "" where a token is used
    token     an access token of OAuth 2; "" where a password is used
    shared    whose letters; "" for the user's own
    """

    kind: str
    host: str
    port: int
    tls: str
    user: str
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    shared: str = ""

    @property
    def is_this_machine(self) -> bool:
        """Whether what goes there never crosses a network."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class Watch:
    """Cuts a line when time is up."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self.has_cut = False

    def guard(self, sock: socket.socket) -> None:
        """Guard this socket from now on."""
        self._socket = sock

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cut the line if this takes longer.  Errors of sockets come out as FetchFailed."""
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except OSError as error:
            raise (FetchFailed("timed_out") if self.has_cut else of_network(error)) from None
        finally:
            timer.cancel()

    def _cut(self) -> None:
        self.has_cut = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


class Session(ABC):
    """What every protocol's session has: connected, encrypted where that is wanted, signed in; a context manager.

    Not for several threads.
    """

    def __init__(self, server: Server) -> None:
        """Connect and sign in.  Raises FetchFailed."""
        self._watch = Watch()
        with self._worded(COMMAND_SECONDS):
            self._connect(server)
        try:
            with self._worded(COMMAND_SECONDS):
                if server.tls == "starttls":
                    self._encrypt()
                self._sign_in(server)
        except BaseException:
            self.hang_up()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.hang_up()

    @abstractmethod
    def hang_up(self) -> None:
        """Cut the line, whatever state it is in."""

    @abstractmethod
    def _connect(self, server: Server) -> None: ...

    @abstractmethod
    def _encrypt(self) -> None: ...

    @abstractmethod
    def _sign_in(self, server: Server) -> None: ...

    @abstractmethod
    def _worded(self, seconds: float, *, no: str = "") -> AbstractContextManager[None]:
        """Cut the line after `seconds`; turn what goes wrong into our codes.

        no  the code of a plain refusal of this command
        """


def connect(server: Server, watch: Watch) -> socket.socket:
    """Return a socket, encrypted already where TLS comes first.  Raises OSError, FetchFailed."""
    if server.tls == "none" and not server.is_this_machine:
        raise FetchFailed("tls_missing")
    plain = socket.create_connection((server.host, server.port), timeout=CONNECT_SECONDS)
    try:
        watch.guard(plain)
        plain.settimeout(SILENT_SECONDS)
        if server.tls != "implicit":
            return plain
        line = context().wrap_socket(plain, server_hostname=server.host)
        watch.guard(line)
    except BaseException:
        plain.close()
        raise
    return line


def context() -> ssl.SSLContext:
    """Return how TLS is spoken: only with a server that proves its name."""
    return ssl.create_default_context()

"""A line to a mail server: connected, encrypted, and cut when an exchange takes longer than it may.

A socket's own timeout starts anew with every byte; a server that sends one now and then would hold us for ever.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Self

from deskbell.channels.mail.fetch.failures import FetchFailed, OtherCertificate, of_network

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
    certificate  the SHA-256 of the only one that is taken, whoever issued it; "" takes one that proves the name
    """

    kind: str
    host: str
    port: int
    tls: str
    user: str
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    shared: str = ""
    certificate: str = ""

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
                    self._encrypt(server)
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
    def _encrypt(self, server: Server) -> None: ...

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
    line = plain
    try:
        watch.guard(line)
        line.settimeout(SILENT_SECONDS)
        if server.tls == "implicit":
            line = context(server.certificate).wrap_socket(plain, server_hostname=server.host)
            watch.guard(line)
            require_agreed(line, server)
    except BaseException:
        line.close()
        raise
    return line


def context(certificate: str = "") -> ssl.SSLContext:
    """Return how TLS is spoken: only with a server that proves its name, or that shows the one certificate."""
    found = ssl.create_default_context()
    if certificate:
        # Nobody vouches for it: `require_agreed` looks at it before anything is said.
        found.check_hostname = False
        found.verify_mode = ssl.CERT_NONE
    return found


def require_agreed(line: socket.socket, server: Server) -> None:
    """Raise OtherCertificate unless the server shows the one certificate that was agreed on, where one was."""
    if not server.certificate:
        return
    shown = (line.getpeercert(binary_form=True) or b"") if isinstance(line, ssl.SSLSocket) else b""
    if fingerprint_of(shown) != server.certificate:
        raise OtherCertificate(shown)


def fingerprint_of(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate in DER, in small letters and figures."""
    return hashlib.sha256(certificate).hexdigest()

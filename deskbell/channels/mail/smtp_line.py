"""One connection to a relay: the dialogue of RFC 5321, and a code of ours for each way it ends.

smtp_client.py keeps and reuses them.  A refusal of the letter is permanent; whatever is wrong with
the relay itself, or with our right to use it, is not: the letters wait until somebody mends it.
"""

import re
import select
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from deskbell.channels.mail.fetch import sasl, tokens
from deskbell.channels.mail.fetch.failures import FetchFailed
from deskbell.channels.mail.models import Source
from deskbell.channels.mail.relay import Relay
from deskbell.errors import OutsideFailure

LONGEST_WORDS = 1000

CLOSING = 421  # "service not available, closing": also what an idle line is told
_DONE = 2  # the first figure of an answer that says yes
_PERMANENT = 500
# They speak of our right to use the relay, not of the letter: it waits until that is mended.
_LOGIN_CODES = (530, 534, 535, 538)
# Where no code says so, the words of Postfix, Sendmail, Exim and Exchange do.
_NO_RIGHT = re.compile(
    r"relay(ing|) (access |)denied|relay not permitted|unable to relay|client host rejected",
    re.IGNORECASE,
)
# So does Postfix of whoever should have signed in; but also of a recipient whom its operator bars.
_MAYBE_NO_RIGHT = re.compile(r"rejected: access denied", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    connect    for the connection
    command    for an answer to each command
    until_dot  for everything before the letter itself
    dot        for the answer after it: long, since giving up means sending it again (RFC 5321)
    quiet_dot  of these, how long before `still_waiting` is told
    """

    connect: float = 20.0
    command: float = 30.0
    until_dot: float = 90.0
    dot: float = 300.0
    quiet_dot: float = 20.0

    def for_data(self, size_bytes: int) -> float:
        """Return how long sending so many bytes may take: we bear 500 kbit/s."""
        return self.command + size_bytes / 60_000


PATIENCE = Patience()


class SendFailed(OutsideFailure):
    """The relay did not take the letter.

    reason   our code, worded by outcomes.py
    smtp     the relay's code, None when it gave none
    words    the relay's own words
    """

    code = "send_failed"

    def __init__(
        self, reason: str, *, permanent: bool = False, smtp: int | None = None, words: str = ""
    ) -> None:
        super().__init__(reason, permanent, smtp=smtp, words=words[:LONGEST_WORDS])
        self.smtp = smtp
        self.words = words[:LONGEST_WORDS]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A letter for one recipient.

    mail_from, rcpt  ASCII, without <>; to mail_from goes what bounces
    data             whole, lines ended by CR LF
    number           what a report may call it by (RFC 3461, 4.4); "" for nothing
    """

    mail_from: str
    rcpt: str
    data: bytes
    number: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The relay took the letter: it is its care now."""

    smtp: int
    words: str


class Line:
    """One connection to a relay, greeted and signed in; used for one letter at a time."""

    def __init__(self, relay: Relay, patience: Patience) -> None:
        """Connect.  Raises SendFailed, temporary: what is wrong here is not the letter's fault."""
        self.relay = relay
        self.letters = 0
        self.idle_since = 0.0
        self.gave_the_letter = False
        self._smtp = _connect(relay, patience)

    @property
    def was_used(self) -> bool:
        """Whether a letter went over it before."""
        return self.letters > 1

    def send(
        self,
        envelope: Envelope,
        still_waiting: Callable[[], None],
        patience: Patience,
    ) -> Accepted:
        """Send a letter.  Raises SendFailed."""
        self.letters += 1
        self.gave_the_letter = False
        with _worded():
            self._refuse_what_is_too_large(envelope.data)
            deadline = time.monotonic() + patience.until_dot
            of_letter, of_recipient = self._reports_wanted(envelope)
            self._command(f"MAIL FROM:<{envelope.mail_from}>{of_letter}", deadline, patience)
            self._command(f"RCPT TO:<{envelope.rcpt}>{of_recipient}", deadline, patience)
            self._command("DATA", deadline, patience, go_on=354)
            return self._give(envelope.data, still_waiting, patience)

    def reset(self, patience: Patience) -> bool:
        """Forget a letter half said; False when the line is no longer good."""
        try:
            self._wait_at_most(patience.command)
            return self._smtp.rset()[0] // 100 == _DONE
        except (OSError, smtplib.SMTPException):
            return False

    def close(self) -> None:
        """Hang up without waiting for anything."""
        self._smtp.close()

    def goodbye(self) -> None:
        """Hang up as is proper, but without waiting for an answer."""
        with suppress(OSError, smtplib.SMTPException):
            self._wait_at_most(1.0)
            self._smtp.putcmd("QUIT")
        self._smtp.close()

    def _give(self, data: bytes, still_waiting: Callable[[], None], patience: Patience) -> Accepted:
        self._wait_at_most(patience.for_data(len(data)))
        self.gave_the_letter = True
        self._smtp.send(_with_dots(data))
        if not self._answers_within(patience.quiet_dot):
            still_waiting()
        self._wait_at_most(patience.dot)
        code, words = self._smtp.getreply()
        if code // 100 != _DONE:
            raise _refused(code, words)
        return Accepted(code, _text(words))

    def _command(
        self, command: str, deadline: float, patience: Patience, *, go_on: int = 0
    ) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise SendFailed("timed_out")
        self._wait_at_most(min(left, patience.command))
        code, words = self._smtp.docmd(command)
        if code != go_on if go_on else code // 100 != _DONE:
            if self._is_about_us(code, _text(words)):
                raise SendFailed("refused_at_the_door", smtp=code, words=_text(words))
            raise _refused(code, words)

    def _is_about_us(self, code: int, words: str) -> bool:
        """Whether it refuses for good, but us and not this letter: any letter waits until that is mended."""
        should_sign_in = not self.relay.user and self._smtp.has_extn("auth")
        maybe = should_sign_in and _MAYBE_NO_RIGHT.search(words)
        return code >= _PERMANENT and bool(maybe or _NO_RIGHT.search(words))

    def _reports_wanted(self, envelope: Envelope) -> tuple[str, str]:
        """Return what asks for reports of failures and delays, with our letter's head in them (RFC 3461, 4)."""
        if not self._smtp.has_extn("dsn"):
            return "", ""
        number = f" ENVID={_xtext(envelope.number)}" if envelope.number else ""
        return f" RET=HDRS{number}", f" NOTIFY=FAILURE,DELAY ORCPT=rfc822;{_xtext(envelope.rcpt)}"

    def _refuse_what_is_too_large(self, data: bytes) -> None:
        most = self._smtp.esmtp_features.get("size", "")
        if most.isdecimal() and 0 < int(most) < len(data):
            raise SendFailed("too_large_for_relay", permanent=True)

    def _answers_within(self, seconds: float) -> bool:
        sock = self._socket()
        if isinstance(sock, ssl.SSLSocket) and sock.pending():
            return True
        return bool(select.select([sock], [], [], seconds)[0])

    def _wait_at_most(self, seconds: float) -> None:
        self._socket().settimeout(max(seconds, 0.01))

    def _socket(self) -> socket.socket:
        if self._smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("hung up")
        return self._smtp.sock


def _connect(relay: Relay, patience: Patience) -> smtplib.SMTP:
    with _worded(at_the_door=True):
        smtp = _opened(relay, patience)
        try:
            _greet(smtp, relay, patience)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _opened(relay: Relay, patience: Patience) -> smtplib.SMTP:
    # Named by us: smtplib would ask the network for our own name, which may take a minute.
    name = _our_name()
    if relay.implicit_tls:
        return smtplib.SMTP_SSL(
            relay.host,
            relay.port,
            local_hostname=name,
            timeout=patience.connect,
            context=_tls(verify=relay.verify),
        )
    return smtplib.SMTP(relay.host, relay.port, local_hostname=name, timeout=patience.connect)


def _greet(smtp: smtplib.SMTP, relay: Relay, patience: Patience) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(patience.command)
    smtp.ehlo_or_helo_if_needed()
    encrypted = relay.implicit_tls
    if not encrypted and smtp.has_extn("starttls"):
        # Without a password it only keeps listeners out, as between any two mail servers, and takes
        # any certificate: it could as well be plain. A password goes to the right server alone.
        verified = relay.verify and bool(relay.user) and not relay.is_this_machine
        smtp.starttls(context=_tls(verify=verified or relay.must_verify))
        smtp.ehlo()
        encrypted = True
    if not encrypted and relay.must_verify:
        raise SendFailed("encryption_not_offered")
    if relay.user:
        if not encrypted and not relay.is_this_machine:
            raise SendFailed("login_needs_tls")
        if relay.source is not None:
            _sign_in_by_provider(smtp, relay, relay.source)
        else:
            smtp.login(relay.user, relay.password)


def _sign_in_by_provider(smtp: smtplib.SMTP, relay: Relay, number: int) -> None:
    """Sign in with a token of OAuth 2, the one that fetches; a refused one is asked for anew the next time."""
    source = Source.objects.select_related("app").get(pk=number)
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    try:
        token = tokens.access_token(source)
        mechanism, answers = sasl.of_token(
            lambda name: name in offered,
            user=relay.user,
            token=token,
            host=relay.host,
            port=relay.port,
        )
    except FetchFailed as failure:
        offers_none = failure.reason == "sign_in_not_offered"
        reason = "login_not_offered" if offers_none else "permission_missing"
        raise SendFailed(reason, words=failure.words) from None
    try:
        smtp.auth(mechanism, lambda challenge=None: answers(challenge).decode())
    except smtplib.SMTPAuthenticationError:
        tokens.refuse(source)
        raise


def _tls(*, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _our_name() -> str:
    host = urlsplit(settings.DESK_URL).hostname or ""
    if not host or re.fullmatch(r"[\d.]+|.*:.*", host):
        return "localhost"
    return host


@contextmanager
def _worded(*, at_the_door: bool = False) -> Iterator[None]:
    """Turn whatever sockets and smtplib raise into SendFailed with a code of ours."""
    try:
        yield
    except SendFailed:
        raise
    except smtplib.SMTPAuthenticationError as error:
        raise SendFailed(
            "login_refused", smtp=error.smtp_code, words=_text(error.smtp_error)
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise SendFailed("login_not_offered") from None
    except smtplib.SMTPResponseException as error:
        raise SendFailed(
            "refused_at_the_door" if at_the_door else "deferred_by_relay",
            smtp=error.smtp_code,
            words=_text(error.smtp_error),
        ) from None
    except smtplib.SMTPException as error:
        # smtplib tells of a time-out as a cut line.
        slow = isinstance(error.__context__, TimeoutError)
        raise SendFailed("timed_out" if slow else "connection_lost") from None
    except OSError as error:
        raise SendFailed(_reason_of(error)) from None


# The first that fits: the narrower errors stand before the wider ones.
_REASONS: tuple[tuple[type[OSError], str], ...] = (
    (ssl.SSLCertVerificationError, "certificate_not_trusted"),
    (ssl.SSLError, "tls_failed"),
    (socket.gaierror, "dns_lookup_failed"),
    (TimeoutError, "timed_out"),
    (ConnectionRefusedError, "connection_refused"),
    (ConnectionError, "connection_lost"),
)


def _reason_of(error: OSError) -> str:
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), "network_failed")


def _refused(code: int, words: bytes) -> SendFailed:
    if code == -1:
        return SendFailed("connection_lost")
    if code in _LOGIN_CODES:
        return SendFailed("login_refused", smtp=code, words=_text(words))
    permanent = code >= _PERMANENT
    reason = "refused_by_relay" if permanent else "deferred_by_relay"
    return SendFailed(reason, permanent=permanent, smtp=code, words=_text(words))


def _xtext(text: str) -> str:
    """Return `text` as xtext (RFC 3461, 4)."""
    return "".join(
        one if "!" <= one <= "~" and one not in "+=" else f"+{ord(one):02X}" for one in text
    )


def _text(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.replace("\x00", "").split())


def _with_dots(data: bytes) -> bytes:
    """Return `data` with its leading dots doubled, and the dot that ends it."""
    whole = data if data.endswith(b"\r\n") else data + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", whole) + b".\r\n"

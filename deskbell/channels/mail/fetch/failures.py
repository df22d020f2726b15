"""Why a mail server could not be used, as one code each; and how the errors of sockets and TLS become codes.

The words stand in reasons.py.  Raised by line.py, imap.py, pop3.py and tokens.py.
"""

from __future__ import annotations

import socket
import ssl

from deskbell.errors import OutsideFailure

LONGEST_WORDS = 500

# Only a person can mend these: trying again would be in vain, and some servers lock who tries too often.
PERMANENT = frozenset(
    {
        "app_refused",
        "not_granted",
        "oauth_revoked",
        "secret_unreadable",
        "sign_in_not_offered",
        "uidl_missing",
    }
)


class FetchFailed(OutsideFailure):
    """A mail server, or the way to it, does not do what we need.

    reason  our code, worded by reasons.py
    words   the server's own; "" when it said nothing
    """

    code = "fetch_failed"

    def __init__(self, reason: str, words: str = "") -> None:
        self.words = " ".join(words.replace("\x00", "").split())[:LONGEST_WORDS]
        super().__init__(reason, reason in PERMANENT, words=self.words)


class OtherCertificate(FetchFailed):
    """The server shows another certificate than the one that is trusted.  certificate: this other one, in DER."""

    code = "other_certificate"

    def __init__(self, certificate: bytes) -> None:
        self.certificate = certificate
        super().__init__("certificate_changed")


class CannotGive(FetchFailed):
    """The server answers, but does not give this one letter."""

    code = "letter_not_given"


class TooLarge(Exception):
    """The letter is larger than we take."""


# The first that fits: the narrower errors stand before the wider ones.
_REASONS: tuple[tuple[type[OSError], str], ...] = (
    (ssl.SSLCertVerificationError, "certificate_not_trusted"),
    (ssl.SSLEOFError, "connection_lost"),
    (ssl.SSLError, "tls_failed"),
    (socket.gaierror, "dns_lookup_failed"),
    (TimeoutError, "timed_out"),
    (ConnectionRefusedError, "connection_refused"),
    (ConnectionError, "connection_lost"),
)


def of_network(error: OSError) -> FetchFailed:
    """Return what an error of a socket means."""
    reason = next(
        (reason for kind, reason in _REASONS if isinstance(error, kind)), "network_failed"
    )
    words = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else ""
    return FetchFailed(reason, words)

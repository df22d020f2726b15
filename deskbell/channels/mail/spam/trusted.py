"""What mail servers of ours wrote about a letter on its way in: Authentication-Results, and verdicts of spam filters.

Anybody can write such headers.  A server is believed only by a name that the operator trusts, only its topmost
word (it takes away what others wrote under its name, RFC 8601, 5), and only down to where it stands.  Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import compat32

from deskbell.channels.inbound import Authentication
from deskbell.channels.mail.decode import header_text

_HEADER_BYTES = 200_000
_MOST_HEADERS = 400

_RESULTS = "authentication-results"
_CHECKER = re.compile(r"\bon\s+([a-z0-9.-]+)", re.IGNORECASE)
_DMARC = re.compile(r"\bdmarc\s*=\s*([a-z]+)", re.IGNORECASE)
_POLICY = re.compile(
    r"\bp=([a-z]+)|\bpolicy\.(?:dmarc|published-domain-policy)=([a-z]+)", re.IGNORECASE
)
_SAYS: dict[str, Authentication] = {
    "pass": "pass",
    "bestguesspass": "none",
    "fail": "fail",
    "none": "none",
}
# Of rspamd: what it would have done, of which the first two put a letter aside.
_RSPAMD = frozenset({"reject", "add header", "rewrite subject", "quarantine"})


@dataclass(frozen=True, slots=True)
class Word:
    """What a trusted server says.

    authentication  of the sender's domain; unknown when it says nothing of that
    policy          what the domain wants of forged mail, where the server says it
    spam            whose word it is that it is spam: rspamd, spamassassin; "" for nobody's
    """

    authentication: Authentication = "unknown"
    policy: str = ""
    spam: str = ""


def word_of(raw: bytes, checkers: Sequence[str]) -> Word:
    """Return what servers of these names wrote into the headers of a letter."""
    if not checkers:
        return Word()
    headers = _headers(raw)
    end, results = _trusted_part(headers, frozenset(checkers))
    if end is None:
        return Word()
    authentication, policy = _dmarc(results)
    return Word(authentication, policy, _spam(headers[:end]))


def proves(results: str) -> bool:
    """Whether these results say that the sender is who they say."""
    return _dmarc(results)[0] == "pass"


def _headers(raw: bytes) -> list[tuple[str, str]]:
    message = BytesHeaderParser(policy=compat32).parsebytes(raw[:_HEADER_BYTES])
    items = list(message.raw_items())[:_MOST_HEADERS]
    return [(name.lower(), " ".join(header_text(value).split())) for name, value in items]


def _trusted_part(
    headers: list[tuple[str, str]], checkers: frozenset[str]
) -> tuple[int | None, str]:
    """Return where the headers end that a trusted server stands for, and its Authentication-Results.

    Its part ends where the next server's Received begins: below may stand what the sender wrote.
    """
    for index, (name, value) in enumerate(headers):
        if _server_of(name, value) in checkers:
            end = _end(headers, index)
            return end, _results(headers[index:end], checkers)
    return None, ""


def _server_of(name: str, value: str) -> str:
    """Return the server that a header says it is of; "" for headers that name none."""
    if name == _RESULTS:
        return next(iter(value.partition(";")[0].lower().split()), "")
    on = _CHECKER.search(value) if name == "x-spam-checker-version" else None
    return on[1].lower() if on else ""


def _end(headers: list[tuple[str, str]], index: int) -> int:
    rest = range(index, len(headers))
    return next((one for one in rest if headers[one][0] == "received"), len(headers))


def _results(headers: list[tuple[str, str]], checkers: frozenset[str]) -> str:
    """Return the topmost results that a trusted server wrote here; "" without any."""
    of_theirs = (
        value.partition(";")[2]
        for name, value in headers
        if name == _RESULTS and _server_of(name, value) in checkers
    )
    return next(of_theirs, "")


def _dmarc(results: str) -> tuple[Authentication, str]:
    found, policy = _DMARC.search(results), _POLICY.search(results)
    said = _SAYS.get(found[1].lower(), "unknown") if found else "unknown"
    return said, ((policy[1] or policy[2]).lower() if policy else "")


def _spam(headers: list[tuple[str, str]]) -> str:
    for name, value in headers:
        text = value.lower()
        if name in ("x-rspamd-action", "x-rspamd-bar-action") and text in _RSPAMD:
            return "rspamd"
        if (
            name in ("x-spam", "x-spam-flag", "x-spam-status")
            and text.split(",")[0].strip() == "yes"
        ):
            return "spamassassin" if name != "x-spam" else "rspamd"
    return ""

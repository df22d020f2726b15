"""One letter, from bytes to an Inbound: what it says, from whom, with which files, whatever its shape.

Pure but for the files, which it writes into a folder that it is given.  It runs in a child process
(parse_child.py), knows no Django, and believes nothing that the letter claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import parsedate_to_datetime
from pathlib import Path

from deskbell.channels.inbound import Inbound
from deskbell.channels.mail import bodies, quotes
from deskbell.channels.mail.addresses import addresses_of
from deskbell.channels.mail.conversation import root_of
from deskbell.channels.mail.decode import header_text, one_line
from deskbell.channels.mail.report import Report, report_of

# What a letter may be, so that reading one ends soon; nobody's real letter comes near.
MAX_HEADER_BYTES = 1_000_000
MAX_HEADERS = 2_000
MAX_PARTS = 1_000
MAX_DEPTH = 50
MAX_REFERENCES = 200
_MAX_ID = 500

_INTERESTING = (
    "auto-submitted",
    "precedence",
    "list-id",
    "list-unsubscribe",
    "list-post",
    "feedback-id",
    "list-archive",
    "list-help",
    "list-owner",
    "list-subscribe",
    "x-loop",
    "x-spam-flag",
    "x-spam-status",
    "x-deskbell-installation",
    "x-autoreply",
    "x-autorespond",
    "x-auto-response-suppress",
    "x-failed-recipients",
    "x-ms-exchange-generated-message-source",
    "return-path",
    "reply-to",
    "sender",
    "content-type",
)


class Refused(Exception):
    """The letter is not read; `reason` is a code that reasons.py words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Parsed:
    """All that was found in a letter: the value for every channel, and what only mail knows.

    report  when it tells of a delivery, else None
    """

    inbound: Inbound
    report: Report | None = None


def parse(raw: bytes, folder: Path) -> Parsed:
    """Return what the letter says; its files are written into `folder`.  Raises Refused.

    1. Look at its size before reading.  2. Find the parts.  3. Put the bodies together.
    4. Read the headers.
    """
    raw = raw.lstrip(b"\r\n \t")
    if not raw:
        raise Refused("empty")
    _check_headers(raw)
    try:
        message = _whole(raw)
    except RecursionError:
        raise Refused("too_deep") from None
    _check_parts(message)
    subject = one_line(header_text(_first(message, "subject")))[:_MAX_ID]
    body = bodies.body_of(message, folder, forwarded=quotes.is_forward(subject))
    return Parsed(_inbound(message, subject, body), report_of(message))


def _inbound(message: Message, subject: str, body: bodies.Body) -> Inbound:
    sender, name = _sender(message)
    return Inbound(
        channel="mail",
        sender_address=sender,
        sender_name=name,
        subject=subject,
        text=body.text,
        html=body.html,
        quoted=body.quoted,
        files=body.files,
        message_id=_last_id(_first(message, "message-id")),
        references=_ids(" ".join(_all(message, "references")))[-MAX_REFERENCES:],
        in_reply_to=_last_id(" ".join(_all(message, "in-reply-to"))),
        to=addresses_of(", ".join(_all(message, "to"))),
        cc=addresses_of(", ".join(_all(message, "cc"))),
        delivered_to=_delivered_to(message),
        conversation=root_of(_first(message, "thread-index")),
        sent_at=_date(_first(message, "date")),
        headers_of_interest={
            name: tuple(one_line(header_text(value))[:_MAX_ID] for value in values[:20])
            for name in _INTERESTING
            if (values := _all(message, name))
        },
    )


def _check_headers(raw: bytes) -> None:
    head = raw[: MAX_HEADER_BYTES + 1]
    end = re.search(rb"\r?\n\r?\n", head)
    if end is None and len(raw) > MAX_HEADER_BYTES:
        raise Refused("headers_too_long")
    if head.count(b"\n", 0, end.start() if end else len(head)) > MAX_HEADERS:
        raise Refused("too_many_headers")


def _check_parts(message: Message) -> None:
    waiting = [(message, 0)]
    count = 0
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if depth > MAX_DEPTH:
            raise Refused("too_deep")
        if count > MAX_PARTS:
            raise Refused("too_many_parts")
        if part.get_content_maintype() == "multipart":
            waiting.extend((child, depth + 1) for child in bodies.children_of(part))


def _whole(raw: bytes) -> Message:
    """Return the letter, read again by the boundary that it really uses when it names none or another."""
    message = message_from_bytes(raw, policy=compat32)
    if message.get_content_maintype() != "multipart" or message.is_multipart():
        return message
    head, end, body = raw.partition(b"\r\n\r\n" if b"\r\n\r\n" in raw else b"\n\n")
    first = re.search(rb"^--([!-~]{1,200})[ \t\r]*$", body, re.MULTILINE)
    if first is None:
        return message
    boundary = first[1].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    others = re.sub(rb"(?im)^content-type:.*(\r?\n[ \t].*)*(\r?\n|\Z)", b"", head)
    honest = b'Content-Type: multipart/mixed; boundary="%b"\r\n' % boundary
    repaired = message_from_bytes(honest + others + end + body, policy=compat32)
    return repaired if repaired.is_multipart() else message


def _sender(message: Message) -> tuple[str, str]:
    for header in ("from", "sender", "reply-to", "return-path"):
        for value in _all(message, header):
            found = addresses_of(value)
            if found:
                return found[0]
    return "", one_line(header_text(_first(message, "from")))[:200]


# Where servers on the way write down for whom a letter came.
_WRITTEN_DOWN = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "x-forwarded-to",
    "x-rcpt-to",
)


def _delivered_to(message: Message) -> tuple[str, ...]:
    values = [value for name in _WRITTEN_DOWN for value in _all(message, name)]
    found = (address for value in values[:50] for address, _name in addresses_of(value))
    return tuple(dict.fromkeys(found))


def _date(raw: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header_text(raw))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    try:
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _ids(raw: str) -> tuple[str, ...]:
    """Return the Message-IDs in a raw header, each once, the last place counting."""
    text = header_text(raw)
    found = re.findall(r"<([^<>]+)>", text) or text.split()
    ids = [re.sub(r"\s", "", one)[:_MAX_ID] for one in found]
    return tuple(reversed(dict.fromkeys(one for one in reversed(ids) if one)))


def _last_id(raw: str) -> str:
    # In-Reply-To may hold several and, in old letters, words: only what stands in brackets counts then.
    ids = _ids(raw)
    return ids[-1] if ids else ""


def _first(message: Message, name: str) -> str:
    return next(_values(message, name), "")


def _all(message: Message, name: str) -> list[str]:
    return list(_values(message, name))


def _values(message: Message, name: str) -> Iterator[str]:
    # raw_items and not get(): that one would guess a charset for 8-bit headers.
    for key, value in message.raw_items():
        if key.lower() == name:
            yield str(value)

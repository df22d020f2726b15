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
from email.utils import parsedate_to_datetime, parsedate_tz
from pathlib import Path

from deskbell.channels.inbound import Inbound, Named
from deskbell.channels.mail import bodies, forwarded, marks, quotes, senders, wrapped
from deskbell.channels.mail.addresses import addresses_of
from deskbell.channels.mail.conversation import root_of
from deskbell.channels.mail.decode import header_text, one_line
from deskbell.channels.mail.feedback import Feedback, feedback_of
from deskbell.channels.mail.invitation import Invitation
from deskbell.channels.mail.pgp import Swells
from deskbell.channels.mail.report import Report, report_of
from deskbell.channels.mail.signatures import Signature

# What a letter may be, so that reading one ends soon; nobody's real letter comes near.
MAX_HEADER_BYTES = 1_000_000
MAX_HEADERS = 2_000
MAX_PARTS = 1_000
MAX_DEPTH = 50
# Of a header that names a part or a file: longer ones are made of a million pieces.
MAX_PART_HEADER = 20_000
MAX_REFERENCES = 200
_MAX_ID = 500
# Where clocks of people stand, in minutes east of UTC: they differ by quarters of an hour.
WESTERNMOST, EASTERNMOST, QUARTER = -12 * 60, 14 * 60, 15


class Refused(Exception):
    """The letter is not read; `reason` is a code that reasons.py words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Parsed:
    """All that was found in a letter: the value for every channel, and what only mail knows.

    heads       who may have written it: asked again where it is known which addresses are ours
    report      when it tells of a delivery, else None
    signature   what it is signed with; None when it is not
    encrypted   opened, closed (nobody here has the key) or "" (it was not)
    invitation  what a calendar sent with it
    inside      who wrote the letters that it hands on, the outermost first
    repairs     what had to be set right to read it, as codes with what they are about
    feedback    when it is a receipt or a complaint, else None
    hops        how many servers say that it came through them
    """

    inbound: Inbound
    heads: senders.Heads = senders.Heads()  # noqa: RUF009  frozen
    report: Report | None = None
    signature: Signature | None = None
    encrypted: str = ""
    invitation: Invitation | None = None
    inside: tuple[Named, ...] = ()
    repairs: tuple[tuple[str, str], ...] = ()
    feedback: Feedback | None = None
    hops: int = 0


def parse(raw: bytes, folder: Path, keys: wrapped.AllKeys = wrapped.NO_KEYS) -> Parsed:
    """Return what the letter says; its files are written into `folder`.  Raises Refused.

    keys  that open it, or check who signed it
    1. Look at its size before reading.  2. Find the parts.  3. Take off what it is sealed in.
    4. Put the bodies together.  5. Read the headers.
    """
    raw = _without_what_is_before(raw)
    if not raw:
        raise Refused("empty")
    _check_headers(raw)
    repaired = _with_whole_headers(raw)
    try:
        message = _whole(repaired)
        _check_parts(message)
        heads = _heads(message)
        opened = wrapped.open_(message, repaired, senders.writer_of(heads).proved, keys)
        if opened.message is not message:
            _check_parts(opened.message)
        return _parsed(message, raw, heads, opened, folder, are_headers_whole=repaired is raw)
    except RecursionError:
        raise Refused("too_deep") from None
    except Swells:
        raise Refused("swells") from None


def _parsed(
    message: Message,
    raw: bytes,
    heads: senders.Heads,
    opened: wrapped.Opened,
    folder: Path,
    *,
    are_headers_whole: bool,
) -> Parsed:
    subject = _subject(message, opened)
    is_forward = quotes.is_forward(subject)
    body = bodies.body_of(opened.message, folder, forwarded=is_forward)
    inside = forwarded.writers_in(body.text) if is_forward else ()
    repairs = () if are_headers_whole else (("headers_mended", ""),)
    return Parsed(
        _inbound(message, heads, subject, body),
        heads,
        report_of(message, raw),
        opened.signature,
        opened.encrypted,
        body.invitation,
        tuple(dict((*inside, *body.letters)).items()),
        (*repairs, *body.repairs),
        feedback_of(message),
        len(_all(message, "received")),
    )


def _subject(message: Message, opened: wrapped.Opened) -> str:
    """Return the subject; of a letter that was opened, the one inside where outside stands a mask."""
    outside = one_line(header_text(_first(message, "subject")))[:_MAX_ID]
    if opened.message is message or outside.strip(". …").lower() not in _MASKS:
        return outside
    return one_line(header_text(_first(opened.message, "subject")))[:_MAX_ID] or outside


# What programs write where the subject is encrypted too.
_MASKS = frozenset({"", "encrypted message", "encrypted email", "[...]"})


def _inbound(message: Message, heads: senders.Heads, subject: str, body: bodies.Body) -> Inbound:
    writer = senders.writer_of(heads)
    nameless = one_line(header_text(_first(message, "from")))[:200] if not writer.address else ""
    return Inbound(
        channel="mail",
        sender_address=writer.address,
        sender_name=writer.name or nameless,
        proved_address=writer.proved or writer.address,
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
        utc_offset=_utc_offset(_first(message, "date")),
        headers_of_interest={
            name: tuple(one_line(header_text(value))[:_MAX_ID] for value in values[:20])
            for name in marks.HEADERS
            if (values := _all(message, name))
        },
    )


def _heads(message: Message) -> senders.Heads:
    def named(*names: str) -> tuple[Named, ...]:
        found = (
            one
            for name in names
            for value in _all(message, name)[:20]
            for one in addresses_of(value)
        )
        return tuple(dict(reversed(list(found))).items())[::-1][:20]

    return senders.Heads(
        author=named("from"),
        sender=named("sender"),
        reply_to=named("reply-to"),
        original_from=named("x-original-from", "x-original-sender"),
        return_path=named("return-path"),
        is_from_list=bool(_first(message, "list-id") or _first(message, "list-post")),
        is_google_group=bool(_first(message, "x-google-group-id")),
        list_post=tuple(
            address
            for name in ("list-post", "x-beenthere", "mailing-list")
            for value in _all(message, name)[:5]
            for address, _name in addresses_of(value.replace("mailto:", ""))
        ),
    )


def _without_what_is_before(raw: bytes) -> bytes:
    """Return the letter without empty lines before it, and without the "From " line of a mail box file."""
    raw = raw.lstrip(b"\r\n \t\xef\xbb\xbf")
    line = re.match(rb">?From [^\n]{0,500}\r?\n", raw)
    return raw[line.end() :] if line else raw  # of fifty megabytes no copy is made in vain


def _with_whole_headers(raw: bytes) -> bytes:
    """Return the letter with its broken headers mended: a line that is none would end them for the package.

    Whoever folds a header and forgets the space, and who puts a line of their own between them, does that.
    """
    end = re.search(rb"\r?\n\r?\n|\r\r", raw[:MAX_HEADER_BYTES])
    if end is None:
        return raw
    head = raw[: end.start()]
    lines = head.split(b"\n")
    wrong = [number for number, line in enumerate(lines) if not _HEADER_LINE.match(line)]
    spaced = [number for number, line in enumerate(lines) if _SPACE_BEFORE_COLON.match(line)]
    # Of a letter without headers, the words are what it says.
    if not (wrong or spaced) or wrong[:1] == [0] or len(wrong) * 2 > len(lines):
        return raw
    for number in wrong:
        lines[number] = b" " + lines[number]
    for number in spaced:
        lines[number] = _SPACE_BEFORE_COLON.sub(rb"\1:", lines[number], count=1)
    return b"\n".join(lines) + raw[end.start() :]


_SPACE_BEFORE_COLON = re.compile(rb"([\x21-\x39\x3b-\x7e]{1,200})[ \t]+:")
_HEADER_LINE = re.compile(rb"[\x21-\x39\x3b-\x7e]{1,200}[ \t]*:|[ \t]|\r?\Z")


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
        if len(part) > MAX_HEADERS:
            raise Refused("too_many_headers")
        for name, value in part.raw_items():
            if name.lower().startswith("content-") and len(str(value)) > MAX_PART_HEADER:
                raise Refused("name_too_long")
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


# Where servers on the way write down for whom a letter came.  First to whom its sender wrote: where all addresses of
# a domain lead to one box, that box stands in Delivered-To of each.
_WRITTEN_DOWN = (
    "x-original-to",
    "delivered-to",
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


def _utc_offset(raw: str) -> int | None:
    """Return the minutes east of UTC that a Date header names (RFC 5322, section 3.3); None for what is no zone."""
    try:
        read = parsedate_tz(header_text(raw))
    except (IndexError, TypeError, ValueError, OverflowError):
        return None
    if read is None:
        return None
    minutes, rest = divmod(read[9] or 0, 60)
    is_real = WESTERNMOST <= minutes <= EASTERNMOST and minutes % QUARTER == 0 and not rest
    return minutes if is_real else None


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

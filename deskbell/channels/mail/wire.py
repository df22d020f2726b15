"""Turns a plain value into the bytes of a letter: the same value always gives the same bytes.

Knows MIME and headers, no tables.  The header lines are written here and not by the email package,
which folds long Message-IDs into encoded words and so breaks threads.  compose.py calls it.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

# Longer ones are not ids but somebody's attack; they would also break the line limit of 998.
LONGEST_ID = 250

# A longer word is encoded: a line can be folded only between words, and inside encoded ones.
_LONGEST_WORD = 60
_LONGEST_NAME = 200
_LONGEST_SUBJECT = 500
_LINE = 76

_POLICY = policy.SMTP.clone(cte_type="7bit")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# They turn the reading direction around and can make one name or file look like another.
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_ID = re.compile(r"[^\s<>()\"\\,;:\[\]\x00-\x20\x7f-\U0010ffff]+\Z")
_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,90}\Z")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file that goes with a letter.

    content_id  without <>; "" when the text does not show it
    """

    name: str
    content_type: str
    data: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter to be written; all texts may be anything, the bytes are well-formed all the same.

    date         aware
    message_id   and all other ids without <>
    html         a document or a piece of one, already safe; "" sends plain text alone
    automatic    nobody wrote it, so machines must not answer it: auto-generated, or auto-replied to a letter
    headers      further ones of ours, by name
    reply_to     where answers go, if not to the sender
    unsubscribe  the page where the recipient says what they wish to be sent; "" for a letter to one person
    """

    sender: Mailbox
    to: tuple[Mailbox, ...]
    subject: str
    date: datetime
    message_id: str
    text: str
    html: str = ""
    cc: tuple[Mailbox, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    files: tuple[OutgoingFile, ...] = ()
    automatic: Literal["", "auto-generated", "auto-replied"] = ""
    headers: tuple[tuple[str, str], ...] = ()
    reply_to: Mailbox | None = None
    unsubscribe: str = ""


def letter_bytes(letter: Outgoing) -> bytes:
    """Return the letter as it goes over the wire: ASCII, lines of at most 998 ended by CR LF.

    Raises ValueError when the sender's address cannot be written in ASCII; recipients whose address
    cannot be are left out of the headers.
    """
    ascii_address(letter.sender.address)
    head = "\r\n".join(_header_lines(letter))
    return head.encode("ascii") + b"\r\n" + _body(letter)


def ascii_address(address: str) -> str:
    """Return `address` with its domain in IDNA.  Raises ValueError when it cannot be one.

    A local part beyond ASCII would need SMTPUTF8 at every server on the way; it is refused.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain or not _ID.match(local):
        raise ValueError("not an address")
    try:
        written = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise ValueError("not a domain") from None
    if not _ID.match(written) or len(written) > LONGEST_ID:
        raise ValueError("not an address")
    return written


def clean(text: str) -> str:
    """Return `text` on one line, without control characters and without direction overrides."""
    return " ".join(_BIDI.sub("", _UNSAFE.sub(" ", text)).split())


def _header_lines(letter: Outgoing) -> Iterator[str]:
    yield _mailboxes("From", [letter.sender])
    yield _mailboxes("To", letter.to)
    if letter.cc:
        yield _mailboxes("Cc", letter.cc)
    if letter.reply_to:
        yield _mailboxes("Reply-To", [letter.reply_to])
    yield _words("Subject", clean(letter.subject)[:_LONGEST_SUBJECT])
    yield f"Date: {format_datetime(letter.date.astimezone(UTC))}"
    yield _ids("Message-ID", [letter.message_id])
    if answered := _valid_ids([letter.in_reply_to]):
        yield _ids("In-Reply-To", answered)
    if references := _valid_ids(letter.references):
        yield _ids("References", references)
    if letter.automatic:
        yield f"Auto-Submitted: {letter.automatic}"
        # Older servers know no Auto-Submitted; this keeps their absence notes away.
        yield "X-Auto-Response-Suppress: All"
    if letter.unsubscribe and letter.unsubscribe.isascii():
        # No one-click (RFC 8058): who opens the page has to be who it is about.
        yield f"List-Unsubscribe: <{letter.unsubscribe}>"
    for name, value in letter.headers:
        yield _words(name, clean(value))


def _mailboxes(header: str, boxes: Iterable[Mailbox]) -> str:
    written = []
    for box in boxes:
        try:
            address = ascii_address(box.address)
        except ValueError:
            continue
        name = _phrase(clean(box.name)[:_LONGEST_NAME])
        written.append(f"{name} <{address}>" if name else address)
    return f"{header}: " + ",\r\n ".join(written or ["undisclosed-recipients:;"])


def _phrase(name: str) -> str:
    """Return a display name as an atom, a quoted string or encoded words."""
    if _needs_encoding(name):
        return Header(name, "utf-8", maxlinelen=_LINE, header_name="Resent-From").encode(
            linesep="\r\n"
        )
    if re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*", name):
        return name
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def _words(header: str, value: str) -> str:
    charset = "utf-8" if _needs_encoding(value) else "us-ascii"
    written = Header(value, charset, maxlinelen=_LINE, header_name=header)
    return f"{header}: {written.encode(linesep=chr(13) + chr(10))}"


def _needs_encoding(text: str) -> bool:
    # "=?" would be read as an encoded word by those who get it.
    return (
        not text.isascii()
        or "=?" in text
        or any(len(word) > _LONGEST_WORD for word in text.split())
    )


def _ids(header: str, ids: Iterable[str]) -> str:
    return f"{header}: " + "\r\n ".join(f"<{one}>" for one in ids)


def _valid_ids(ids: Iterable[str]) -> list[str]:
    stripped = (one.strip().strip("<>") for one in ids)
    return [one for one in stripped if one and len(one) <= LONGEST_ID and _ID.match(one)]


def _body(letter: Outgoing) -> bytes:
    message = EmailMessage(policy=_POLICY)
    message.set_content(_text(letter.text))
    if letter.html:
        message.add_alternative(_text(letter.html), subtype="html")
        html = message.get_payload(1)
        assert isinstance(html, EmailMessage)
        for file in letter.files:
            if _is_shown_inside(file, letter):
                # The name stands on the picture too: some readers list it, and save it by that.
                html.add_related(
                    file.data,
                    *_type_of(file),
                    cid=f"<{_valid_ids([file.content_id])[0]}>",
                    disposition="inline",
                    filename=_name_of(file),
                )
    for file in letter.files:
        if not _is_shown_inside(file, letter):
            message.add_attachment(file.data, *_type_of(file), filename=_name_of(file))
    _set_boundaries(message, letter.message_id)
    return message.as_bytes(policy=_POLICY)


def _is_shown_inside(file: OutgoingFile, letter: Outgoing) -> bool:
    return bool(letter.html and file.content_id and _valid_ids([file.content_id]))


def _type_of(file: OutgoingFile) -> tuple[str, str]:
    kind = file.content_type.partition(";")[0].strip().lower()
    main, _, sub = kind.partition("/")
    # A message or multipart may not be base64: an .eml goes out as the file that it is.
    if not _CONTENT_TYPE.match(kind) or main in ("message", "multipart"):
        return "application", "octet-stream"
    return main, sub


def _name_of(file: OutgoingFile) -> str:
    return clean(file.name)[:_LONGEST_NAME].replace("/", "_") or "file"


def _text(text: str) -> str:
    """Return what UTF-8 and SMTP can carry: no NUL, no half characters, one kind of line end."""
    whole = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    return "\n".join(whole.splitlines()) + "\n"


def _set_boundaries(message: EmailMessage, seed: str) -> None:
    """Give the parts boundaries made from the Message-ID, so that a second try has the same bytes.

    The id is signed, so nobody can know a boundary before the letter is written, nor put it inside.
    """
    parts = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(parts):
        digest = hashlib.sha256(f"{number} {seed}".encode()).hexdigest()[:32]
        part.set_boundary(f"=_{digest}")

"""What other reports than those of delivery say: a letter was opened (RFC 8098), or complained of (RFC 5965).

Pure; called by parse.py.  receipts.py decides what follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from typing import Literal

from deskbell.channels.mail.addresses import bare
from deskbell.channels.mail.bodies import children_of
from deskbell.channels.mail.decode import header_text

_MOST_PARTS = 20
_ORIGINAL_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Feedback:
    """A receipt or a complaint.

    says       of a receipt what was done with the letter: displayed, deleted, processed, dispatched, denied …;
               of a complaint its type: abuse, fraud, virus, opt-out, not-spam, other …
    addresses  whom it says that our letter went to
    original   what it returns of the letter: its headers
    """

    kind: Literal["receipt", "complaint"]
    says: str
    addresses: tuple[str, ...]
    original: str


def feedback_of(message: Message) -> Feedback | None:
    """Return what `message` tells of a letter of ours, or None when it is no such report."""
    parts = [
        message,
        *(_parts(message) if message.get_content_type() == "multipart/report" else ()),
    ]
    for part in parts:
        match part.get_content_type():
            case "message/disposition-notification":
                return _receipt(_fields(part), parts)
            case "message/feedback-report":
                return _complaint(_fields(part), parts)
            case _:
                pass
    return None


def _parts(message: Message) -> list[Message]:
    return children_of(message)[:_MOST_PARTS]


def _receipt(fields: Message, parts: list[Message]) -> Feedback:
    disposition = _value(fields, "disposition").lower()
    says = disposition.rpartition(";")[2].partition("/")[0].strip()
    named = f"Message-ID: {_value(fields, 'original-message-id')}\n"
    return Feedback("receipt", says[:20], _addresses(fields), named + _original(parts))


def _complaint(fields: Message, parts: list[Message]) -> Feedback:
    says = _value(fields, "feedback-type").lower()
    return Feedback("complaint", says[:20], _addresses(fields), _original(parts))


def _addresses(fields: Message) -> tuple[str, ...]:
    names = ("original-rcpt-to", "original-recipient", "final-recipient")
    found = (
        bare(str(one).rpartition(";")[2]) for name in names for one in fields.get_all(name, [])
    )
    return tuple(dict.fromkeys(one for one in found if one))[:_MOST_PARTS]


def _fields(part: Message) -> Message:
    """Return the fields of a report, which the parser takes for the headers of a letter in it."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    return inner if isinstance(inner, Message) else Message()


def _value(fields: Message, name: str) -> str:
    return header_text(str(fields.get(name, ""))).strip()


def _original(parts: list[Message]) -> str:
    for part in parts:
        if part.get_content_type() in ("message/rfc822", "message/global"):
            lines = (f"{name}: {header_text(value)}" for name, value in _fields(part).raw_items())
            return "\n".join(lines)[:_ORIGINAL_CHARACTERS]
        if part.get_content_type() == "text/rfc822-headers":
            return str(part.get_payload())[:_ORIGINAL_CHARACTERS]
    return ""

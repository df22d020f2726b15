"""What a delivery report says: which address, for good or for now, and which letter of ours it was.

Pure; RFC 3464, and the homemade reports of servers that return the letter's headers.  Called by
parse.py; bounces.py decides what follows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from deskbell.channels.mail.addresses import bare
from deskbell.channels.mail.bodies import children_of
from deskbell.channels.mail.decode import header_text, text_of

# Enough for the headers of any letter of ours.
_ORIGINAL_CHARACTERS = 20_000
_MOST_PARTS = 50


@dataclass(frozen=True, slots=True)
class Failure:
    """One address that a letter could not be brought to.

    status      RFC 3463, like "5.1.1"; "" when the report has none
    action      failed, delayed, delivered, relayed, expanded; "" when the report has none
    """

    address: str
    action: str
    status: str
    words: str

    @property
    def is_permanent(self) -> bool:
        """Whether nobody will try again."""
        if self.action:
            return self.action == "failed" and not self.status.startswith("2")
        return self.status.startswith("5")


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report; original holds what it returns of the letter: its headers, or more."""

    failures: tuple[Failure, ...]
    original: str


def report_of(message: Message) -> Report | None:
    """Return what `message` reports of a delivery, or None when it is none."""
    parts = _own_parts(message)
    statuses = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if statuses:
        return Report(_failures(statuses), _original(message, parts))
    failed = message.get_all("x-failed-recipients", [])
    if failed:
        addresses = [bare(one) for one in header_text(",".join(map(str, failed))).split(",")]
        found = tuple(Failure(one, "failed", "", "") for one in addresses if one)
        return Report(found, _original(message, parts))
    if _says_bounce(message):
        return Report((), _original(message, parts))
    return None


def _own_parts(message: Message) -> list[Message]:
    """Return the first parts that are the letter's own: a report inside a letter that is attached is not."""
    found: list[Message] = []
    waiting = [message]
    while waiting and len(found) < _MOST_PARTS:
        part = waiting.pop()
        found.append(part)
        if part.get_content_maintype() == "multipart":
            waiting.extend(reversed(children_of(part)))
    return found


def _says_bounce(message: Message) -> bool:
    if message.get_content_type() == "multipart/report":
        kind = message.get_param("report-type")
        return isinstance(kind, str) and kind.lower() == "delivery-status"
    sender = header_text(str(message.get("from", ""))).lower()
    return re.search(r"\b(mailer-daemon|postmaster)@", sender) is not None and (
        re.search(
            r"undeliver|returned mail|delivery (status|failure|has failed)|failure notice"
            r"|unzustellbar|non remis|niet bezorgd|nem kézbesíthet|nedoruč|не доставлено",
            header_text(str(message.get("subject", ""))),
            re.IGNORECASE,
        )
        is not None
    )


def _failures(statuses: list[Message]) -> tuple[Failure, ...]:
    found = []
    for status in statuses:
        blocks = status.get_payload() if status.is_multipart() else ()
        for block in blocks[:200] if isinstance(blocks, list) else []:
            if not isinstance(block, Message):
                continue
            address = _typed(block, "original-recipient") or _typed(block, "final-recipient")
            if address:
                found.append(
                    Failure(
                        address,
                        _word(block, "action").lower(),
                        _status(block),
                        header_text(_word(block, "diagnostic-code"))[:500],
                    )
                )
    return tuple(found)


def _typed(block: Message, name: str) -> str:
    """Return the address of a field like "rfc822; emil@acme.example"."""
    return bare(_word(block, name).rpartition(";")[2])


def _status(block: Message) -> str:
    match = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", _word(block, "status"))
    return match[0] if match else ""


def _word(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip()


def _original(message: Message, parts: list[Message]) -> str:
    """Return the headers of the returned letter, or else the text of the report, where they may stand."""
    for part in parts:
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload() if part.is_multipart() else ()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                lines = (f"{key}: {header_text(value)}" for key, value in inner[0].raw_items())
                return "\n".join(lines)[:_ORIGINAL_CHARACTERS]
        if part.get_content_type() == "text/rfc822-headers":
            return _text(part)
    texts = [_text(part) for part in parts if part.get_content_maintype() == "text"]
    return "\n".join(texts)[:_ORIGINAL_CHARACTERS]


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return text_of(payload)[:_ORIGINAL_CHARACTERS] if isinstance(payload, bytes) else ""

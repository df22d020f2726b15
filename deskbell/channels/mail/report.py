"""What a delivery report says: which address, for good or for now, and which letter of ours it was.

Pure; RFC 3464 first, then the headers of some servers, then the homemade reports (homemade.py).  Called
by parse.py; bounces.py decides what follows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from email.policy import compat32

from deskbell.channels.mail import homemade
from deskbell.channels.mail.addresses import bare
from deskbell.channels.mail.bodies import children_of
from deskbell.channels.mail.decode import header_text, text_of

# Enough for the headers of any letter of ours.
_ORIGINAL_CHARACTERS = 20_000
_MOST_PARTS = 50
_MOST_BLOCKS = 200


# Both ways in which a report may say where it stands; the second one is of RFC 6533.
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_TYPES = ("message/rfc822", "message/global", "message/global-headers")

_ARRIVED = ("delivered", "relayed", "expanded")


@dataclass(frozen=True, slots=True)
class Failure:
    """What a report says of one address.

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

    @property
    def is_arrived(self) -> bool:
        """Whether the letter reached it, or left for where no report comes from."""
        return self.action in _ARRIVED or (not self.action and self.status.startswith("2"))


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report; original holds what it returns of the letter: its headers, or more.

    is_late  it names no address, and says that its server goes on trying
    number   what we had called the letter by when it left (RFC 3464, 2.2.1); "" when that is not said
    """

    failures: tuple[Failure, ...]
    original: str
    is_late: bool = False
    number: str = ""


def report_of(message: Message, raw: bytes) -> Report | None:
    """Return what `message` reports of a delivery, or None when it is none.

    raw  its bytes
    """
    parts = _own_parts(message)
    original = _original(message, parts)
    statuses = [part for part in parts if part.get_content_type() in _STATUS_TYPES]
    if statuses and (failures := _failures(statuses)):
        return Report(failures, original, number=_number(statuses))
    failed = message.get_all("x-failed-recipients", [])
    if failed:
        addresses = [bare(one) for one in header_text(",".join(map(str, failed))).split(",")]
        found = tuple(Failure(one, "failed", "", "") for one in addresses if one)
        return Report(found, original)
    words = "\n".join(_text(part) for part in parts if part.get_content_maintype() == "text")
    if statuses or _says_report(message):
        blamed: tuple[homemade.Blamed, ...] | None = homemade.blamed(message, raw, words)
    else:
        blamed = homemade.report_in(message, raw, words)
    if blamed is None:
        return None
    found = tuple(_failure(one) for one in blamed)
    return Report(found, original, not found and homemade.is_late(message, words))


def _failure(blamed: homemade.Blamed) -> Failure:
    action = "delayed" if blamed.is_late else "failed"
    return Failure(blamed.address, action, blamed.status, blamed.words)


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


def _says_report(message: Message) -> bool:
    if message.get_content_type() != "multipart/report":
        return False
    kind = message.get_param("report-type")
    return isinstance(kind, str) and kind.lower() == "delivery-status"


def _failures(statuses: list[Message]) -> tuple[Failure, ...]:
    found = []
    for status in statuses:
        for block in _blocks(status)[:_MOST_BLOCKS]:
            address = _typed(block, "original-recipient") or _typed(block, "final-recipient")
            if address:
                found.append(
                    Failure(
                        address,
                        _action(block),
                        _status(block),
                        header_text(_word(block, "diagnostic-code"))[:500],
                    )
                )
    return tuple(found)


def _number(statuses: list[Message]) -> str:
    named = [_word(block, "original-envelope-id") for one in statuses for block in _blocks(one)[:1]]
    return next((_plain_of_xtext(one)[:500] for one in named if one), "")


def _plain_of_xtext(text: str) -> str:
    return re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), text)


def _blocks(status: Message) -> list[Message]:
    """Return the blocks of a status, one for each recipient, the first one about the server."""
    payload = status.get_payload()
    found = (
        [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
    )
    if status.get_content_type() == _STATUS_TYPES[0] or not found:
        return found
    # The parser knows the newer type as one letter, whose body holds the other blocks.
    rest = str(found[0].get_payload())
    return [
        found[0],
        *(message_from_string(one, policy=compat32) for one in re.split(r"\r?\n\r?\n", rest)),
    ]


def _action(block: Message) -> str:
    """Return what became of it; some servers comment on the word, or have one of their own."""
    word = re.match(r"[a-z]*", _word(block, "action").lower())
    said = word[0] if word else ""
    return "failed" if said in ("fail", "failure", "error") else said


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
        if part.get_content_type() in _RETURNED_TYPES:
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

"""Who wrote a letter that was not read, and about what: a glance at its head, for people who look through a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskbell.channels.mail.addresses import addresses_of
from deskbell.channels.mail.decode import header_text
from deskbell.channels.mail.letters import head_of, path_of

if TYPE_CHECKING:
    from deskbell.channels.mail.models import Letter

# Where From and Subject stand in letters that people look for, and as much of each as is looked at.
HEAD_BYTES, LINE_BYTES = 16_384, 2_000
# A header with the lines that go on with it (RFC 5322, section 2.2.3).
_LINE = rb"^%s[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)"
_FROM = re.compile(_LINE % rb"from", re.IGNORECASE | re.MULTILINE)
_SUBJECT = re.compile(_LINE % rb"subject", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What the head says: "" for what it does not say.  Nobody vouches for either."""

    writer: str = ""
    subject: str = ""


def glimpse_of(letter: Letter) -> Glimpse:
    """Return what the head of a letter says; nothing of one that is sealed, or whose file is gone."""
    if letter.sealed_at is not None:
        return Glimpse()
    try:
        with path_of(letter).open("rb") as file:
            head = head_of(file.read(HEAD_BYTES), HEAD_BYTES)
    except OSError:
        return Glimpse()
    return Glimpse(_writer(_line(_FROM, head)), header_text(_line(_SUBJECT, head)))


def _line(pattern: re.Pattern[bytes], head: bytes) -> str:
    found = pattern.search(head)
    return found[1][:LINE_BYTES].decode("utf-8", "surrogateescape") if found else ""


def _writer(raw: str) -> str:
    for address, name in addresses_of(raw):
        return f"{name} <{address}>" if name else address
    return header_text(raw)

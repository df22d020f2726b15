"""What somebody says, before it is a message: the plain values that actions take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deskbell.tickets.files import Kept


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file whose bytes are already safe on disk.

    content_id  without < >, for pictures that the HTML shows by cid:
    inline      it is shown inside the letter, not below it
    token       its address /files/TOKEN, where it had one before; "" makes a new one
    """

    name: str
    content_type: str
    kept: Kept
    content_id: str = ""
    inline: bool = False
    token: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address as it stood on a message; role is from, to, cc or bcc."""

    role: str
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """The words and files of one message.

    text    what is new in it, plain
    quoted  what was repeated of earlier letters, plain
    html    the same as HTML that is already safe; "" for a plain message
    facts   what its channel tells beside it, as JSON values: shown, and trusted for nothing
    masked  the numbers of the rules that masked something in it, and how often; None: nobody has looked yet
    """

    text: str
    quoted: str = ""
    html: str = ""
    files: tuple[NewFile, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    masked: Mapping[int, int] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.text.strip() or self.html.strip() or self.quoted.strip() or self.files)


def line_of(recipients: Iterable[Recipient], role: str) -> str:
    """Return those of one role as a line that people read, and that pages read back."""
    return ", ".join(_written(one) for one in recipients if one.role == role)


def _written(one: Recipient) -> str:
    name = one.name.replace('"', "").strip()
    if not name or name == one.address:
        return one.address
    return f"{name} <{one.address}>" if _BARE_NAME.fullmatch(name) else f'"{name}" <{one.address}>'


# A name that needs no quotes: nothing in it could end an address or begin another one.
_BARE_NAME = re.compile(r"[\w .'-]+")

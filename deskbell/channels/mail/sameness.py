"""What makes two letters the same: all that their sender wrote, and nothing that servers on the way added.

Pure.  letters.py feeds it a letter piece by piece, and compares the sums of letters that have a Message-ID.
"""

from __future__ import annotations

import hashlib
import re

# Headers longer than this are not compared: then only the same bytes are the same letter.
HEAD_BYTES = 1 << 16

# What the sender's own program writes.  Not the way (Received, Delivered-To), the judgement of servers, and what
# each copy has for itself.
_OF_THE_SENDER = frozenset(
    b"from sender reply-to to cc subject date message-id in-reply-to references"
    b" content-type content-transfer-encoding auto-submitted list-id".split()
)
_END_OF_HEAD = re.compile(rb"\n\n")
_FOLD = re.compile(rb"\n(?=[ \t])")


class Sameness:
    """Adds up a letter; however it is cut into pieces, the sum is the same."""

    def __init__(self) -> None:
        self._head = b""
        self._body: hashlib._Hash | None = None
        self._line_ends = 0  # that were held back: a letter may lose or gain them at its end
        self._is_odd = False
        self.has_way = False  # whether a server wrote down when and how it came

    def add(self, piece: bytes) -> None:
        """Add the next piece."""
        plain = piece.replace(b"\r", b"")
        if self._is_odd:
            return
        if self._body is not None:
            self._add_to_body(plain)
            return
        self._head += plain
        end = _END_OF_HEAD.search(self._head)
        if end is not None and end.start() <= HEAD_BYTES:
            rest, self._head = self._head[end.end() :], self._head[: end.start()]
            self._body = self._begun()
            self._add_to_body(rest)
        elif len(self._head) > HEAD_BYTES:
            self._is_odd, self._head = True, b""

    def sum(self) -> str:
        """Return the sum in hexadecimal; "" when nothing but the bytes can be compared."""
        if self._is_odd:
            return ""
        return (self._body or self._begun()).hexdigest()

    def _begun(self) -> hashlib._Hash:
        begun = hashlib.sha256(b"deskbell letter\n")
        for line in sorted(self._headers()):
            begun.update(line + b"\n")
        begun.update(b"\n")
        return begun

    def _headers(self) -> list[bytes]:
        found = []
        for line in _FOLD.sub(b"", self._head).split(b"\n"):
            name, colon, value = line.partition(b":")
            name = name.strip().lower()
            self.has_way = self.has_way or (name == b"received" and bool(colon))
            if colon and name in _OF_THE_SENDER:
                found.append(name + b":" + b" ".join(value.split()))
        return found

    def _add_to_body(self, plain: bytes) -> None:
        assert self._body is not None
        text = plain.rstrip(b"\n")
        if text:
            self._body.update(b"\n" * self._line_ends + text)
            self._line_ends = 0
        self._line_ends += len(plain) - len(text)

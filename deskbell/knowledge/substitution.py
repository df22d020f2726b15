"""Replacing words by others in plain text and in HTML, with what a reader needs to see of it.  Pure.

In HTML only words and the addresses of links change, never a tag; the caller makes the result safe again, for an
address may have become one that runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape

# Letters shown on each side of what changes.
AROUND = 50

_TAG = re.compile(r"(<[^>]*>)")
_HREF = re.compile(r'(\shref=")([^"]*)(")')


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be replaced, and by what."""

    find: str
    instead: str
    match_case: bool = False
    whole_words: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """What finds it; its blanks are any blanks, also the end of a line."""
        parts = re.split(r"\s+", self.find)  # a blank at an end counts, too
        words = r"\s+".join(re.escape(word) for word in parts)
        ends = (r"(?<!\w)", r"(?!\w)") if self.whole_words else ("", "")
        return re.compile(f"{ends[0]}{words}{ends[1]}", 0 if self.match_case else re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Change:
    """One place that changes, with the words around it."""

    before: str
    old: str
    new: str
    after: str


def in_text(text: str, wish: Wish) -> tuple[str, int]:
    """Return plain text with all of it replaced, and how often it stood there."""
    return wish.pattern.subn(lambda _found: wish.instead, text)


def in_html(html: str, wish: Wish) -> tuple[str, int]:
    """Return safe HTML with all of it replaced among its words and the addresses of its links, and how often.

    What stands on both sides of a tag is not found.  The result is to be made safe again.
    """
    pieces, total = list[str](), 0
    for piece in _TAG.split(html):
        if piece.startswith("<"):
            new, count = _in_link(piece, wish)
        else:
            words, count = in_text(unescape(piece), wish)
            new = escape(words, quote=False) if count else piece
        pieces.append(new)
        total += count
    return "".join(pieces), total


def changes(text: str, wish: Wish) -> Iterator[Change]:
    """Yield each place of a plain text that changes."""
    for found in wish.pattern.finditer(text):
        yield Change(
            before=text[max(0, found.start() - AROUND) : found.start()],
            old=found[0],
            new=wish.instead,
            after=text[found.end() : found.end() + AROUND],
        )


def _in_link(tag: str, wish: Wish) -> tuple[str, int]:
    found = _HREF.search(tag)
    if found is None:
        return tag, 0
    address, count = in_text(unescape(found[2]), wish)
    return (
        (tag[: found.start(2)] + escape(address) + tag[found.end(2) :], count)
        if count
        else (tag, 0)
    )

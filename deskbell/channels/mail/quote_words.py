"""The words of quote_languages.py as patterns that look into all languages at once.

Pure.  Called by quote_lines.py and quotes.py.  Every pattern is put to one line of bounded length, so
that no letter takes long, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from deskbell.channels.mail.quote_languages import DEVICES, FORWARDS, LANGUAGES

_KINDS = {"from": "sender", "date": "date", "to": "to", "subject": "subject"}

# Longer than any line that a mail program puts around an earlier letter.
_HEAD_OF_A_HEADER = 60


def header_kind(line: str) -> str:
    """Return which header of a letter `line`, as bare() makes it, repeats: from, date, to, subject, or ""."""
    match = _HEADER.match(line[:_HEAD_OF_A_HEADER])
    return _KIND_OF.get(" ".join(match["name"].casefold().split()), "") if match else ""


def is_sent_from(line: str) -> bool:
    """Whether `line` is one with which a mail program names itself: "Sent from my iPhone"."""
    if len(line) > _LONGEST_SENT_FROM:
        return False
    words = bare(_LINK.sub("", line)).strip("[]<>().! ")
    is_short = len(words) <= _HEAD_OF_A_HEADER + _HEAD_OF_A_HEADER
    return is_short and _SENT_FROM.match(words) is not None and _DEVICE.search(words) is not None


# Each line is asked about as itself and as one of the few below another, several times in a row.
@lru_cache(maxsize=64)
def bare(line: str) -> str:
    """Return `line` without what only its looks need: bold, narrow spaces and marks of direction."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", line)).strip(" \t*_")


_SPACES = re.compile("[\xa0\u2000-\u200a\u202f\u205f\u3000\t]")
_INVISIBLE = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069]")


def _each(field: str) -> Iterator[str]:
    for words in LANGUAGES.values():
        yield from filter(None, map(bare, getattr(words, field).split("|")))


def _any_of(field: str) -> str:
    # The longest first, or "napsal" would be found where "napsal(a)" stands.
    return "|".join(_pattern(words) for words in sorted(set(_each(field)), key=len, reverse=True))


def _pattern(words: str) -> str:
    escaped = r"\s+".join(re.escape(word) for word in words.split())
    escaped = escaped.replace("…", r".{1,60}?")
    start = "" if _runs_on(words[0]) else r"(?<!\w)"
    return f"{start}{escaped}" if _runs_on(words[-1]) else rf"{start}{escaped}(?!\w)"


def _runs_on(character: str) -> bool:
    """Whether words with this character stand without spaces between them, or it is none of a word."""
    return not character.isalnum() or character >= "\u2e80" or "\u0e00" <= character < "\u0e80"


_KIND_OF = {
    " ".join(word.casefold().split()): kind
    for kind, field in _KINDS.items()
    for word in _each(field)
}
_HEADER = re.compile(r"(?P<name>[^\W\d][^:：<>@]{0,30}?)[*_ ]*[:：]")

WROTE = re.compile(_any_of("wrote"), re.IGNORECASE)
_SENT_FROM = re.compile(_any_of("sent_from"), re.IGNORECASE)
_DEVICE = re.compile(DEVICES, re.IGNORECASE)
_LINK = re.compile(r"[<\[(]*https?://[^\s<>\])]{1,500}[>\])]*")
_LONGEST_SENT_FROM = 300
BELOW = re.compile(_any_of("below"), re.IGNORECASE)

_RULE = r"[-–—_=*#]{2,}"
ORIGINAL = re.compile(rf"{_RULE}\s*(?:{_any_of('original')})\s*:?\s*(?:{_RULE})?$", re.IGNORECASE)
HANDED_ON = re.compile(
    rf"(?:{_RULE}\s*(?:{_any_of('forwarded')})\s*:?\s*(?:{_RULE})?|(?:{_any_of('forwarded')})\s*:)$",
    re.IGNORECASE,
)
FORWARD = re.compile(rf"\W{{0,5}}(?:{FORWARDS})\s*[:：]", re.IGNORECASE)

"""What the filter looks at in a letter: its words, where its links lead, who sends it and how it came.

Each is a short text such as "money", "link:shop.example" or "from:acme.example".  Pure but for the key: what is
kept of them are numbers that nobody can turn back (docs/decisions/0019).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable

from django.conf import settings

# A letter says what it is at its beginning.
_READ_CHARACTERS = 20_000
MOST_WORDS = 300

_WORD = re.compile(r"[^\W\d_]{3,24}")
_LINK = re.compile(r"https?://([^\s/\"'<>:?#]{1,120})", re.IGNORECASE)


def words_of(*, subject: str, text: str, html: str, sender: str, signs: Iterable[str]) -> list[str]:
    """Return what the filter looks at, each once, the most telling first.

    signs  what else is known of it, as short texts: how its sender was proved, why no machine may answer
    """
    domain = sender.rpartition("@")[2].lower()
    body = text[:_READ_CHARACTERS]
    found = [
        f"from:{sender.lower()}",
        f"at:{domain}",
        *(f"sign:{sign}" for sign in signs),
        *(f"link:{host.lower()}" for host in _LINK.findall(f"{body} {html[:_READ_CHARACTERS]}")),
        *(f"subject:{word}" for word in _words(subject)),
        *_words(body),
    ]
    return list(dict.fromkeys(found))[:MOST_WORDS]


def numbers_of(words: Iterable[str]) -> dict[int, str]:
    """Return what is kept of each word: a number made with the installation's key, which only this desk can make."""
    key = settings.SECRET_KEY.encode()
    return {_number(key, word): word for word in words}


def shown(word: str) -> str:
    """Return the word as a person reads it."""
    return word.partition(":")[2] or word


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(one for one in plain if not unicodedata.combining(one)))


def _number(key: bytes, word: str) -> int:
    digest = hmac.new(key, f"deskbell spam word\n{word}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big", signed=True)

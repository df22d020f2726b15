"""Whose letter somebody handed on: the sender that stands in a forwarded head, in whatever language.

Pure; called by parse.py.  Only found here: whether it is offered to anybody is decided where it is known who we are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deskbell.channels.inbound import Named
from deskbell.channels.mail import quote_words
from deskbell.channels.mail.addresses import addresses_of
from deskbell.channels.mail.decode import one_line

# A head is this long at most, and it stands near the top: below are quotes of quotes.
_LINES_OF_HEAD = 10
_MOST_LINES = 400
_MOST = 3
_KINDS = 2
_LONGEST_LINE = 400


def writers_in(text: str) -> tuple[Named, ...]:
    """Return who wrote the letters that `text` hands on, the outermost first, each once."""
    found: dict[str, str] = {}
    for address, name in _heads(text.split("\n")[:_MOST_LINES]):
        found.setdefault(address, name)
        if len(found) >= _MOST:
            break
    return tuple(found.items())


def _heads(lines: list[str]) -> Iterator[Named]:
    bare = [line.lstrip("> \t|") for line in lines]
    for at, line in enumerate(bare):
        if len(line) > _LONGEST_LINE or quote_words.header_kind(line) != "from":
            continue
        head = bare[at : at + _LINES_OF_HEAD]
        kinds = {quote_words.header_kind(one[:_LONGEST_LINE]) for one in head} - {"", "from"}
        if len(kinds) >= _KINDS and (one := _named(line, head[1:2])):
            yield one


def _named(line: str, following: list[str]) -> Named | None:
    """Return the writer that a line "From: Emil <emil@acme.example>" names, however the address is dressed."""
    value = re.split("[:：]", line, maxsplit=1)[1]
    # A long one is broken before the address.
    if (
        "@" not in value
        and following
        and "@" in following[0]
        and ":" not in following[0].split("@")[0]
    ):
        value = f"{value} {following[0]}"
    value = re.sub(r"<?mailto:([^\s<>\]]+)>?", r"<\1>", value).replace("*", " ")
    address = re.search(r"[\w.!#$%&'+/=?^{|}~-]+@[\w.-]+\.\w+", value)
    if address is None:
        return None
    plain = addresses_of(address[0])
    name = one_line(re.split(r"[<\[(]|" + re.escape(address[0]), value, maxsplit=1)[0])
    return (plain[0][0], name.strip(" \"'")[:200]) if plain else None

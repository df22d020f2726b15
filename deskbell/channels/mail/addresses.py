"""Addresses as they really stand in headers: unquoted commas, doubled brackets, names in any charset.

Pure; called by parse.py.
"""

from __future__ import annotations

import re
from email.utils import getaddresses

from deskbell.channels.inbound import Named
from deskbell.channels.mail.decode import header_text, one_line

# More than these nobody reads, and a header of a million must not cost minutes.
MAX_ADDRESSES = 500
_MAX_HEADER_CHARACTERS = 100_000
_MAX_ADDRESS_CHARACTERS = 320

# It begins where a word begins and nowhere inside, or a long word without an @ would cost its length squared.
_ADDRESS = re.compile(r"(?<![^\s<>@,;:\"()\[\]\\])[^\s<>@,;:\"()\[\]\\]+@[^\s<>@,;:\"()\\]+")


def addresses_of(raw: str) -> tuple[Named, ...]:
    """Return the addresses of a raw header with their names, in order, each once.

    raw  as the email package keeps it; several headers of one name are joined with commas
    """
    raw = re.sub(r"\r?\n[ \t]*", " ", raw[:_MAX_HEADER_CHARACTERS])
    raw = re.sub(r"<@[^<>:]{0,500}:", "<", raw)  # by which servers to go, as in the eighties
    found: dict[str, str] = {}
    before: list[str] = []  # of a name with a comma that nobody put in quotes
    for name, address in _pairs(raw):
        cleaned = _address(address)
        if cleaned:
            found.setdefault(cleaned, _name(", ".join([*before, name]), cleaned))
            before = []
        elif address:
            before.append(address)
    if not found:
        # What no parser understands may still hold something that looks like an address.
        for match in _ADDRESS.finditer(header_text(raw)):
            found.setdefault(match[0].strip(".").lower(), "")
    return tuple(list(found.items())[:MAX_ADDRESSES])


def _pairs(raw: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([raw])[:MAX_ADDRESSES]
    except RecursionError:  # groups in groups, or comments in comments, as no program writes them
        return []


def bare(address: str) -> str:
    """Return an address of an envelope without brackets, in lower case; "" for the null sender."""
    return _address(address.strip().removeprefix("<").removesuffix(">"))


def _address(address: str) -> str:
    text = header_text(address).strip(" <>'\".,;")
    if len(text) > _MAX_ADDRESS_CHARACTERS or _ADDRESS.fullmatch(text) is None:
        match = _ADDRESS.search(text)
        text = match[0] if match and len(match[0]) <= _MAX_ADDRESS_CHARACTERS else ""
    return text.lower()


def _name(name: str, address: str) -> str:
    text = one_line(header_text(name)).strip(" '\"")
    return "" if text.lower() == address else text[:200]

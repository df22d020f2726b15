"""Outlook's name of a conversation, the header Thread-Index: what is left when a program drops References.

Pure.  Its first 22 bytes are the same in all letters of a conversation; each answer adds five (Microsoft's
Open Specifications, MS-OXOMSG, 2.2.1.3).  Those of our own letters are made by ids.py and prove their ticket.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

ROOT_BYTES, ANSWER_BYTES = 22, 5
# Of a conversation that people have; a longer header is none.
MOST_ANSWERS = 500
_FIRST = 1  # the reserved byte that every Thread-Index begins with


def root_of(header: str) -> str:
    """Return the root of a Thread-Index as 44 small hexadecimal digits; "" when it is none."""
    try:
        raw = b64decode("".join(header.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    answers, rest = divmod(len(raw) - ROOT_BYTES, ANSWER_BYTES)
    if rest or not 0 <= answers <= MOST_ANSWERS or raw[0] != _FIRST:
        return ""
    return raw[:ROOT_BYTES].hex()


def header_of(root: str) -> str:
    """Return the Thread-Index that names `root`, 44 hexadecimal digits."""
    return b64encode(bytes.fromhex(root)).decode("ascii")

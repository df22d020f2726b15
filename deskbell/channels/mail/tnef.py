"""winmail.dat opened: what Outlook packs into it comes out as the files and words that it holds.

Thin over tnefparse, in the child that reads letters.  What cannot be opened stays the file that it was.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from tnefparse import TNEF

from deskbell.channels.mail.decode import text_of

KINDS = ("application/ms-tnef", "application/vnd.ms-tnef")

# The package copies what is left of it for each object: their number times the size is the work.
MAX_OBJECTS = 2_000
MAX_BYTES_COPIED = 4_000_000_000
MAX_FILES = 200
_SIGNATURE = b"\x78\x9f\x3e\x22"
_HEAD = struct.Struct("<BHHI")


@dataclass(frozen=True, slots=True)
class Packed:
    """What a winmail.dat holds; text and html are "" without them."""

    text: str
    html: str
    files: tuple[tuple[str, bytes], ...]


class NotOpened(ValueError):
    """It stays a file; the reason is tnef_broken or tnef_bomb."""


def open_(raw: bytes) -> Packed:
    """Return what `raw` holds.  Raises NotOpened."""
    if not raw.startswith(_SIGNATURE):
        raise NotOpened("tnef_broken")
    objects = _count_objects(raw)
    if objects > MAX_OBJECTS or objects * len(raw) > MAX_BYTES_COPIED:
        raise NotOpened("tnef_bomb")
    try:
        tnef = TNEF(raw, do_checksum=False)
        files = tuple(
            (_words(one.long_filename()), one.data)
            for one in tnef.attachments[:MAX_FILES]
            if isinstance(one.data, bytes) and one.data
        )
        packed = Packed(_words(tnef.body), _words(tnef.htmlbody), files)
    except Exception as error:  # broken ones end in every error there is
        raise NotOpened("tnef_broken") from error
    # Of a broken one the package may find nothing, without a word.
    if not (packed.text or packed.html or packed.files):
        raise NotOpened("tnef_broken")
    return packed


def _words(found: object) -> str:
    if isinstance(found, (list, tuple)):
        found = found[0] if found else ""
    if isinstance(found, bytes):
        # Unicode strings of MAPI, where the package knew no better.
        if found[1:2] == b"\0" and len(found) % 2 == 0:
            return text_of(found.decode("utf-16-le", "replace").encode()).strip("\0")
        return text_of(found.rstrip(b"\0"))
    return text_of(found.encode("utf-8", "replace")).strip("\0") if isinstance(found, str) else ""


def _count_objects(raw: bytes) -> int:
    at, count = 6, 0
    while at + _HEAD.size <= len(raw) and count <= MAX_OBJECTS:
        at += _HEAD.unpack_from(raw, at)[3] + _HEAD.size + 2
        count += 1
    return count

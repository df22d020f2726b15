"""Files that stand in the text itself as uuencode, as old mail programs and scripts write them.

Pure; called by bodies.py.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

# A text of so many files is somebody's attack.
_MOST_FILES = 100
_BEGIN = re.compile(r"^begin [0-7]{3,4} (?P<name>\S[^\n]{0,250})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class UuFile:
    """A file that stood in a text."""

    name: str
    data: bytes


def split(text: str) -> tuple[str, tuple[UuFile, ...]]:
    """Return `text` without the files that stand in it, and the files; what only looks like one stays text."""
    if "begin " not in text:
        return text, ()
    kept: list[str] = []
    files: list[UuFile] = []
    at = 0
    for match in _BEGIN.finditer(text):
        if match.start() < at or len(files) >= _MOST_FILES:
            continue
        found = _file(text, match)
        if found is not None:
            kept.append(text[at : match.start()])
            files.append(found[0])
            at = found[1]
    kept.append(text[at:])
    if not files:
        return text, ()
    return "\n\n".join(words for piece in kept if (words := piece.strip("\n"))), tuple(files)


def _file(text: str, begin: re.Match[str]) -> tuple[UuFile, int] | None:
    """Return the file that begins there and where the text goes on; None when it is none."""
    data = bytearray()
    at = begin.end() + 1
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end].rstrip("\r")
        at = end + 1
        if line == "end":
            return UuFile(begin["name"].strip(), bytes(data)), at
        decoded = _line(line)
        if decoded is None:
            break
        data += decoded
    return None


def _line(line: str) -> bytes | None:
    if line in ("", "`", " "):  # the empty line before "end", whose space servers take away
        return b""
    try:
        return binascii.a2b_uu(line)
    except (binascii.Error, ValueError):
        pass
    # Some encoders write more than the length says.
    wanted = ((ord(line[0]) - 32) & 63) * 4 // 3 + 3
    try:
        return binascii.a2b_uu(line[: wanted + 1])
    except (binascii.Error, ValueError):
        return None

"""Numbers of bank accounts (IBAN) in a text: parts of them can look like the number of a card.  Pure."""

from __future__ import annotations

import re

FEWEST, MOST = 15, 34

_BEGIN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?=[ \u00a0-]?[A-Z0-9])")
_REST = re.compile(r"(?:[ \u00a0-]?[A-Z0-9]){11,30}")


def accounts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where account numbers stand that reach into text[start:end], in order; their check digits say so."""
    found: list[tuple[int, int]] = []
    for match in _BEGIN.finditer(text, max(0, start - 2 * MOST), end):
        until = _end_of_account(text, match.start(), match.end())
        if until and (not found or match.start() >= found[-1][1]):
            found.append((match.start(), until))
    return found


def _end_of_account(text: str, start: int, begun: int) -> int:
    """Return where the account's number that begins at `start` ends; 0 when there is none.

    Words in capitals may follow it, so every end that no letter or digit follows is tried, the furthest first.
    """
    rest = _REST.match(text, begun)
    end = rest.end() if rest else 0
    while end > begun:
        if not text[end : end + 1].isalnum() and _is_account(text[start:end]):
            return end
        end -= 1
    return 0


def _is_account(written: str) -> bool:
    """Whether the check digits fit (ISO 7064, MOD 97-10)."""
    number = "".join(one for one in written if one.isalnum())
    if not FEWEST <= len(number) <= MOST:
        return False
    moved = number[4:] + number[:4]
    return int("".join(str(int(one, 36)) for one in moved)) % 97 == 1

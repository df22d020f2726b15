"""The eleven characters that both sides call a ticket by: ABC-DEFGH-123."""

from __future__ import annotations

import re
import secrets

from deskbell.tickets.models import CodeAlias, Ticket

# Without I and O, 0 and 1 in the middle: a code is read aloud on the telephone.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
MIXED = LETTERS + "23456789"
DIGITS = "0123456789"

# Both sides also write it in small letters, without dashes or with blanks.
SHAPE = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z]{3})[- ]?([A-Za-z0-9]{5})[- ]?([0-9]{3})(?![A-Za-z0-9])"
)
STRICT = re.compile(r"(?<![A-Za-z0-9])([A-Z]{3})-([A-Z0-9]{5})-([0-9]{3})(?![A-Za-z0-9])")


def new_code() -> str:
    """Return a code that no ticket has or had; 2 × 10¹⁴ of them make a guess useless and a clash rare."""
    while True:
        code = "-".join((_some(LETTERS, 3), _some(MIXED, 5), _some(DIGITS, 3)))
        if not _is_taken(code):
            return code


def normal(typed: str) -> str:
    """Return `typed` as codes are stored, or "" when it is none."""
    found = SHAPE.fullmatch(typed.strip())
    return "-".join(found.groups()).upper() if found else ""


def find_all(text: str) -> list[str]:
    """Return the codes that stand in a subject, written as we write them, in their order."""
    return ["-".join(found.groups()) for found in STRICT.finditer(text)]


def _some(alphabet: str, count: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(count))


def _is_taken(code: str) -> bool:
    tickets = Ticket.objects.filter(code=code).values("code")
    return tickets.union(CodeAlias.objects.filter(code=code).values("code")).exists()

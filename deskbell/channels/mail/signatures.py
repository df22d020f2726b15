"""What a signature on a letter is worth, as plain values; smime.py and pgp.py find it out.

Shown and stored, never trusted for anything else: no right and no ticket hangs on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["smime", "pgp"]
Result = Literal[
    "valid",  # whole, and by whom it says: vouched for by an authority, or by a key that was added by hand
    "other",  # whole and vouched for, but made by somebody else than the one in From
    "unknown",  # whole, but nobody vouches for who made it
    "broken",  # what was signed is not what came
    "not_checked",  # no program, no key, or a way of signing that is not known here
]


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature and what it is worth.

    address, name  of whom made it, as the certificate or key says; "" when it does not
    """

    kind: Kind
    result: Result
    address: str = ""
    name: str = ""


def judged(
    kind: Kind, *, is_vouched_for: bool, claims: tuple[str, ...], author: str, name: str
) -> Signature:
    """Return the signature of something that is whole.

    claims  the addresses that the certificate or key is for
    author  the address in From
    """
    fits = author in claims
    address = author if fits else next(iter(claims), "")
    if not is_vouched_for:
        return Signature(kind, "unknown", address, name)
    return Signature(kind, "valid" if fits else "other", address, name)

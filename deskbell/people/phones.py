"""Whose phone number may be meant by what somebody types, however it was written down here.

Numbers are kept as customers.phone_number gives them: digits, behind a + where one was typed.
"""

from __future__ import annotations

from django.db.models import Q

from deskbell.errors import BadInput
from deskbell.people.customers import phone_number

# What is dialled before a number at home, and how many digits are left of it at the least: fewer end too many others.
# In Russia and Kazakhstan it is an 8, and all numbers have ten digits.
TRUNKS = {"": 7, "0": 7, "06": 7, "8": 10}
ABROAD = "00"
TELLING = 7  # so many digits are a number, not a name or a year
COUNTRY_DIGITS = range(1, 4)  # ITU-T E.164


def bare(typed: str) -> str:
    """Return a number that is typed as digits, behind a + where it names its country; "" for what is no number."""
    try:
        number = phone_number(typed)
    except BadInput:
        return ""
    return f"+{number.removeprefix(ABROAD)}" if number.startswith(ABROAD) else number


def meant(typed: str) -> Q | None:
    """Return a condition on addresses: those of this number, with its country or without; None for what is none."""
    number = bare(typed)
    if not number:
        return None
    is_phone = Q(kind="phone")
    if number.startswith("+"):
        return is_phone & Q(value__in=_spellings(number.removeprefix("+")))
    wanted = Q(value=number)
    for trunk, left in TRUNKS.items():
        rest = number.removeprefix(trunk)
        if number.startswith(trunk) and len(rest) >= left:
            wanted |= Q(value__endswith=rest)
    return is_phone & wanted


def begun(typed: str) -> Q | None:
    """Return a condition on addresses: those of numbers that begin so; None for what begins none."""
    number = bare(typed)
    if not number:
        return None
    starts = Q(value__startswith=number)
    if number.startswith("+"):
        digits = number.removeprefix("+")
        starts |= Q(value__startswith=ABROAD + digits) | Q(value__startswith=digits)
    else:
        starts |= Q(value__startswith=f"+{number}")
    return Q(kind="phone") & starts


def begins(number: str, typed: str) -> bool:
    """Whether a number that is known here begins as what is typed, told by digits alone."""
    start = bare(typed).removeprefix("+")
    return bool(start) and number.removeprefix("+").removeprefix(ABROAD).startswith(start)


def _spellings(digits: str) -> set[str]:
    """Return how a number with its country may have been written down; how many digits name that, nobody says."""
    at_home = {
        trunk + digits[country:]
        for country in COUNTRY_DIGITS
        for trunk, left in TRUNKS.items()
        if len(digits) - country >= left and (trunk or digits[country] == "0")
    }
    return {f"+{digits}", ABROAD + digits, digits} | at_home

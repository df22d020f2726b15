"""Who issues payment cards: how their numbers begin and how long they are, and the check digit.  Pure."""

from __future__ import annotations

from typing import NamedTuple

FEWEST_DIGITS, MOST_DIGITS = 13, 19


class _Issuer(NamedTuple):
    """First digits from `low` to `high`, of the same length, and how many digits such a number has."""

    low: str
    high: str
    lengths: frozenset[int]


def _row(low: str, high: str, *lengths: int) -> _Issuer:
    return _Issuer(low, high, frozenset(lengths))


_LONG = (16, 17, 18, 19)

_ISSUERS = (
    _row("4", "4", 13, 16, 18, 19),  # Visa
    _row("51", "55", 16),  # Mastercard
    _row("2221", "2720", 16),
    _row("34", "34", 15),  # American Express
    _row("37", "37", 15),
    _row("300", "305", 14, *_LONG),  # Diners Club
    _row("3095", "3095", 14, *_LONG),
    _row("36", "36", 14, *_LONG),
    _row("38", "39", 14, *_LONG),
    _row("1800", "1800", 15),  # JCB
    _row("2131", "2131", 15),
    _row("3528", "3589", *_LONG),
    _row("6011", "6011", *_LONG),  # Discover
    _row("644", "649", *_LONG),
    _row("65", "65", *_LONG),
    _row("62", "62", *_LONG),  # UnionPay
    _row("8110", "8171", *_LONG),
    _row("5018", "5018", *range(13, 20)),  # Maestro
    _row("5019", "5019", 16),  # Dankort
    _row("5020", "5020", *range(13, 20)),
    _row("5038", "5038", *range(13, 20)),
    _row("5893", "5893", *range(13, 20)),
    _row("6304", "6304", *range(13, 20)),
    _row("6759", "6759", *range(13, 20)),
    _row("6761", "6763", *range(13, 20)),
    _row("2200", "2204", *_LONG),  # Mir
    _row("508", "508", 16),  # RuPay
    _row("60", "60", 16),
    _row("82", "82", 16),
    _row("506099", "506198", 16, 18, 19),  # Verve
    _row("636368", "636368", 16),  # Elo
    _row("9792", "9792", 16),  # Troy
)

# Most digits that somebody writes begin like no card: this says so at once.
_BY_BEGINNING = {
    beginning: tuple(
        issuer for issuer in _ISSUERS if issuer.low[:2] <= beginning <= issuer.high[:2] + "9"
    )
    for beginning in (f"{number:02}" for number in range(100))
}

# What a digit in every second place counts: its double, of which the digits are added up.
_DOUBLED = str.maketrans("0123456789", "0246813579")


def is_card(digits: str) -> bool:
    """Whether these ASCII digits are the number of a payment card."""
    return (
        FEWEST_DIGITS <= len(digits) <= MOST_DIGITS and _is_issued(digits) and _is_checked(digits)
    )


def _is_issued(digits: str) -> bool:
    return any(
        len(digits) in issuer.lengths and issuer.low <= digits[: len(issuer.low)] <= issuer.high
        for issuer in _BY_BEGINNING[digits[:2]]
    )


def _is_checked(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, Luhn)."""
    total = sum(map(int, digits[-1::-2])) + sum(map(int, digits[-2::-2].translate(_DOUBLED)))
    return total % 10 == 0

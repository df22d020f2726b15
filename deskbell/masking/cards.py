"""Numbers of payment cards in a text, however their digits are grouped.  Pure, and linear in the text.

    find("Mine is 4111 1111 1111 1111.")    covers the first twelve digits, each with a •

Digits are those of any script.  Between groups stand a few blanks, dashes or dots, or the end of a line, once; what
nobody sees may stand between any two digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from deskbell.masking.covers import Cover, Found
from deskbell.masking.ibans import accounts
from deskbell.masking.issuers import FEWEST_DIGITS, MOST_DIGITS, is_card

MASK = "•"
# So many digits stay, for a customer to say which card they mean.
LAST_DIGITS = 4
# Behind a + stands a telephone number, unless it has more digits than one may have (E.164).
LONGEST_TELEPHONE = 15

# How numbers are written within other numbers, such as a date or a check number behind them.
_SHAPES = frozenset(
    {
        (4, 4, 4, 4, 3),
        (4, 4, 4, 4, 2),
        (4, 4, 4, 4, 1),
        (4, 4, 4, 4),
        (4, 4, 4, 3),
        (4, 4, 4, 2),
        (4, 4, 4, 1),
        (4, 6, 5),
        (4, 6, 4),
        (6, 13),
    }
)

# A group that is not the first of its line begins a number only with so many digits.
_BEGINNINGS = frozenset({4, 6, *range(FEWEST_DIGITS, MOST_DIGITS + 1)})

_DIGITS = re.compile(r"\d+")
_LONGEST_GAP = 24

_UNSEEN = r"\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff"
_BLANK = r" \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_MARK = r"\-\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d._\u00b7\u2024\u2027\u2219\u22c5\u30fb\uff0e"
_INSIDE = re.compile(f"[{_UNSEEN}]+")
_BETWEEN = re.compile(f"(?:[{_UNSEEN}]*[{_BLANK}{_MARK}]){{1,3}}[{_UNSEEN}]*")
# Between two lines also stands what marks a quotation.
_NEW_LINE = re.compile(f"[{_BLANK}{_UNSEEN}\\-]*(?:\r\n|[\r\n\u2028\u2029])[{_BLANK}{_UNSEEN}>|]*")
# Whatever a row may be made of: where too few digits stand together, nobody looks closer.
_ENOUGH = re.compile(
    rf"\d(?:[{_UNSEEN}{_BLANK}{_MARK}\r\n\u2028\u2029>|]{{0,{_LONGEST_GAP}}}\d){{{FEWEST_DIGITS - 1},}}"
)


@dataclass(slots=True)
class _Group:
    """Digits that stand together.

    places    start and end in the text of each piece that nothing parts
    length    how many digits they are
    digits    they in ASCII; "" of more than a number may have
    is_first  a line begins with it, or it is what was left of a number
    is_dialled  a + stands before it
    """

    places: list[tuple[int, int]]
    length: int
    digits: str
    is_first: bool
    is_dialled: bool

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return self.places[0][0]

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.places[-1][1]


def find(text: str) -> Found:
    """Return the card numbers in `text`; of each all digits but the last four are covered."""
    covers: list[Cover] = []
    times = 0
    for row in _rows(text):
        if any(_end_of_number(row, at) is not None for at in range(len(row))):
            times += sum(_cover_row(part, covers) for part in _without_accounts(row, text))
    return Found(times, tuple(covers))


def _rows(text: str) -> Iterator[list[_Group]]:
    """Yield groups of digits that may belong together and are enough for a number, in the order of the text."""
    for stretch in _ENOUGH.finditer(text):
        row: list[_Group] = []
        end = stretch.start()
        for match in _DIGITS.finditer(text, *stretch.span()):
            start, stop = match.span()
            gap = _kind_of(text[end:start]) if row else ""
            if gap == "inside":
                row[-1] = _joined(row[-1], _group(text, start, stop))
            elif gap:
                row.append(_group(text, start, stop, is_first=gap == "line"))
            else:
                if _is_enough(row):
                    yield row
                row = [_group(text, start, stop, is_first=True)]
            end = stop
        if _is_enough(row):
            yield row


def _without_accounts(row: list[_Group], text: str) -> Iterator[list[_Group]]:
    """Yield what is left of a row without numbers of bank accounts: their parts are no cards."""
    taken = accounts(text, row[0].start, row[-1].end)
    part: list[_Group] = []
    for group in row:
        if any(start < group.end and group.start < end for start, end in taken):
            yield part
            part = []
        else:
            part.append(group if part else replace(group, is_first=True))
    yield part


@lru_cache(maxsize=1024)
def _kind_of(gap: str) -> str:
    """Return inside, between or line: what stands between two groups; "" where they do not belong together."""
    if _INSIDE.fullmatch(gap):
        return "inside"
    if _BETWEEN.fullmatch(gap):
        return "between"
    return "line" if _NEW_LINE.fullmatch(gap) else ""


def _group(text: str, start: int, stop: int, *, is_first: bool = False) -> _Group:
    length = stop - start
    digits = _ascii(text[start:stop]) if length <= MOST_DIGITS else ""
    is_dialled = text[start - 1 : start] == "+"
    return _Group([(start, stop)], length, digits, is_first, is_dialled)


def _ascii(digits: str) -> str:
    return digits if digits.isascii() else "".join(str(unicodedata.decimal(one)) for one in digits)


def _joined(group: _Group, more: _Group) -> _Group:
    length = group.length + more.length
    digits = group.digits + more.digits if length <= MOST_DIGITS else ""
    group.places += more.places
    return _Group(group.places, length, digits, group.is_first, group.is_dialled)


def _is_enough(row: list[_Group]) -> bool:
    return sum(group.length for group in row) >= FEWEST_DIGITS


def _cover_row(row: list[_Group], covers: list[Cover]) -> int:
    """Cover the numbers of a row; return how many there were.

    What a number leaves of itself, its last digits, is looked at again with what follows, as it would be in a second
    pass: then a second pass finds nothing.
    """
    times = at = 0
    while at < len(row):
        end = _end_of_number(row, at)
        if end is None:
            at += 1
            continue
        before = _start_of_number(row, at)
        if before is not None:
            _cover(row, before, at - 1, covers)
            times += 1
        at = _cover(row, at, end, covers)
        times += 1
    return times


def _end_of_number(row: list[_Group], at: int) -> int | None:
    """Return the last group of the longest number that begins with the group `at`; None when none does.

    It is one group, or groups as numbers are written, or all of a line.
    """
    if not row[at].is_first and row[at].length not in _BEGINNINGS:
        return None
    found: int | None = None
    lengths: tuple[int, ...] = ()
    digits, lines = "", 0
    for end in range(at, len(row)):
        lines += row[end].is_first and end > at
        digits += row[end].digits
        lengths = (*lengths, row[end].length)
        if sum(lengths) > MOST_DIGITS or lines > 1:
            break
        is_line = row[at].is_first and not lines and (end + 1 == len(row) or row[end + 1].is_first)
        is_written_so = end == at or is_line or lengths in _SHAPES
        if is_written_so and not _is_telephone(row[at], digits) and is_card(digits):
            found = end
    return found


def _is_telephone(first: _Group, digits: str) -> bool:
    return first.is_dialled and len(digits) <= LONGEST_TELEPHONE


def _start_of_number(row: list[_Group], at: int) -> int | None:
    """Return where the number begins that ends before the group `at` and is all of its line so far; else None."""
    digits, start = "", at
    while not row[start].is_first:
        start -= 1
        digits = row[start].digits + digits
        if not row[start].digits or len(digits) > MOST_DIGITS:
            return None
    return start if is_card(digits) and not _is_telephone(row[start], digits) else None


def _cover(row: list[_Group], start: int, end: int, covers: list[Cover]) -> int:
    """Cover the digits of these groups but for the last four; return the first group of which some are left."""
    hidden = sum(group.length for group in row[start : end + 1]) - LAST_DIGITS
    for number in range(start, end + 1):
        left = []
        for begin, stop in row[number].places:
            until = min(stop, begin + hidden)
            hidden -= until - begin
            if until > begin:
                covers.append(Cover(begin, until, MASK * (until - begin)))
            if stop > until:
                left.append((until, stop))
        if left:
            _leave(row[number], left)
            return number
    return end + 1


def _leave(group: _Group, places: list[tuple[int, int]]) -> None:
    """Let only the digits at these places be left of a group."""
    group.length = sum(stop - begin for begin, stop in places)
    group.digits = group.digits[-group.length :]
    group.places, group.is_first, group.is_dialled = places, True, False

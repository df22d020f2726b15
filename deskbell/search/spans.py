"""Times in queries: `7d`, `>2w`, `2026-11`, `2026-11-01..2026-11-07`, `today`.  Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

Span = tuple[datetime | None, datetime | None]  # from, and till before; None: without end

_SHIFT = re.compile(r"(\d{1,4})(min|h|d|w|m|y)")
_UNITS = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "m": timedelta(days=30),
    "y": timedelta(days=365),
}
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_SIGN = re.compile(r"(<=|>=|<|>)?(.*)", re.DOTALL)
DAYS = ("today", "yesterday", "tomorrow")
_DECEMBER = 12


def span_of(typed: str, now: datetime, zone: tzinfo, *, coming: bool = False) -> Span | None:
    """Return the span of time that is meant; None when nothing is.

    typed   `7d` and `<7d` lie less far away than seven days, `>7d` farther; with dates < and > are before and after
    now     aware
    zone    whose days they are
    coming  whether times of this kind lie ahead, as due times do: they are counted from now on, not back
    Months of a distance have 30 days, years 365.
    """
    first, dots, last = typed.partition("..")
    if dots:
        begins, ends = _day_or_more(first, now, zone), _day_or_more(last, now, zone)
        return (begins[0], ends[1]) if begins and ends else None
    sign, rest = _SIGN.fullmatch(typed).groups()  # type: ignore[union-attr]  # it matches anything
    if shift := _SHIFT.fullmatch(rest):
        return _distance(sign or "<", int(shift[1]) * _UNITS[shift[2]], now, coming=coming)
    found = _day_or_more(rest, now, zone)
    return None if found is None else _compared(sign or "", *found)


def _compared(sign: str, since: datetime, till: datetime) -> Span:
    """Return what lies before, in or after a span."""
    spans: dict[str, Span] = {
        "<": (None, since),
        "<=": (None, till),
        "": (since, till),
        ">=": (since, None),
        ">": (till, None),
    }
    return spans[sign]


def _distance(sign: str, shift: timedelta, now: datetime, *, coming: bool) -> Span | None:
    try:
        there = now + shift if coming else now - shift
    except OverflowError:
        return None
    is_near = sign.startswith("<")
    return (None, there) if is_near == coming else (there, None)


def _day_or_more(typed: str, now: datetime, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """Return where a day, month or year begins and ends, in UTC."""
    today = now.astimezone(zone).date()
    if typed in DAYS:
        first = today + timedelta(days={"yesterday": -1, "tomorrow": 1}.get(typed, 0))
        return _midnight(first, zone), _midnight(first + timedelta(days=1), zone)
    found = _DATE.fullmatch(typed)
    if not found:
        return None
    year, month, day = (int(one) if one else None for one in found.groups())
    try:
        first = date(year or 1, month or 1, day or 1)
        if day:
            after = first + timedelta(days=1)
        elif month:
            after = date(first.year + month // _DECEMBER, month % _DECEMBER + 1, 1)
        else:
            after = date(first.year + 1, 1, 1)
        return _midnight(first, zone), _midnight(after, zone)
    except (ValueError, OverflowError):
        return None


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)

"""The languages that this desk speaks: English, and those of settings.LANGUAGES whose texts are compiled; and how
each writes days, times and numbers.

A language without a catalogue of ours would give half-translated pages: Django's own words in it, all else
in English.
"""

from __future__ import annotations

from datetime import date, datetime, time
from functools import cache, lru_cache
from pathlib import Path

from babel.dates import format_skeleton, format_time, get_day_names
from babel.numbers import format_decimal
from django.conf import settings
from django.utils import translation

SOURCE = "en"  # the language that texts are written in


@cache
def spoken() -> tuple[str, ...]:
    """Return the codes of the languages that are spoken here, in the order of settings.LANGUAGES."""
    return tuple(code for code, _name in settings.LANGUAGES if code == SOURCE or _is_compiled(code))


def choices() -> list[tuple[str, str]]:
    """Return code and name of each language that is spoken here, for a field that offers them."""
    return [(code, str(name)) for code, name in settings.LANGUAGES if code in spoken()]


def nearest(asked: str) -> str | None:
    """Return the spoken language that serves who asks for `asked` ("cs-CZ" is served by "cs"); None if none does."""
    code = asked.lower()
    return next((one for one in (code, code.partition("-")[0]) if one in spoken()), None)


def day(at: date, *, with_year: bool) -> str:
    """Return a day as people write it in the language that is active: "2 Mar 2026", "2026. márc. 2."."""
    return _day(date(at.year, at.month, at.day), with_year, _locale())


@lru_cache(maxsize=1000)
def _day(at: date, with_year: bool, locale: str) -> str:
    return format_skeleton("yMMMd" if with_year else "MMMd", at, locale=locale)


def weekday(at: date) -> str:
    """Return the day of the week in short, as people write it in the language that is active: "Mon"."""
    return _weekday(at.weekday(), _locale())


@lru_cache(maxsize=100)
def _weekday(number: int, locale: str) -> str:
    return str(get_day_names("abbreviated", context="stand-alone", locale=locale)[number])


def time_of_day(at: datetime) -> str:
    """Return a time of day as people write it in the language that is active, in the zone of `at`: "12:05"."""
    return _time_of_day(at.time().replace(second=0, microsecond=0), _locale())


@lru_cache(maxsize=10_000)  # each minute of a day, in each language
def _time_of_day(at: time, locale: str) -> str:
    return format_time(at, "short", locale=locale)


def decimal(value: float, figures: int) -> str:
    """Return a number with so many figures after the point, as people write it in the language that is active."""
    pattern = f"0.{'0' * figures}" if figures else "0"
    return format_decimal(value, pattern, locale=_locale())


def _locale() -> str:
    # English as most of the world writes it: the day before the month, a clock of 24 hours.
    language = translation.get_language() or SOURCE
    return "en_GB" if language == SOURCE else language.replace("-", "_")


def _is_compiled(code: str) -> bool:
    catalogue = Path(code) / "LC_MESSAGES" / "django.mo"
    return any((Path(folder) / catalogue).is_file() for folder in settings.LOCALE_PATHS)

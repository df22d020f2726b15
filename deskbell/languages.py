"""The languages that this desk speaks: English, and those of settings.LANGUAGES whose texts are compiled.

A language without a catalogue of ours would give half-translated pages: Django's own words in it, all else
in English.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

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


def _is_compiled(code: str) -> bool:
    catalogue = Path(code) / "LC_MESSAGES" / "django.mo"
    return any((Path(folder) / catalogue).is_file() for folder in settings.LOCALE_PATHS)

"""Words that templates make of plain values: sizes, initials, moments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from deskbell import clock, languages

UNITS = ("B", "KB", "MB", "GB")
STEP = 1000
# From here on a figure after the point says nothing any more.
PRECISE_BELOW = 9.95


def size(size_bytes: int) -> str:
    """Return a size as people read it: 840 B, 84 KB, 1.2 MB."""
    value, unit = float(size_bytes), 0
    while round(value) >= STEP and unit < len(UNITS) - 1:
        value, unit = value / STEP, unit + 1
    figures = 1 if unit and value < PRECISE_BELOW else 0
    return f"{languages.decimal(value, figures)} {UNITS[unit]}"


def initials(name: str) -> str:
    """Return one or two letters that stand for a person: "Nagy Éva" → NÉ, "jw@shop.example" → J."""
    local = name.partition("@")[0]
    letters = [
        next((char for char in part if unicodedata.category(char)[0] == "L"), "")
        for part in local.split()
    ]
    found = [letter for letter in letters if letter]
    return "".join([*found[:1], *found[1:][-1:]]).upper() or "?"


def subject(text: str) -> str:
    """Return a ticket's subject as lists and pages show it; "…" is what an empty letter begins with."""
    return text if text.strip(" \n\t…") else _("(no subject)")


def moment(at: datetime, style: Literal["short", "time", "day", "when", "full"] = "short") -> str:
    """Return an instant in the zone that is active; the browser words it again in the reader's own."""
    local = timezone.localtime(at)
    if style == "time":
        return languages.time_of_day(local)
    today = timezone.localdate(clock.now())
    if style in {"short", "when"} and local.date() == today:
        return languages.time_of_day(local)
    if style == "when":
        return f"{languages.day(local, with_year=False)} {languages.time_of_day(local)}"
    if style == "full":
        return f"{languages.day(local, with_year=True)} {languages.time_of_day(local)}"
    return languages.day(local, with_year=local.year != today.year)


def timed(sentence: str, moments: Mapping[str, datetime], style: str = "dated") -> Markup:
    """Return a sentence whose moments the browser words again, as it does all times of the page.

    moments  by the words that the sentence has for each
    """
    if not moments:
        return escape(sentence)
    # Once and the longest first: "2 Mar" stands in "12 Mar", too.
    pattern = "|".join(re.escape(one) for one in sorted(moments, key=len, reverse=True))
    parts = re.split(f"({pattern})", sentence)
    time = Markup('<time datetime="{}" data-local="{}">{}</time>')
    return Markup("").join(
        time.format(iso(moments[part]), style, part) if part in moments else part for part in parts
    )


def language_name(code: str) -> str:
    """Return what a language is called in the reader's."""
    return str(dict(settings.LANGUAGES).get(code, code))


def zone_name(at: datetime) -> str:
    """Return the short name of the zone that is active, as of an instant: CET, CEST, UTC; "+0330" where it has none."""
    return timezone.localtime(at).tzname() or ""


def iso(moment: datetime) -> str:
    """Return an instant for a <time datetime=…>, which the browser words in the reader's zone."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

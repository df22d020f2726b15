"""Pieces of pages as they are drawn: once for all who read them in one language, zone and day.

What such a piece shows stands in the values that it is given, so those are the key: another word is another piece, and
nothing here can be out of date.  Nothing of the reader stands in it, neither rights nor tokens.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone, translation
from jinja2 import Environment, pass_environment
from markupsafe import Markup

from deskbell import clock
from deskbell.tickets.queries import Row

# Some 3 KB each; more than the agents of a desk have on their screens.
MOST_KEPT = 3000


@pass_environment
def kept(env: Environment, template: str, macro: str, *values: Hashable) -> Markup:
    """Return what a macro makes of `values`, which never change and hold all that it shows."""
    today = timezone.localdate(clock.now())  # times of today are worded otherwise
    zone = timezone.get_current_timezone_name()
    return _drawn(env, template, macro, values, translation.get_language(), zone, today)


@pass_environment
def ticket_row(
    env: Environment,
    row: Row,
    belongs: bool = False,
    at: datetime | None = None,
    unread: bool = False,
    said: Hashable = None,
    extras: Hashable = None,
) -> Markup:
    """Return a ticket as lists show it.

    belongs  whether the view on screen lists it, for rows that are asked for again
    at       the moment of the past at which the list stands
    unread   whether the reader was told something of it and has not read that yet
    said     where it says what was looked for (search/found.py), in lists of what was found
    extras   what it shows besides, where a saved view wishes so (saved.py)
    """
    urgency = row.urgency(clock.now())  # a word that time changes, so it is a part of the key
    return kept(
        env, "desk/_row.html", "ticket_row", row, belongs, at, unread, urgency, said, extras
    )


@lru_cache(maxsize=MOST_KEPT)
def _drawn(
    env: Environment,
    template: str,
    macro: str,
    values: tuple[Hashable, ...],
    language: str | None,  # this and the next two are read where words are chosen
    zone: str,
    today: date,
) -> Markup:
    module = env.get_template(template).module
    return Markup(getattr(module, macro)(*values))  # noqa: S704 -- a template escapes

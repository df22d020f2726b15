"""Rows of lists as they are drawn: once for all who read them in one language, zone and day.

What a row shows stands in its values, so that those are the key: another word is another row, and nothing here can
be out of date.  Nothing of the reader stands in it, neither rights nor tokens.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone, translation
from jinja2 import Environment, pass_environment
from markupsafe import Markup

from deskbell import clock
from deskbell.tickets.queries import Row

# Some 3 KB each; more than the agents of a desk have on their screens.
MOST_KEPT = 2000


@pass_environment
def ticket_row(
    env: Environment, row: Row, belongs: bool = False, at: datetime | None = None
) -> Markup:
    """Return a ticket as lists show it.

    belongs  whether the view on screen lists it, for rows that are asked for again
    at       the moment of the past at which the list stands
    """
    today = timezone.localdate(clock.now())  # times of today are worded otherwise
    zone = timezone.get_current_timezone_name()
    return _drawn(env, row, belongs, at, translation.get_language(), zone, today)


@lru_cache(maxsize=MOST_KEPT)
def _drawn(
    env: Environment,
    row: Row,
    belongs: bool,
    at: datetime | None,
    language: str | None,  # this and the next two are read where words are chosen
    zone: str,
    today: date,
) -> Markup:
    module = env.get_template("desk/_row.html").module
    return Markup(module.ticket_row(row, belongs, at))  # type: ignore[attr-defined]  # noqa: S704

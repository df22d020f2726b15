"""The headings under which a list stands: days, urgencies, priorities.

A page that leads on names the heading that stands already, so that it is not said twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _

from deskbell import clock
from deskbell.tickets.queries import Row
from deskbell.web.desk.ticket_words import priority_words

Groups = list[tuple[str, list[Row]]]
A_WEEK = timedelta(days=7)
URGENCIES = ("overdue", "soon", "calm", "")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a list is grouped by: a number for each row, and the words of each number."""

    number: Callable[[Row], int]
    words: Callable[[], dict[int, str]]

    def groups(self, rows: Iterable[Row], already: str) -> Groups:
        """Return the rows under their headings; the one whose number is `already` stands above and is left out."""
        words = self.words()
        return [
            ("" if str(number) == already else words[number], list(those))
            for number, those in groupby(rows, self.number)
        ]

    def last(self, groups: Groups) -> str:
        """Return the number of the last heading, to be named as `already`."""
        return str(self.number(groups[-1][1][-1]))


def _by_day(of: Callable[[Row], datetime]) -> Heading:
    return Heading(lambda row: _age(timezone.localdate(of(row))), _days)


def _age(day: date) -> int:
    today = timezone.localdate(clock.now())
    if day >= today:
        return 0
    if day == today - timedelta(days=1):
        return 1
    return 2 if today - day < A_WEEK else 3


def _days() -> dict[int, str]:
    return {0: _("Today"), 1: _("Yesterday"), 2: _("The last seven days"), 3: _("Earlier")}


def _urgencies() -> dict[int, str]:
    return {0: _("Overdue"), 1: _("Due soon"), 2: _("Due later"), 3: _("Nothing is due")}


BY_DAY = _by_day(lambda row: row.last_activity_at)
BY_URGENCY = Heading(lambda row: URGENCIES.index(row.urgency(clock.now())), _urgencies)
# The heading that fits each order of a saved view.
OF_SORTS = {
    "-activity": BY_DAY,
    "activity": BY_DAY,
    "-created": _by_day(lambda row: row.created_at),
    "created": _by_day(lambda row: row.created_at),
    "due": BY_URGENCY,
    "importance": Heading(lambda row: row.priority, priority_words),
}

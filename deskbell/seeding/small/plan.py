"""Finds the hours of a ticket: when each act of its course is done, within the month.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from deskbell.seeding.small.courses import PACES, Course
from deskbell.seeding.small.hours import agents_next, arrival, customers_next

if TYPE_CHECKING:
    from random import Random

# After these the ticket rests until a moment that the agent names.
POSTPONING = frozenset({"postpone", "promise"})
# What lasts began not long ago, as far as its own acts leave that open.
LATELY = timedelta(days=2)
# The last act lies a little before the end: nobody wrote in this very minute.
MARGIN = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Planned:
    """One act and its moment; `until` is when the ticket comes back after a postponing one."""

    at: datetime
    act: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """The time that is told of: from `since` till `till`, both aware and in UTC."""

    since: datetime
    till: datetime


def plan(course: Course, month: Month, chance: Random) -> list[Planned]:
    """Return the acts of `course` in their order; the first is "open", the last lies before the end of the month.

    1. Choose when the first letter comes: anywhere in the month, or lately where the ticket lasts.
    2. Let the acts follow at their paces.
    3. Where they run over the end, begin so much earlier and try again.
    """
    earliest = month.till - LATELY if course.lasts else month.since
    opened = arrival(chance, max(earliest, month.since), month.till)
    while True:
        found = _following(course, opened, month, chance)
        over = found[-1].at - (month.till - MARGIN)
        if over <= timedelta():
            return found
        opened -= over + timedelta(hours=5) * chance.random()
        if opened < month.since:
            opened = arrival(chance, month.since, month.till)


def _following(course: Course, opened: datetime, month: Month, chance: Random) -> list[Planned]:
    found = [Planned(opened, "open")]
    for act in course.acts:
        before = found[-1]
        at = _when(act, before.until or before.at, chance)
        is_last = len(found) == len(course.acts)
        until = _comes_back(at, month, chance, beyond=is_last) if act in POSTPONING else None
        found.append(Planned(at, act, until))
    return found


def _when(act: str, after: datetime, chance: Random) -> datetime:
    pace = PACES[act]
    match pace.who:
        case "clock":
            return after + pace.median
        case "agent":
            at = agents_next(chance, after, pace.median)
        case "customer":
            at = customers_next(chance, after, pace.median)
    return min(max(at, after + pace.least), after + pace.most)


def _comes_back(at: datetime, month: Month, chance: Random, *, beyond: bool) -> datetime:
    """Return when a postponed ticket comes back: in a few days; where that is its end, after the month."""
    days = timedelta(days=chance.randint(1, 4), minutes=chance.choice((0, 30, 60)))
    return (month.till if beyond else at).replace(minute=0, second=0, microsecond=0) + days

"""When people write and work: customers from morning to night, the team on weekdays.  Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from random import Random

ZONE = ZoneInfo("Europe/Prague")
MORNING, EVENING = time(8, 0), time(17, 30)
SATURDAY = 5
# How much is written in each hour of a day, from midnight on, and on each day of a week, from Monday on.
BY_HOUR = (1, 0, 0, 0, 0, 1, 4, 9, 16, 20, 19, 17, 13, 14, 15, 14, 12, 10, 9, 10, 11, 9, 5, 2)
BY_DAY = (24, 21, 20, 18, 15, 7, 9)


def arrival(chance: Random, since: datetime, till: datetime) -> datetime:
    """Return a moment between the two, aware and in UTC, at which somebody writes a first letter."""
    while True:
        found = since + (till - since) * chance.random()
        here = found.astimezone(ZONE)
        likely = BY_HOUR[here.hour] / max(BY_HOUR) * BY_DAY[here.weekday()] / max(BY_DAY)
        if chance.random() < likely:
            return found.replace(microsecond=0)


def customers_next(chance: Random, after: datetime, median: timedelta) -> datetime:
    """Return when a customer does the next thing: about `median` later, but asleep nobody writes."""
    found = after + median * chance.lognormvariate(0, 0.8)
    here = found.astimezone(ZONE)
    if BY_HOUR[here.hour] < BY_HOUR[6]:
        found += timedelta(hours=(7 - here.hour) % 24, minutes=chance.randint(0, 90))
    return found.replace(microsecond=0)


def agents_next(chance: Random, after: datetime, median: timedelta) -> datetime:
    """Return when an agent does the next thing: about `median` of working time later."""
    left = median * chance.lognormvariate(0, 0.7)
    found = _opening(after)
    while left > (closing := _at(found, EVENING)) - found:
        left -= closing - found
        found = _opening(closing)
    return (found + left).replace(microsecond=0)


def _opening(after: datetime) -> datetime:
    """Return the first moment at or after `after` at which the team works."""
    here = after.astimezone(ZONE)
    if here.weekday() < SATURDAY and here.time() < EVENING:
        return max(after, _at(after, MORNING))
    tomorrow = _at(after, MORNING) + timedelta(days=1)
    while tomorrow.astimezone(ZONE).weekday() >= SATURDAY:
        tomorrow += timedelta(days=1)
    return _at(tomorrow, MORNING)


def _at(day: datetime, hour: time) -> datetime:
    """Return this hour of that day, in the team's own zone, as an instant of the zone that `day` is in."""
    here = day.astimezone(ZONE)
    return datetime.combine(here.date(), hour, ZONE).astimezone(day.tzinfo)

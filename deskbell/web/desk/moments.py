"""Moments that people choose: one of a few that are usual, or one that is typed, in the zone of whoever chooses."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, time, timedelta, tzinfo

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from deskbell import clock
from deskbell.errors import BadInput

# When a morning begins that a ticket waits for.
MORNING = time(8)
DAYS_OF_WEEK = 7


def presets() -> dict[str, str]:
    """Return what the usual moments are called, by the names under which forms send them; no moment twice."""
    words = {
        "hour": _("In an hour"),
        "tomorrow": _("Tomorrow morning"),
        "monday": _("Next Monday morning"),
    }
    if timezone.localdate(clock.now()).isoweekday() == DAYS_OF_WEEK:  # tomorrow is Monday
        del words["monday"]
    return words


def preset(name: str, now: datetime, zone: tzinfo) -> datetime:
    """Return the moment of this name as seen from `now` by somebody in `zone`.  Raises BadInput."""
    today = now.astimezone(zone).date()
    match name:
        case "hour":
            return now + timedelta(hours=1)
        case "tomorrow":
            day = today + timedelta(days=1)
        case "monday":
            day = today + timedelta(days=DAYS_OF_WEEK - today.weekday())
        case _:
            raise BadInput("until", _("Choose one of the moments."))
    return datetime.combine(day, MORNING, zone)


def chosen(request: HttpRequest) -> datetime:
    """Return the moment that the form names: `until` is a preset, else `when` is typed.  Raises BadInput."""
    zone = zone_of(request.POST.get("zone", ""))
    name = request.POST.get("until", "")
    if name:
        return preset(name, clock.now(), zone)
    return typed(request.POST.get("when", ""), zone)


def typed(text: str, zone: tzinfo) -> datetime:
    """Return the moment that a date-time field holds, or an address names with its zone.  Raises BadInput."""
    # A plus sign in an address arrives as a blank.
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "+" if "T" in text else "T"))
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return aware.astimezone(timezone.get_default_timezone())
    except (ValueError, OverflowError) as error:
        raise BadInput("until", _("Write a day and a time, like 2026-03-02 14:00.")) from error


def zone_of(name: str) -> tzinfo:
    """Return the zone that the reader's browser named, in which their page tells the time; else the account's."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return timezone.get_current_timezone()

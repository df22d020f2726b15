"""In which zone times are told: an agent's own where they chose one, else the desk's."""

from __future__ import annotations

import os
from datetime import tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.utils.translation import gettext as _

from deskbell.errors import BadInput
from deskbell.people.models import Account, Desk

# Where the system links to the zone of the machine.
LOCALTIME = Path("/etc/localtime")


@cache
def zones() -> tuple[str, ...]:
    """Return the time zones that people live in, in the order of their names; UTC first."""
    named = {zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")}
    return ("UTC", *sorted(named))


def shown(name: str) -> str:
    """Return a zone as people read it: "America/New York"."""
    return name.replace("_", " ")


def zone_of(account: Account) -> tzinfo:
    """Return the zone in which an account is told times."""
    return zone_named(account.time_zone) if account.time_zone else desk_zone()


def desk_zone() -> tzinfo:
    """Return the desk's zone: that of its customers, its nights, and of agents who chose none."""
    return zone_named(Desk.get().time_zone)


def zone_named(name: str) -> tzinfo:
    """Return the zone of this IANA name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def checked_zone(name: str) -> str:
    """Return `name` when it is a zone.  Raises BadInput."""
    if name not in available_timezones():
        raise BadInput("time_zone", _("Choose one of the time zones."))
    return name


def first_zone(of_browser: str) -> str:
    """Return the zone of a new desk: that of its owner's browser where it is known, else the machine's, else UTC."""
    guesses = (of_browser, os.environ.get("TZ", ""), _of_the_machine())
    return next((one for one in guesses if one in available_timezones()), "UTC")


def set_desk_zone(name: str) -> None:
    """Let the desk live in this zone from now on.  Raises BadInput."""
    desk = Desk.get()
    desk.time_zone = checked_zone(name)
    desk.save(update_fields=("time_zone",))


def _of_the_machine() -> str:
    target = str(LOCALTIME.resolve())
    return target.partition("zoneinfo/")[2]

"""A calendar's letter (RFC 5545, 5546): what, when, where and who, as plain values for a small card.

Thin over icalendar, in the child that reads letters; what it cannot read stays a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from icalendar import Calendar

from deskbell.channels.inbound import Named
from deskbell.channels.mail.decode import one_line, text_of

MAX_BYTES = 500_000
MAX_GUESTS = 30
_LONGEST = 300
METHODS = frozenset({"request", "cancel", "reply", "counter", "declinecounter", "publish", "add"})
ANSWERS = frozenset({"accepted", "declined", "tentative", "delegated"})


@dataclass(frozen=True, slots=True)
class Invitation:
    """An event in a calendar, and what is asked about it.

    method     request, cancel, reply …; publish when it does not say
    answer     of a reply: accepted, declined, tentative, delegated; "" else
    starts, ends  in UTC; of a whole day, midnight of the day in UTC; ends None when it does not say
    is_floating  its times are of no zone: they hold wherever one is
    guests     at most MAX_GUESTS, without the organiser
    """

    method: str
    summary: str
    starts: datetime | None
    ends: datetime | None
    is_whole_day: bool = False
    is_floating: bool = False
    place: str = ""
    organiser: Named = ("", "")
    guests: tuple[Named, ...] = ()
    answer: str = ""
    repeats: bool = False


def invitation_of(raw: bytes, charset: str | None = None) -> Invitation | None:
    """Return the first event in an .ics file, or None when there is none that can be read."""
    if len(raw) > MAX_BYTES:
        return None
    try:
        calendar = Calendar.from_ical(text_of(raw, charset or "utf-8").encode())
        event = next(iter(calendar.walk("VEVENT")), None)
        return None if event is None else _invitation(calendar, event)
    except Exception:  # noqa: BLE001  strangers' calendars end in every error there is
        return None


def as_words(invitation: Invitation) -> str:
    """Return the event as a line of text, for a letter that says nothing else."""
    return "\n".join(filter(None, (invitation.summary, invitation.place)))


def _invitation(calendar: Any, event: Any) -> Invitation:
    method = str(calendar.get("METHOD", "publish")).strip().lower()
    starts, whole, floating = _moment(event.get("DTSTART"))
    ends, _whole, _floating = _moment(event.get("DTEND"))
    duration = getattr(event.get("DURATION"), "dt", None)
    if ends is None and starts is not None and isinstance(duration, timedelta):
        ends = starts + duration
    organiser = _person(event.get("ORGANIZER")) or ("", "")
    raw = event.get("ATTENDEE", [])
    attendees = raw if isinstance(raw, list) else [raw]
    people = (_person(one) for one in islice(attendees, MAX_GUESTS + 1))
    guests = tuple(one for one in people if one and one[0] != organiser[0])[:MAX_GUESTS]
    answer = str(attendees[0].params.get("PARTSTAT", "")).lower() if attendees else ""
    return Invitation(
        method=method if method in METHODS else "publish",
        summary=_line(event.get("SUMMARY")),
        starts=starts,
        ends=ends,
        is_whole_day=whole,
        is_floating=floating,
        place=_line(event.get("LOCATION")),
        organiser=organiser,
        guests=guests,
        answer=answer if method in ("reply", "counter") and answer in ANSWERS else "",
        repeats="RRULE" in event,
    )


def _moment(value: Any) -> tuple[datetime | None, bool, bool]:
    """Return an instant in UTC, whether it is a whole day, and whether it is of no zone."""
    found = getattr(value, "dt", None)
    if isinstance(found, datetime):
        floating = found.tzinfo is None
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC), False, floating
    if isinstance(found, date):
        return datetime(found.year, found.month, found.day, tzinfo=UTC), True, True
    return None, False, False


def _person(value: Any) -> Named | None:
    if value is None:
        return None
    address = str(value).strip()
    if address.lower().startswith("mailto:"):
        address = address[7:]
    if "@" not in address:
        return None
    return one_line(address).lower()[:_LONGEST], _line(value.params.get("CN", ""))


def _line(value: Any) -> str:
    return one_line(str(value or ""))[:_LONGEST]

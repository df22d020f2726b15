"""What time it is where a customer is, as their last letter tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import timezone as fixed

from django.utils.translation import gettext as _
from markupsafe import Markup

from deskbell import clock, languages
from deskbell.people.customers import last_clock
from deskbell.people.models import Address
from deskbell.web.words import moment, timed


@dataclass(frozen=True, slots=True)
class TheirClock:
    """A clock that a letter told of.

    utc_offset  minutes east of UTC that it stands at
    told_at     when the letter came
    """

    utc_offset: int
    told_at: datetime

    @property
    def words(self) -> str:
        """What it shows now: "Mon 14:05"; the browser goes on with it."""
        there = clock.now().astimezone(fixed(timedelta(minutes=self.utc_offset)))
        return f"{languages.weekday(there)} {languages.time_of_day(there)}"

    @property
    def source(self) -> Markup:
        """How that is known."""
        hours, minutes = divmod(abs(self.utc_offset), 60)
        zone = f"UTC{'+' if self.utc_offset > 0 else '−'}{hours}" + (
            f":{minutes:02}" if minutes else ""
        )
        day = moment(self.told_at, "day")
        sentence = _("%(zone)s, as their letter of %(day)s says") % {"zone": zone, "day": day}
        return timed(sentence, {day: self.told_at}, "day")


def clock_of(addresses: Iterable[Address]) -> TheirClock | None:
    """Return the clock of who has these addresses, by the letter that came last; None where none told of it."""
    last = last_clock(addresses)
    if last is None or last.utc_offset is None or last.offset_at is None:
        return None
    return TheirClock(last.utc_offset, last.offset_at)

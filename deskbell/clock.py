"""The only way to the time.  Everybody asks here, so that tests can hold the clock.

A law test refuses `datetime.now`, `timezone.now` and `time.time` elsewhere; durations
are measured with `time.monotonic`, which no clock change disturbs.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant: aware, in UTC."""
    return datetime.now(UTC)

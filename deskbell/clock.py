"""The only way to the time.  Everybody asks here, so that tests and seeds can hold the clock.

A law test refuses `datetime.now`, `timezone.now` and `time.time` elsewhere; durations
are measured with `time.monotonic`, which no clock change disturbs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_held: ContextVar[datetime | None] = ContextVar("held", default=None)


def now() -> datetime:
    """Return the present instant: aware, in UTC."""
    return _held.get() or datetime.now(UTC)


@contextmanager
def held(at: datetime) -> Iterator[None]:
    """Let it be `at`, an aware instant, inside the block and in this thread or task only.

    For seeds, whose history must be done at its own times; a law lets nobody else hold the clock of a running desk.
    """
    token = _held.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _held.reset(token)

"""How far a long command has come: percent, rate and time left, on a terminal; nothing where nobody looks."""

from __future__ import annotations

import sys
import time

PAUSE_SECONDS = 0.5


class Progress:
    """Count towards `total` things of the name `what`."""

    def __init__(self, total: int, what: str) -> None:
        self._total, self._what = max(total, 1), what
        self._done = 0
        self._began = self._told = time.monotonic()
        self._is_seen = sys.stderr.isatty()

    def add(self, number: int) -> None:
        """Say that so many more are done; the line is written anew twice a second."""
        self._done += number
        now = time.monotonic()
        if self._is_seen and now - self._told > PAUSE_SECONDS:
            self._told = now
            sys.stderr.write(f"\r\x1b[K{self.line(now - self._began)}")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._is_seen:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def line(self, seconds: float) -> str:
        """Return the line after `seconds` of work."""
        rate = self._done / max(seconds, 0.001)
        left = (self._total - self._done) / rate if rate else 0.0
        percent = 100 * self._done // self._total
        return (
            f"{percent} %, {self._done:,} of {self._total:,} {self._what}, "
            f"{rate:,.0f} a second, {_span(left)} left"
        )


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(max(seconds, 0.0)), 60)
    return f"{minutes}:{rest:02}"

"""Hands letters to relays over SMTP, and tells in one of our codes how it went.

`send` and `a_place_at` are all there is for others (sending.py).  Connections are kept while the
queue is busy; no relay gets more than its share of the threads: one that hangs holds up no other.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from deskbell import clock
from deskbell.channels.mail.relay import Relay
from deskbell.channels.mail.smtp_line import (
    CLOSING,
    PATIENCE,
    Accepted,
    Envelope,
    Line,
    Patience,
    SendFailed,
)

# Letters to one relay at the same time; the rest of the threads stay free for other relays.
MOST_AT_ONCE = 2
# A relay whose every line has been busy for longer is slow: its other letters wait elsewhere.
SLOW_SECONDS = 2.0
# Some relays close after 100 letters or ten silent seconds: we are the first.
MOST_LETTERS_PER_LINE = 90
IDLE_SECONDS = 8.0

# A relay with a rate of its own takes what it was not given for so long at once.
CATCHES_UP_SECONDS = 10.0

# Letters that find no place come back one after another.
FIRST_TURN, BETWEEN_TURNS = timedelta(seconds=2), timedelta(milliseconds=100)
# A relay that is down rests, ever longer, before somebody is sent to look again.
FIRST_REST, LONGEST_REST = timedelta(seconds=15), timedelta(minutes=5)
RELAY_DOWN = frozenset(
    {
        "certificate_not_trusted",
        "connection_refused",
        "dns_lookup_failed",
        "login_needs_tls",
        "login_not_offered",
        "login_refused",
        "permission_missing",
        "encryption_not_offered",
        "network_failed",
        "refused_at_the_door",
        "timed_out",
        "tls_failed",
    }
)


class RelayBusy(Exception):
    """This relay takes no letter now: try again after `pause`.

    reason  why, when it failed a moment ago; relay_busy when its places are merely taken
    """

    def __init__(self, pause: timedelta, reason: str = "relay_busy") -> None:
        super().__init__(reason)
        self.pause = pause
        self.reason = reason


@contextmanager
def a_place_at(relay: Relay) -> Iterator[None]:
    """Hold one of the relay's places while a letter is sent.  Raises RelayBusy."""
    places = _places_of(relay)
    places.take(relay.a_minute)
    try:
        yield
    finally:
        places.give_back()


def send(
    relay: Relay,
    envelope: Envelope,
    *,
    still_waiting: Callable[[], None] = lambda: None,
    patience: Patience | None = None,
) -> Accepted:
    """Hand one letter for one recipient to `relay`, over a line that is kept or a new one.

    still_waiting  called once when the answer after the letter takes long
    Raises SendFailed: permanent when the relay refused this letter for good, else temporary.
    """
    patience = patience or PATIENCE
    try:
        accepted = _send(relay, envelope, still_waiting, patience)
    except SendFailed as failure:
        _places_of(relay).note(failure)
        raise
    _places_of(relay).note(None)
    return accepted


def close_all() -> None:
    """Say goodbye on all idle lines."""
    _lines.close_older_than(0.0)


def _send(
    relay: Relay, envelope: Envelope, still_waiting: Callable[[], None], patience: Patience
) -> Accepted:
    line = _lines.take(relay)
    if line is not None:
        try:
            return _send_over(line, envelope, still_waiting, patience)
        except _WentStale:
            # The relay closed a line that lay idle; nothing of the letter had been given away.
            pass
    line = Line(relay, patience)
    try:
        return _send_over(line, envelope, still_waiting, patience)
    except _WentStale as stale:
        raise stale.failure from None


class _WentStale(Exception):
    """The line was cut before the letter was given away: another one may be tried at once."""

    def __init__(self, failure: SendFailed) -> None:
        super().__init__()
        self.failure = failure


def _send_over(
    line: Line, envelope: Envelope, still_waiting: Callable[[], None], patience: Patience
) -> Accepted:
    """Run one letter over `line`; keep the line when it is still good, else close it."""
    try:
        accepted = line.send(envelope, still_waiting, patience)
    except SendFailed as failure:
        if failure.smtp is None or failure.smtp == CLOSING or not line.reset(patience):
            line.close()
        else:
            _lines.keep(line)
        stale = failure.reason == "connection_lost" or failure.smtp == CLOSING
        if stale and line.was_used and not line.gave_the_letter:
            raise _WentStale(failure) from None
        raise
    except BaseException:
        line.close()
        raise
    _lines.keep(line)
    return accepted


class _Places:
    """The places at one relay, and how it has been doing."""

    def __init__(self) -> None:
        self._free = threading.Semaphore(MOST_AT_ONCE)
        self._rate = threading.Lock()
        self._full_since = 0.0
        self._turned_away = 0
        self._rest = timedelta()
        self._rests_until = datetime.min.replace(tzinfo=UTC)
        self._trouble = ""
        self._next_letter_at = 0.0  # by the clock that never jumps

    def take(self, a_minute: int) -> None:
        """Take a place, waiting a moment when the relay is quick.  Raises RelayBusy.

        a_minute  letters that may begin in a minute; 0 for any number
        """
        rest = self._rests_until - clock.now()
        if rest > timedelta():
            raise RelayBusy(self._turn(rest), self._trouble)
        self._keep_to_the_rate(a_minute)
        if not self._take_soon():
            raise RelayBusy(self._turn(FIRST_TURN))
        self._turned_away = max(0, self._turned_away - 1)
        self._full_since = time.monotonic()

    def give_back(self) -> None:
        self._free.release()

    def _keep_to_the_rate(self, a_minute: int) -> None:
        """Raise RelayBusy while it is too early for the next letter; the first of a quiet time go at once."""
        if not a_minute:
            return
        with self._rate:
            now = time.monotonic()
            # What was not used of the last ten seconds may be made up for: mail comes in heaps.
            earliest = max(self._next_letter_at, now - CATCHES_UP_SECONDS)
            if earliest > now:
                raise RelayBusy(timedelta(seconds=earliest - now))
            self._next_letter_at = earliest + 60 / a_minute

    def note(self, failure: SendFailed | None) -> None:
        """Let the relay rest after it failed as a whole: its next letters would wait in vain."""
        if failure is None or failure.reason not in RELAY_DOWN:
            self._rest = timedelta()
            return
        self._rest = min(max(self._rest * 2, FIRST_REST), LONGEST_REST)
        self._rests_until = clock.now() + self._rest
        self._trouble = failure.reason

    def _take_soon(self) -> bool:
        if self._free.acquire(blocking=False):
            return True
        if time.monotonic() - self._full_since > SLOW_SECONDS:
            return False
        return self._free.acquire(timeout=SLOW_SECONDS)

    def _turn(self, earliest: timedelta) -> timedelta:
        """Return when to come back: each later than the one before, so that a thousand never crowd."""
        self._turned_away += 1
        return earliest + min(self._turned_away * BETWEEN_TURNS, LONGEST_REST)


class _Lines:
    """The idle lines, by relay; a thread of its own hangs up those that nobody uses."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: defaultdict[Relay, list[Line]] = defaultdict(list)
        self._sweeping = False

    def take(self, relay: Relay) -> Line | None:
        with self._lock:
            idle = self._idle.get(relay)
            return idle.pop() if idle else None

    def keep(self, line: Line) -> None:
        if line.letters >= MOST_LETTERS_PER_LINE:
            line.goodbye()
            return
        line.idle_since = time.monotonic()
        with self._lock:
            self._idle[line.relay].append(line)
            start = not self._sweeping
            self._sweeping = True
        if start:
            threading.Thread(target=self._sweep, name="smtp lines", daemon=True).start()

    def close_older_than(self, seconds: float) -> bool:
        """Hang up what has been idle for so long; return whether any line is left."""
        before = time.monotonic() - seconds
        with self._lock:
            old = [
                line for lines in self._idle.values() for line in lines if line.idle_since <= before
            ]
            for line in old:
                self._idle[line.relay].remove(line)
            left = any(self._idle.values())
        for line in old:
            line.goodbye()
        return left

    def _sweep(self) -> None:
        while True:
            time.sleep(1.0)
            self.close_older_than(IDLE_SECONDS)
            with self._lock:
                if not any(self._idle.values()):
                    self._sweeping = False
                    return


_lines = _Lines()
_all_places: dict[Relay, _Places] = {}
_all_places_lock = threading.Lock()


def _places_of(relay: Relay) -> _Places:
    with _all_places_lock:
        return _all_places.setdefault(relay, _Places())

"""How many tickets a query finds, a saved view's or any other, up to a thousand, counted once for all who see the same.

Numbers are kept in this process beside a mark of the newest entry (tickets/counting.py).  Pages show what is known
and never count; a piece that they ask for afterwards counts, each query once a second at most, and one that took long
rests for twenty times as long, so that counting takes a twentieth of one thread at most.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from django.db import connection

from deskbell import access
from deskbell.errors import DeskError
from deskbell.search.tickets import find
from deskbell.tickets import counting

if TYPE_CHECKING:
    from deskbell.access import Sight
    from deskbell.people.actors import Actor

MOST = 1000  # as many are counted; more is more
KEPT = 1000  # numbers kept in a process; the oldest go first
REST_SECONDS = 1.0
REST_FACTOR = 20
PATIENCE_SECONDS = 0.05
# Terms that compare with now change without an entry, so no number is kept longer.
OLDEST_SECONDS = 30.0
# A query that may mean whoever asks, or days in their zone, is counted for each of them.
_ABOUT_ME = re.compile(r"\b(me|my|mine|today|yesterday|tomorrow|\d{4})\b", re.IGNORECASE)

Key = tuple[str, "Sight", int]


@dataclass(frozen=True, slots=True)
class Count:
    """A number, MOST + 1 for more than MOST, and in how many seconds it is worth asking again; None: it stands.

    number  None while nobody has counted
    """

    number: int | None
    again: float | None = None

    @property
    def shown(self) -> str:
        """The number as it is shown, "" for none."""
        if self.number is not None and self.number > MOST:
            return f"{MOST}+"
        return str(self.number or "")


@dataclass(frozen=True, slots=True)
class _Counted:
    number: int
    at: float
    took: float
    is_current: Callable[[], bool]


_lock = Lock()
_kept: OrderedDict[Key, _Counted] = OrderedDict()


def known(query: str, by: Actor) -> str:
    """Return the number that was counted last, "" when none was; nothing is asked of the database."""
    kept = _kept.get(_key(query, by))
    return Count(kept.number).shown if kept else ""


def count(query: str, by: Actor) -> Count:
    """Return how many tickets that `query` finds `by`, an agent, may see; it asks the database a few times at most."""
    if connection.in_atomic_block:
        return Count(
            _counted(query, by).number
        )  # what this transaction did may never have happened
    key = _key(query, by)
    kept = _kept.get(key)
    now = time.monotonic()
    if kept is not None:
        if now - kept.at < OLDEST_SECONDS and kept.is_current():
            return Count(kept.number)
        rest = max(REST_SECONDS, kept.took * REST_FACTOR) - (now - kept.at)
        if rest > 0:
            return Count(kept.number, rest)
    # The pages of all who look ask at the same moment, and one counts; behind a slow one nobody waits.
    if not _lock.acquire(timeout=PATIENCE_SECONDS):
        return Count(kept.number if kept else None, REST_SECONDS)
    try:
        found = _kept.get(key)
        if found is None or found is kept:
            found = _counted(query, by)
            _keep(key, found)
        return Count(found.number)
    finally:
        _lock.release()


def _key(query: str, by: Actor) -> Key:
    asks = (by.id or 0) if _ABOUT_ME.search(query) else 0
    return query, access.sight_of(by), asks


def _keep(key: Key, counted: _Counted) -> None:
    _kept[key] = counted
    _kept.move_to_end(key)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)


def _counted(query: str, by: Actor) -> _Counted:
    began = time.monotonic()
    # The mark first: what happens in between is counted, and counted once more.
    is_current = counting.mark()
    try:
        number = find(by, query).order_by()[: MOST + 1].count()
    except DeskError:  # it names something that is gone; its page says so
        number = 0
    return _Counted(number, began, time.monotonic() - began, is_current)

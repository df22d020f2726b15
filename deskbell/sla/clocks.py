"""The clock of the answer: when it starts, rests, goes on and stops.

`follow` stands in reactions.FOLLOW, first of all, so that what follows finds the clock as it must be.  What has to
follow is decided by pure functions on the state; only a clock that starts asks what the department promises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from deskbell.sla.events import RESTS, ClockStarted, ClockStopped
from deskbell.tickets.actions.acknowledge import FIRST_MESSAGE
from deskbell.tickets.models import Stretch, Ticket

if TYPE_CHECKING:
    from deskbell.tickets.events import Event
    from deskbell.tickets.models import Entry
    from deskbell.tickets.state import Clock, TicketState

FIRST, NEXT = "first_answer", "next_answer"
ANSWERS = frozenset({FIRST, NEXT})

# Somebody waits for an answer of ours.
WAITING = frozenset({"new", "open"})
# Why no clock of an answer runs.
ENDS = {
    "answered": "answered",
    "postponed": "postponed",
    "resolved": "resolved",
    "closed": "resolved",
    "spam": "hidden",
    "deleted": "hidden",
}

# "Soon" is a quarter of the promise, and never more than an hour.
SOON_AT_MOST, SOON_PART = timedelta(hours=1), 4

# These bring back what was before: the customer has waited all the time.
BRING_BACK = frozenset({"ticket.not_spam", "ticket.restored", "ticket.unmerged", "act.undone"})
# Whoever changes one of these leaves a customer waiting from now on, if one waits.
CAME_TO_WAIT = frozenset({"status", "customer_id", "opened_aside"})
# As far back is looked for the moment since when somebody waits.
MOST_STRETCHES = 200


@dataclass(frozen=True, slots=True)
class Promise:
    """A department answers within so many minutes, around the clock."""

    department_id: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Change:
    """What happened, as far as clocks have to know.

    at        when
    moved     the ticket lies in another department now, or the department promises something else
    answered  an agent answered, though the ticket goes on waiting
    """

    at: datetime
    moved: bool = False
    answered: bool = False


Asked = Callable[[], Promise | None]
Since = Callable[[], datetime]


def follow(entry: Entry, state: TicketState) -> list[Event]:
    """Return what becomes of the clock of the answer after `entry`, which led to `state`."""
    if entry.kind.startswith("clock."):
        return []
    change = Change(
        at=entry.at,
        moved="department_id" in entry.before,
        answered=entry.kind in {"message.replied", "message.sent_on"} and entry.by_kind == "agent",
    )
    return what_follows(
        state,
        change,
        promise=lambda: promise_of(entry.ticket),
        since=lambda: _since(entry),
    )


def what_follows(
    state: TicketState, change: Change, *, promise: Asked, since: Since
) -> list[Event]:
    """Return the events that bring the clock of the answer in line with `state`.  Pure but for what it asks.

    promise  what the ticket's department promises now; asked only where it matters
    since    since when the customer waits; asked only for a clock that starts
    """
    clock = answer_clock(state)
    if not waits(state):
        return [] if clock is None else _halted(clock, state, change.at)
    if clock is None:
        return _started(FIRST if state.status == "new" else NEXT, promise(), since)
    if clock.rests:
        return _gone_on(clock, promise(), change.at)
    if change.answered:
        stopped = _stopped(clock, "answered", change.at)
        return [stopped, *_started(NEXT, promise(), lambda: change.at)]
    return _moved(clock, promise(), change.at) if change.moved else []


def answer_clock(state: TicketState) -> Clock | None:
    """Return the clock of the answer, running or at rest; None while nobody waits under a promise."""
    return next((one for one in state.clocks if one.kind in ANSWERS), None)


def waits(state: TicketState) -> bool:
    """Return whether a customer waits for an answer; before the first message that is not known."""
    return (
        state.status in WAITING
        and not state.opened_aside
        and state.customer_id is not None
        and state.step >= FIRST_MESSAGE
        and state.merged_into_id is None
        and state.purged_at is None
    )


def promise_of(ticket: Ticket) -> Promise | None:
    """Return what the department of `ticket` promises; None for nothing."""
    minutes = ticket.department.answer_within_minutes
    return None if minutes is None else Promise(ticket.department_id, minutes)


def waiting_since(ticket_id: int, at: datetime) -> datetime:
    """Return since when the ticket waits for an answer without a break; `at` when it does not.

    What was called spam or thrown away for a while has waited all the time, also when that was at the door.
    """
    found = before = at
    stretches = Stretch.objects.filter(ticket=ticket_id).order_by("-id")
    for status, since in stretches.values_list("status", "since")[:MOST_STRETCHES]:
        if ENDS.get(status) == "hidden":
            before = since
        elif status in WAITING:
            found = before = since
        else:
            return found
    return before


def _since(entry: Entry) -> datetime:
    """Return since when the customer waits whom `entry` leaves waiting."""
    if entry.kind == "ticket.absorbed":
        return waiting_since(entry.data["source_id"], entry.at)
    came = entry.step <= FIRST_MESSAGE or entry.before.keys() & CAME_TO_WAIT
    if came and entry.kind not in BRING_BACK:
        return entry.occurred_at or entry.at
    return waiting_since(entry.ticket_id, entry.at)


def _started(kind: str, promise: Promise | None, since: Since) -> list[Event]:
    if promise is None:
        return []
    began = since()
    due_at = began + timedelta(minutes=promise.minutes)
    return [_running(kind, promise, since=began, due_at=due_at)]


def _gone_on(clock: Clock, promise: Promise | None, at: datetime) -> list[Event]:
    """Go on with what was left; hidden and merged tickets were due all the time."""
    if promise is None:
        return [_stopped(clock, "no_promise", at)]
    more = _more(clock, promise)
    due_at = _due_at(clock, at) + more
    return [_running(clock.kind, promise, since=clock.since, due_at=due_at, goes_on=not more)]


def _moved(clock: Clock, promise: Promise | None, at: datetime) -> list[Event]:
    """Work out the due time anew, from the same moment on; what was not counted stays so."""
    if promise is None:
        return [_stopped(clock, "no_promise", at)]
    more = _more(clock, promise)
    due_at = _due_at(clock, at) + more
    return [_running(clock.kind, promise, since=clock.since, due_at=due_at)] if more else []


def _halted(clock: Clock, state: TicketState, at: datetime) -> list[Event]:
    reason = _why_not(state)
    if clock.rests and reason in RESTS:
        return []
    return [_stopped(clock, reason, at)]


def _why_not(state: TicketState) -> str:
    if state.merged_into_id is not None:
        return "merged"
    return ENDS.get(state.status, "hidden" if state.purged_at else "answered")


def _running(
    kind: str, promise: Promise, *, since: datetime, due_at: datetime, goes_on: bool = False
) -> ClockStarted:
    return ClockStarted(
        clock=kind,
        since=since,
        due_at=due_at,
        warns_at=due_at - soon(promise.minutes),
        minutes=promise.minutes,
        department_id=promise.department_id,
        goes_on=goes_on,
    )


def soon(minutes: int) -> timedelta:
    """Return how long before its due time a clock of so many minutes is due soon."""
    return min(SOON_AT_MOST, timedelta(minutes=minutes) / SOON_PART)


def _stopped(clock: Clock, reason: str, at: datetime) -> ClockStopped:
    left = round((_due_at(clock, at) - at).total_seconds())
    return ClockStopped(clock=clock.kind, reason=reason, left_seconds=left)


def _due_at(clock: Clock, at: datetime) -> datetime:
    """Return when it is due, if it goes on at `at`."""
    return clock.due_at or at + timedelta(seconds=clock.left_seconds or 0)


def _more(clock: Clock, promise: Promise) -> timedelta:
    return timedelta(minutes=promise.minutes - clock.minutes)

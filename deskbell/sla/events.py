"""What clocks leave on the timeline: started, stopped, warned.

Each holds the due time that was worked out and all that it was worked out from, so that replay reads no settings and a
page can say why.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import Clock, TicketState

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# A clock that stops for one of these rests, and goes on afterwards; for anything else it is over.
RESTS = frozenset({"postponed", "hidden", "merged"})
WRITES = ("clocks", "due_at", "warns_at")

_STOPPED: dict[str, _StrPromise] = {
    "resolved": _("The time for an answer ended with the resolution"),
    "postponed": _("The time for an answer stands still"),
    "hidden": _("The time for an answer is not watched meanwhile"),
    "merged": _("The time for an answer is watched there"),
    "no_promise": _("No time for an answer is promised any more"),
}


@event("clock.started", v=1, writes=WRITES)
class ClockStarted(Event):
    """A clock runs, anew or with another due time; it takes the place of one of the same kind.

    clock          first_answer or next_answer
    since          since when the customer waits
    minutes        how many the department promises
    department_id  which department that is
    goes_on        whether it goes on after a rest: what it has warned of it does not warn of again
    """

    clock: str
    since: datetime
    due_at: datetime
    warns_at: datetime
    minutes: int
    department_id: int
    goes_on: bool = False
    refs: ClassVar[dict[str, tuple[str, str]]] = {"due": ("due_at", "moment")}
    can_be_undone = True

    @override
    def words(self) -> str | _StrPromise:
        """Return the sentence that tells when it is due."""
        if self.clock == "first_answer":
            return _("The first answer is due {due}")
        return _("The next answer is due {due}")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the clock running."""
        earlier = next((one for one in state.clocks if one.kind == self.clock), None)
        started = Clock(
            kind=self.clock,
            since=self.since,
            due_at=self.due_at,
            warns_at=self.warns_at,
            minutes=self.minutes,
            department_id=self.department_id,
            step=happened.step,
            warned_step=earlier.warned_step if earlier and self.goes_on else None,
        )
        others = (one for one in state.clocks if one is not earlier)
        return state.with_clocks((*others, started))


@event("clock.stopped", v=1, writes=WRITES)
class ClockStopped(Event):
    """A clock runs no more.

    reason        answered, resolved, postponed, hidden, merged or no_promise
    left_seconds  what was left of it; less than 0 when it was late
    """

    clock: str
    reason: str
    left_seconds: int
    can_be_undone = True

    @override
    def words(self) -> str | _StrPromise:
        """Return the sentence; an answer says whether it kept the promise."""
        if self.reason in _STOPPED:
            return _STOPPED[self.reason]
        return _("The answer came late") if self.left_seconds < 0 else _("The answer came in time")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state without the clock, or with it at rest; in Postponed, time is not counted."""
        clocks = []
        for one in state.clocks:
            if one.kind != self.clock:
                clocks.append(one)
            elif self.reason == "postponed":
                left = self.left_seconds
                clocks.append(
                    replace(one, rests=self.reason, due_at=None, warns_at=None, left_seconds=left)
                )
            elif self.reason in RESTS:
                clocks.append(replace(one, rests=self.reason))
        return state.with_clocks(tuple(clocks))


@event("clock.warned", v=1, writes=WRITES)
class ClockWarned(Event):
    """A running clock is due soon."""

    clock: str
    due_at: datetime
    sentence = _("Due soon: {due}")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"due": ("due_at", "moment")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state that remembers it."""
        clocks = tuple(
            replace(one, warned_step=happened.step) if one.kind == self.clock else one
            for one in state.clocks
        )
        return state.with_clocks(clocks)

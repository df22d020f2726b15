"""The whole process has ended, and what was learned is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access, clock
from deskbell.people.actors import CLOCK
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.actions.resolve import TicketResolved
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.messages import keep_words
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.state import TicketState, state_of

if TYPE_CHECKING:
    from deskbell.people.actors import Actor


@event("ticket.closed", v=1, writes=("status", "closed_at", "closes_at"))
class TicketClosed(Event):
    """The end.  The numbers are those of the texts that document it; None where nothing was written."""

    solution_id: int | None = None
    root_cause_id: int | None = None
    lessons_id: int | None = None
    sentence = _("{by} closed the ticket")
    texts = ("solution_id", "root_cause_id", "lessons_id")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state closed."""
        return state.but(status="closed", closed_at=happened.at, closes_at=None)


@timeline.action
def close(
    ticket: Ticket, *, by: Actor, solution: str = "", root_cause: str = "", lessons: str = ""
) -> Entry:
    """End the ticket, resolving it silently on the way where that has not been done.

    Raises NotAllowed, WrongStatus.
    """
    access.require(by, "close", ticket)
    lifecycle.require("close", ticket, by)
    closed = TicketClosed(
        solution_id=keep_words(solution),
        root_cause_id=keep_words(root_cause),
        lessons_id=keep_words(lessons),
    )
    if ticket.status == "resolved":
        return timeline.record(ticket, closed, by=by)
    access.require(by, "resolve", ticket)
    resolved = timeline.record(ticket, TicketResolved(silent=True), by=by)
    with timeline.caused_by(resolved):
        return timeline.record(ticket, closed, by=by)


def close_when_due() -> int:
    """Close all tickets whose time in Resolved has run out; return how many.  The timetable calls it."""
    due = Ticket.objects.filter(
        status="resolved", closes_at__lte=clock.now(), merged_into=None
    ).order_by("closes_at")
    return sum(_close_if_still_due(ticket) for ticket in list(due))


@timeline.action
def _close_if_still_due(ticket: Ticket) -> bool:
    """Look again under the lock: the customer may have been faster."""
    if ticket.status != "resolved" or ticket.closes_at is None or ticket.closes_at > clock.now():
        return False
    if ticket.merged_into_id is not None:
        return False
    because = Entry.objects.get(ticket=ticket, step=state_of(ticket).resolved_step or 0)
    with timeline.caused_by(because):
        close(ticket, by=CLOCK)
    return True

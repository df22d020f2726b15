"""Says "due soon", once for each clock; the timetable calls it every minute, notices tell whom it concerns."""

from __future__ import annotations

from deskbell import clock
from deskbell.people.actors import CLOCK
from deskbell.sla.events import ClockWarned
from deskbell.tickets import timeline
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.state import state_of

# As many in one go: after a stop of hours there may be thousands, and the next minute takes the others.
MOST_AT_ONCE = 1000


def warn_when_due() -> int:
    """Warn of all clocks that are due soon; return how many tickets those are."""
    due = Ticket.objects.filter(warns_at__lte=clock.now()).order_by("warns_at")
    return sum(_warn_if_still_due(ticket) for ticket in list(due[:MOST_AT_ONCE]))


@timeline.action
def _warn_if_still_due(ticket: Ticket) -> bool:
    """Look again under the lock: the customer may have been answered meanwhile."""
    now = clock.now()
    due = [
        one
        for one in state_of(ticket).clocks
        if not one.rests and one.warned_step is None and one.warns_at and one.warns_at <= now
    ]
    for one in due:
        assert one.due_at is not None
        with timeline.caused_by(Entry.objects.get(ticket=ticket, step=one.step)):
            timeline.record(ticket, ClockWarned(clock=one.kind, due_at=one.due_at), by=CLOCK)
    return bool(due)

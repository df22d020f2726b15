"""The work is done; the customer is asked next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.database.prepared import Prepared
from deskbell.people.models import Department
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import RESOLVES, TicketState, state_of

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket


@event(
    "ticket.resolved",
    v=1,
    writes=RESOLVES,
)
class TicketResolved(Event):
    """The work is done.

    silent     nobody is told
    closes_at  when the clock will close it, by the department's days at this moment; None is never
    """

    silent: bool = False
    closes_at: datetime | None = None
    sentence = _("{by} resolved the ticket")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state resolved."""
        return state.resolved(happened.by, happened.at, happened.step, self.closes_at)


@timeline.action
def resolve(ticket: Ticket, *, by: Actor, silent: bool = False) -> Entry:
    """Say that the work is done.  Raises NotAllowed, WrongStatus."""
    access.require(by, "resolve", ticket)
    lifecycle.require("resolve", ticket, by)
    return timeline.record(
        ticket, TicketResolved(silent=silent, closes_at=_closes_at(ticket)), by=by
    )


def _closes_at(ticket: Ticket) -> datetime | None:
    [days] = _days(ticket.department_id)
    return None if days is None else timeline.next_moment(state_of(ticket)) + timedelta(days=days)


# Asked for each ticket of a sweep.
_days = Prepared(
    lambda department: Department.objects.filter(pk=department).values_list(
        "close_after_days", flat=True
    )
)

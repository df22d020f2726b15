"""A resolved or closed ticket is taken up again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access, clock
from deskbell.errors import NotAllowed
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import UNRESOLVES, TicketState

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket


@event(
    "ticket.reopened",
    v=1,
    writes=(*UNRESOLVES, "assignee_id"),
)
class TicketReopened(Event):
    """It is open again; an agent who reopens becomes the assignee, a customer leaves that as it was."""

    agent_id: int | None = None
    sentence = _("{by} reopened the ticket")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state open."""
        opened = state.unresolved("open").but(last_activity_at=happened.at)
        return opened if self.agent_id is None else opened.but(assignee_id=self.agent_id)


@timeline.action
def reopen(ticket: Ticket, *, by: Actor) -> Entry:
    """Take the ticket up again.  Raises NotAllowed (a customer after the department's time), WrongStatus."""
    access.require(by, "reopen", ticket)
    lifecycle.require("reopen", ticket, by)
    if by.kind == "customer" and not is_in_time(ticket):
        raise NotAllowed(action="reopen")
    return timeline.record(ticket, TicketReopened(agent_id=by.id if by.is_agent else None), by=by)


def is_in_time(ticket: Ticket) -> bool:
    """Return whether its customer may still reopen it: always what is not closed, else for the department's days."""
    if ticket.closed_at is None:
        return True
    return clock.now() - ticket.closed_at <= timedelta(days=ticket.department.reopen_days)

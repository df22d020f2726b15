"""A ticket rests until a moment, and comes back by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access, clock
from deskbell.errors import BadInput
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket


# A slip of the keyboard in the year would put a ticket where nobody looks for it again.
FARTHEST = timedelta(days=3653)


@event("ticket.postponed", v=1, writes=("status", "postponed_until", "was_new"))
class TicketPostponed(Event):
    """It rests.

    until  when it comes back, aware UTC
    """

    until: datetime
    sentence = _("{by} postponed it until {until}")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"until": ("until", "moment")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state postponed, which remembers whether it was New."""
        was_new = state.was_new if state.status == "postponed" else state.status == "new"
        return state.but(status="postponed", postponed_until=self.until, was_new=was_new)


@timeline.action
def postpone(ticket: Ticket, until: datetime, *, by: Actor) -> Entry:
    """Let the ticket rest until `until`, an aware moment that lies ahead.

    Raises NotAllowed, WrongStatus, BadInput.
    """
    access.require(by, "postpone", ticket)
    lifecycle.require("postpone", ticket, by)
    require_ahead(until)
    return timeline.record(ticket, TicketPostponed(until=until), by=by)


def require_ahead(until: datetime, field: str = "until") -> None:
    """Raise BadInput for a moment that has passed, or that nobody will see.

    field  what asked for it
    """
    if until <= clock.now():
        raise BadInput(field, _("Choose a moment that lies ahead."))
    if until > clock.now() + FARTHEST:
        raise BadInput(field, _("Choose a moment within the next ten years."))

"""A ticket goes back to its department because its agent cannot see to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import TicketState

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket

Reason = Literal["away", "no_reaction", "left"]

SENTENCES: dict[str, str | _StrPromise] = {
    "away": _("{by} gave it back: {agent} is away"),
    "no_reaction": _("{by} gave it back: {agent} did not react"),
    "left": _("{by} gave it back: {agent} no longer works here"),
}


@event("ticket.given_back", v=1, writes=("assignee_id",))
class TicketGivenBack(Event):
    """It was taken off an agent's hands.

    reason  away, no_reaction or left
    """

    agent_id: int
    reason: str
    sentence = _("{by} gave it back for {agent}")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"agent": ("agent_id", "agent")}
    can_be_undone = True

    @override
    def words(self) -> str | _StrPromise:
        """Return the sentence of this reason."""
        return SENTENCES.get(self.reason, self.sentence)

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state without an assignee."""
        return state.but(assignee_id=None)


@timeline.action
def give_back(ticket: Ticket, *, by: Actor, reason: Reason) -> Entry | None:
    """Take the ticket off its agent's hands.  Returns None when nobody has it.

    Raises NotAllowed, WrongStatus.
    """
    access.require(by, "give_back", ticket)
    lifecycle.require("give_back", ticket, by)
    if ticket.assignee_id is None:
        return None
    return timeline.record(
        ticket, TicketGivenBack(agent_id=ticket.assignee_id, reason=reason), by=by
    )

"""An agent says that somebody who wrote into a ticket belongs there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import TicketState, state_of

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.people.models import Address
    from deskbell.tickets.models import Entry, Ticket


@event("participant.accepted", v=1, writes=("participants",))
class ParticipantAccepted(Event):
    """The new sender may be written to."""

    address_id: int
    sentence = _("{by} accepted {address} as a participant")
    can_be_undone = True
    refs: ClassVar[dict[str, tuple[str, str]]] = {"address": ("address_id", "address")}

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the participant accepted."""
        return state.but(
            participants=tuple(
                replace(party, accepted=True, role="cc")
                if party.address_id == self.address_id
                else party
                for party in state.participants
            )
        )


@timeline.action
def accept_sender(ticket: Ticket, address: Address, *, by: Actor) -> Entry | None:
    """Accept the new sender of this address.  Returns None when they were accepted before.

    Raises NotAllowed, WrongStatus, BadInput for somebody who takes no part.
    """
    access.require(by, "accept_sender", ticket)
    lifecycle.require("accept_sender", ticket, by)
    party = state_of(ticket).party(address.pk)
    if party is None:
        raise BadInput("address", _("This address takes no part in the ticket."))
    if party.accepted:
        return None
    return timeline.record(ticket, ParticipantAccepted(address_id=address.pk), by=by)

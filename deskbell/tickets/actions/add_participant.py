"""Somebody takes part in a ticket from now on, or no longer does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Entry
from deskbell.tickets.state import Party, TicketState, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deskbell.people.actors import Actor
    from deskbell.people.models import Address
    from deskbell.tickets.models import Ticket


@event("participant.added", v=1, writes=("participants",))
class ParticipantAdded(Event):
    """Is copied in on what is answered."""

    address_id: int
    sentence = _("{by} added {address} as a participant")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"address": ("address_id", "address")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with them."""
        others = tuple(one for one in state.participants if one.address_id != self.address_id)
        party = Party(self.address_id, "cc", happened.step, accepted=True)
        return state.but(participants=(*others, party))


@event("participant.removed", v=1, writes=("participants",))
class ParticipantRemoved(Event):
    """Is sent nothing more."""

    address_id: int
    sentence = _("{by} took {address} off the ticket")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"address": ("address_id", "address")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state without them."""
        others = (one for one in state.participants if one.address_id != self.address_id)
        return state.but(participants=tuple(others))


@timeline.action
def add_participant(ticket: Ticket, address: Address, *, by: Actor) -> Entry | None:
    """Let `address` take part, copied in.  Returns None when it does already and is accepted.

    Raises NotAllowed, WrongStatus.
    """
    access.require(by, "add_participant", ticket)
    lifecycle.require("add_participant", ticket, by)
    party = state_of(ticket).party(address.pk)
    if party is not None and party.accepted:
        return None
    return timeline.record(ticket, ParticipantAdded(address_id=address.pk), by=by)


def join(ticket: Ticket, addresses: Sequence[Address], *, by: Actor) -> None:
    """Let whom a participant named in a letter take part, copied in; in the caller's transaction, the ticket locked.

    Whom an agent took off the ticket stays off it until an agent says otherwise: programs name them again and again.
    """
    state = state_of(ticket)
    parties = (state.party(one.pk) for one in addresses)
    fresh = [
        one
        for one, party in zip(addresses, parties, strict=True)
        if party is None or not party.accepted
    ]
    if not fresh:
        return
    removed = Entry.objects.filter(ticket=ticket, kind="participant.removed")
    taken_off = {data["address_id"] for data in removed.values_list("data", flat=True)}
    for one in fresh:
        if one.pk not in taken_off:
            timeline.record(ticket, ParticipantAdded(address_id=one.pk), by=by)


@timeline.action
def remove_participant(ticket: Ticket, address: Address, *, by: Actor) -> Entry | None:
    """Let `address` take part no longer.  Returns None when it does not.

    Raises NotAllowed, WrongStatus, BadInput for the customer, who is changed instead.
    """
    access.require(by, "remove_participant", ticket)
    lifecycle.require("remove_participant", ticket, by)
    party = state_of(ticket).party(address.pk)
    if party is None:
        return None
    if party.role == "customer":
        raise BadInput("address", _("This is the customer. Change the customer instead."))
    return timeline.record(ticket, ParticipantRemoved(address_id=address.pk), by=by)

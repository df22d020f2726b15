"""A ticket turns out to be somebody else's concern."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.people.customers import survivor
from deskbell.people.models import Address
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import Party, TicketState, state_of

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket


@event("customer.changed", v=1, writes=("customer_id", "participants"))
class CustomerChanged(Event):
    """Whose ticket it is from now on, and at which address; who it was before takes part no longer."""

    customer_id: int
    address_id: int
    sentence = _("{by} made it a ticket of {address}")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"address": ("address_id", "address")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as a ticket of this customer."""
        others = tuple(
            party
            for party in state.participants
            if party.role != "customer" and party.address_id != self.address_id
        )
        customer = Party(self.address_id, "customer", happened.step, accepted=True)
        return state.but(customer_id=self.customer_id, participants=(customer, *others))


@timeline.action
def change_customer(ticket: Ticket, address: Address, *, by: Actor) -> Entry | None:
    """Make it a ticket of the customer at `address`.  Returns None when it is one already.

    The customer before is sent nothing more and no longer sees it.  Raises NotAllowed, WrongStatus.
    """
    access.require(by, "change_customer", ticket)
    lifecycle.require("change_customer", ticket, by)
    customer = survivor(address.customer)
    party = state_of(ticket).customer_party
    if ticket.customer_id == customer.pk and party and party.address_id == address.pk:
        return None
    return timeline.record(
        ticket, CustomerChanged(customer_id=customer.pk, address_id=address.pk), by=by
    )

"""Somebody whose link has run out or was cut has their page mailed anew."""

from __future__ import annotations

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


@event("portal.asked_for", v=1)
class PortalAskedFor(Event):
    """A fresh link goes to this address, by a letter of its own (channels/mail/outbox.py)."""

    address_id: int
    sentence = _("{by} had the link to their page sent to {address} once more")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"address": ("address_id", "address")}

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as it was: a link changes nothing."""
        return state


@timeline.action
def ask_for_portal(ticket: Ticket, address: Address, *, by: Actor) -> Entry:
    """Have the link to the page of `address` mailed there once more.

    Raises NotAllowed, WrongStatus, BadInput for somebody who takes no part or was not accepted.
    """
    access.require(by, "ask_for_portal", ticket)
    lifecycle.require("ask_for_portal", ticket, by)
    party = state_of(ticket).party(address.pk)
    if party is None or not party.accepted:
        raise BadInput("address", _("This address takes no part in the ticket."))
    return timeline.record(ticket, PortalAskedFor(address_id=address.pk), by=by)

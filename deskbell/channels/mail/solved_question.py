"""Whose question "is it solved?" is: the customer's to whom it was written, and nobody's once the ticket is another's.

Asked when the letter is about to leave (sending.py), and by the page behind its buttons (web/public/solved.py).
"""

from __future__ import annotations

from deskbell.channels.mail.models import Delivery
from deskbell.people.models import Address
from deskbell.tickets.models import Ticket
from deskbell.tickets.state import TicketState, state_of


def is_theirs(delivery: Delivery, state: TicketState) -> bool:
    """Return whether the customer of the ticket, as it is now, is whom this question was written to."""
    party = state.customer_party
    if party is None:
        return False
    address = Address.objects.filter(pk=party.address_id).values_list("value", flat=True).first()
    return (address or "").lower() == delivery.address.lower()


def is_still_theirs(ticket: Ticket, step: int) -> bool:
    """Return whether the question about the resolution at `step` is still the customer's; one that never left is."""
    asked = Delivery.objects.filter(
        ticket=ticket, purpose=Delivery.Purpose.ASK_IF_SOLVED, entry_step=step
    ).first()
    return asked is None or is_theirs(asked, state_of(ticket))

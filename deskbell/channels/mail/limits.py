"""How many letters leave for a customer that nobody wrote: two machines that answer each other come to an end here.

The numbers a desk begins with are far above what a person brings about, and far below what anybody would call a flood;
it may set its own (precautions.py).
"""

from __future__ import annotations

from datetime import timedelta

from deskbell import clock
from deskbell.channels.mail import precautions
from deskbell.channels.mail.models import Delivery
from deskbell.tickets.models import Ticket

# What acknowledgements to one address, and letters of the desk about one ticket, are counted over.
IN_A_DAY, IN_AN_HOUR = timedelta(days=1), timedelta(hours=1)

AUTOMATIC = (Delivery.Purpose.ACKNOWLEDGEMENT, Delivery.Purpose.ASK_IF_SOLVED)


def may_acknowledge(ticket: Ticket, address: str) -> bool:
    """Whether one more acknowledgement may go to `address`, about `ticket`.  Those that were held back count too."""
    to_sender = Delivery.objects.filter(
        purpose=Delivery.Purpose.ACKNOWLEDGEMENT,
        address=address,
        hold_until__gt=clock.now() - IN_A_DAY,
    )
    return to_sender.count() < precautions.current().to_a_sender and may_write_about(ticket)


def may_write_about(ticket: Ticket) -> bool:
    """Whether the desk may write one more letter about `ticket` by itself."""
    on_ticket = Delivery.objects.filter(
        ticket=ticket, purpose__in=AUTOMATIC, hold_until__gt=clock.now() - IN_AN_HOUR
    )
    return on_ticket.count() < precautions.current().on_a_ticket

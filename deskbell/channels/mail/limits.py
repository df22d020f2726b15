"""How many letters leave for a customer that nobody wrote: two machines that answer each other come to an end here.

The numbers are far above what a person brings about, and far below what anybody would call a flood.
"""

from __future__ import annotations

from datetime import timedelta

from deskbell import clock
from deskbell.channels.mail.models import Delivery
from deskbell.tickets.models import Ticket

# Acknowledgements to one address, and letters of the desk about one ticket.
TO_A_SENDER, IN_A_DAY = 20, timedelta(days=1)
ON_A_TICKET, IN_AN_HOUR = 5, timedelta(hours=1)

AUTOMATIC = (Delivery.Purpose.ACKNOWLEDGEMENT, Delivery.Purpose.ASK_IF_SOLVED)


def may_acknowledge(ticket: Ticket, address: str) -> bool:
    """Whether one more acknowledgement may go to `address`, about `ticket`.  Those that were held back count too."""
    now = clock.now()
    to_sender = Delivery.objects.filter(
        purpose=Delivery.Purpose.ACKNOWLEDGEMENT, address=address, hold_until__gt=now - IN_A_DAY
    )
    on_ticket = Delivery.objects.filter(
        ticket=ticket, purpose__in=AUTOMATIC, hold_until__gt=now - IN_AN_HOUR
    )
    return to_sender.count() < TO_A_SENDER and on_ticket.count() < ON_A_TICKET

"""The acknowledgement: a customer whose letter opened a ticket is told once that it has come, with the code.

`acknowledge` stands in reactions.py.  Whether a machine may answer the letter was judged when it was read
(screen.py); here it is asked what the department wants, and whether somebody was quicker.
"""

from __future__ import annotations

import structlog

from deskbell import clock
from deskbell.channels.mail import complaints, ids, limits, outbox
from deskbell.channels.mail.models import Delivery, Letter
from deskbell.people.actors import CLOCK
from deskbell.people.models import Address
from deskbell.tickets.actions.acknowledge import FIRST_MESSAGE, mark_acknowledged
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.state import state_of

log = structlog.get_logger(__name__)


def acknowledge(entry: Entry, ticket: Ticket) -> None:
    """Tell the customer that the letter has come which `entry` put on its new ticket.

    1. Look whether it is a customer's first letter, or makes one of what was called spam, which a machine may answer.
    2. Look whether the department wants it, and nobody has answered yet.
    3. Find the address that they wrote from, and look whether it has had enough of these.
    4. Write the letter, held as an answer is, and note it on the ticket.
    """
    if not _is_first_letter(entry) or not _is_still_to_be_told(ticket):
        return
    party = state_of(ticket).customer_party
    address = Address.objects.filter(pk=party.address_id, kind="mail").first() if party else None
    if address is None or _is_not_to_be_written_to(address):
        return
    if not limits.may_acknowledge(ticket, address.value):
        log.warning("mail.not_acknowledged", ticket=ticket.pk, reason="too_many")
        return
    box = outbox.box_for(ticket)
    delivery = Delivery(
        ticket=ticket,
        purpose=Delivery.Purpose.ACKNOWLEDGEMENT,
        address=address.value,
        name=address.name or address.customer.name,
        sender=box,
        rfc_message_id=ids.question_id_for(
            ticket.pk, entry.step, domain=ids.domain_of(box.address) if box else ""
        ),
        entry_step=entry.step,
    )
    outbox.write(delivery, at=clock.now())
    mark_acknowledged(ticket, delivery_id=delivery.pk, by=CLOCK)


def unwanted_because(ticket: Ticket) -> str:
    """Return why an acknowledgement should not leave any more, as a code; "" when it should."""
    return "" if _is_still_to_be_told(ticket) else "answered_first"


def _is_not_to_be_written_to(address: Address) -> bool:
    return (
        address.bad_since is not None
        or outbox.is_own(address.value)
        or complaints.has_complained(address.value)
    )


def _is_first_letter(entry: Entry) -> bool:
    first = _first_untold(entry.ticket_id) if entry.kind == "ticket.not_spam" else entry
    if first is None or first.kind != "message.received" or first.step != FIRST_MESSAGE:
        return False
    # Only what came by mail has one: what is imported, seeded, logged or sent to the API is never acknowledged.
    letter = Letter.objects.filter(message=first.data["message_id"]).order_by("id").first()
    # What was judged spam at the door was told nothing; now it is somebody's letter.
    is_one = letter is not None and letter.what in (Letter.What.LETTER, Letter.What.SPAM)
    return letter is not None and is_one and not letter.mute


def _first_untold(ticket_id: int) -> Entry | None:
    """Return the entry of the first message of a ticket whose customer was told nothing yet."""
    entries = Entry.objects.filter(ticket=ticket_id)
    if entries.filter(kind="ticket.acknowledged").exists():
        return None
    return entries.filter(step=FIRST_MESSAGE).first()


def _is_still_to_be_told(ticket: Ticket) -> bool:
    """Whether the department wants it, and the customer waits for a word."""
    waits = ticket.status in {"new", "open", "postponed"} and ticket.merged_into_id is None
    if not waits or not ticket.department.acknowledges:
        return False
    return not ticket.messages.filter(kind=Message.Kind.REPLY, taken_back_at=None).exists()

"""A customer wants to be forgotten: what they said on a ticket is blanked, for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.people.models import Address
from deskbell.tickets import blanking, drafts, lifecycle, timeline
from deskbell.tickets.actions.rate import RATED
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.state import TicketState, state_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from deskbell.people.actors import Actor
    from deskbell.people.models import Customer


@event("customer.erased", v=1, writes=("participants", "description_id"))
class CustomerErased(Event):
    """A customer was forgotten here.

    addresses  theirs, which take part no longer
    whole      the ticket was theirs: everything that was said on it is gone, else what they wrote
    """

    customer_id: int
    addresses: tuple[int, ...]
    messages: tuple[int, ...]
    whole: bool
    sentence = _("{by} erased a customer and what they had written")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state without their addresses."""
        others = (one for one in state.participants if one.address_id not in self.addresses)
        description = None if self.whole else state.description_id
        return state.but(participants=tuple(others), description_id=description)


@timeline.action
def erase(ticket: Ticket, customer: Customer, *, by: Actor) -> Entry | None:
    """Blank what `customer` wrote on the ticket; all of it where the ticket is theirs.

    tickets/erasure.py calls it for every ticket of a customer.  Returns None when they were forgotten here before and
    nothing of theirs came since.  Raises NotAllowed.
    """
    access.require(by, "erase", ticket)
    lifecycle.require("erase", ticket, by)
    addresses = list(Address.objects.filter(customer=customer).order_by("pk"))
    whole = ticket.customer_id == customer.pk
    said = Message.objects.filter(ticket=ticket)
    if _is_done(ticket, customer, addresses, whole=whole):
        return None
    blanking.hold_words([ticket.pk])
    theirs = list((said if whole else said.filter(address__in=addresses)).order_by("pk"))
    blanking.blank_messages(theirs)
    blanking.recipients(addresses).filter(message__ticket=ticket).delete()
    blanking.forget_facts(ticket.pk, addresses)
    blanking.blank_texts(blanking.named_in(_rated_by(ticket, customer)))
    if whole:
        drafts.forget_on([ticket.pk])
        blanking.blank_texts(blanking.text_ids([ticket.pk]))
    return timeline.record(
        ticket,
        CustomerErased(
            customer_id=customer.pk,
            addresses=tuple(address.pk for address in addresses),
            messages=tuple(message.pk for message in theirs),
            whole=whole,
        ),
        by=by,
    )


def _rated_by(ticket: Ticket, customer: Customer) -> QuerySet[Entry]:
    """Return where they rated, though it be another customer's ticket by now."""
    return Entry.objects.filter(
        ticket=ticket, kind__in=RATED, by_kind="customer", by_id=customer.pk
    )


def _is_done(ticket: Ticket, customer: Customer, addresses: list[Address], *, whole: bool) -> bool:
    """Whether an entry says so already, and they have taken part in nothing since."""
    entries = Entry.objects.filter(ticket=ticket, kind="customer.erased")
    last = entries.filter(data__customer_id=customer.pk).order_by("-step").first()
    if last is None or last.data["whole"] != whole:
        return False
    numbers = {address.pk for address in addresses}
    if any(party.address_id in numbers for party in state_of(ticket).participants):
        return False
    said = Message.objects.filter(ticket=ticket, address__in=numbers, text__redacted_at=None)
    named = blanking.recipients(addresses).filter(message__ticket=ticket)
    return not said.exists() and not named.exists()

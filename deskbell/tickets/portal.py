"""What a customer sees of a ticket on their own page: what their mail box holds as well, and nothing more.

That is what they wrote, and what was sent or copied to them.  Never a note, what happens inside the desk, what others
wrote to us alone, nor what was taken back, taken out or is not accepted yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskbell import access
from deskbell.people.actors import Actor
from deskbell.people.customers import addresses_of, survivor
from deskbell.people.models import Address
from deskbell.tickets import lifecycle
from deskbell.tickets.models import Entry, Link, Message, Ticket
from deskbell.tickets.queries import survivor_id, with_parts
from deskbell.tickets.state import state_of
from deskbell.tickets.thread import MOST_ENTRIES, items

if TYPE_CHECKING:
    from collections.abc import Collection

    from deskbell.people.models import Customer
    from deskbell.tickets.state import Party
    from deskbell.tickets.thread import Item

# More than anybody makes of one concern.
MOST_FOLLOW_UPS = 5

LETTERS = ("message.received", "message.replied")


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's place at a ticket.

    ticket     the one that goes on, when theirs was merged into another
    address    at which they take part, and from which they write
    customer   who they are
    addresses  all of theirs
    """

    ticket: Ticket
    address: Address
    customer: Customer
    addresses: tuple[Address, ...]

    @property
    def by(self) -> Actor:
        """They, as an author."""
        return Actor.customer(self.customer)

    @property
    def owns(self) -> bool:
        """Whether it is their ticket, on which they may have the last word; who is copied in reads and writes only."""
        return access.may(self.by, "rate", self.ticket)


def seat_of(ticket_id: int, address_id: int) -> Seat | None:
    """Return the place that an address has at a ticket or what it was merged into; None for none (any more).

    A hidden or purged ticket has no seats, an erased customer and somebody who was not accepted have none anywhere.
    """
    related = ("subject", "department", "customer")
    found = Ticket.objects.select_related(*related).filter(pk=survivor_id(ticket_id)).first()
    address = Address.objects.select_related("customer").filter(pk=address_id, kind="mail").first()
    if found is None or address is None or not _is_shown(found):
        return None
    customer, party = survivor(address.customer), state_of(found).party(address.pk)
    if customer.erased_at is not None or party is None or not party.accepted:
        return None
    return Seat(found, address, customer, tuple(addresses_of(customer)))


def letters(seat: Seat) -> tuple[Item, ...]:
    """Return what somebody sees of the thread, oldest first: their own letters, and what was sent to them."""
    parts = with_parts(seat.ticket.pk)
    entries = Entry.objects.filter(ticket__in=parts, kind__in=LETTERS).select_related("cause")
    newest = items(reversed(entries.order_by("-at", "-id")[:MOST_ENTRIES]))
    parties = _parties(parts)
    return tuple(item for item in newest if _is_theirs(item, seat, parties))


def goes_on_in(seat: Seat) -> list[Seat]:
    """Return the tickets that follow this one up, as far as the same address has a place there, the newest first."""
    links = Link.objects.filter(other=seat.ticket, kind=Link.Kind.FOLLOW_UP_OF)
    numbers = links.order_by("-id").values_list("ticket_id", flat=True)[:MOST_FOLLOW_UPS]
    found = [seat_of(number, seat.address.pk) for number in numbers]
    return [one for one in found if one is not None]


_Parties = dict[tuple[int, int], "Party"]


def _is_shown(ticket: Ticket) -> bool:
    return ticket.purged_at is None and lifecycle.kind_of(ticket.status) != "hidden"


def _parties(parts: Collection[int]) -> _Parties:
    """Return how each address takes part in each of these tickets."""
    return {
        (ticket.pk, party.address_id): party
        for ticket in Ticket.objects.filter(pk__in=parts)
        for party in state_of(ticket).participants
    }


def _is_theirs(item: Item, seat: Seat, parties: _Parties) -> bool:
    message = item.message
    if message is None or message.taken_back_at is not None or item.undone:
        return False
    if message.trust == "new_sender" and not _was_accepted(item, message, parties):
        return False
    if message.kind == Message.Kind.CUSTOMER and message.address_id in _numbers(seat):
        return True
    return _was_sent_to(item, seat)


def _was_accepted(item: Item, message: Message, parties: _Parties) -> bool:
    """Whether the new sender of a letter was let in.

    One that bears the customer's own address is no new sender's: somebody wrote under their name.
    """
    party = parties.get((item.ticket_id, message.address_id or 0))
    return party is not None and party.accepted and party.role != "customer"


def _was_sent_to(item: Item, seat: Seat) -> bool:
    values = {one.value.lower() for one in seat.addresses}
    return any(one.role != "from" and one.address.lower() in values for one in item.recipients)


def _numbers(seat: Seat) -> set[int]:
    return {one.pk for one in seat.addresses}

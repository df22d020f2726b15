"""A letter that did not reach somebody is sent once more: to the same address, or to the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.people.customers import known_address, survivor
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.actions.add_participant import ParticipantRemoved, add_participant
from deskbell.tickets.actions.change_customer import CustomerChanged
from deskbell.tickets.actions.forward import require_outsiders
from deskbell.tickets.content import Recipient
from deskbell.tickets.events import Data, Event, Happened, event, upcast
from deskbell.tickets.models import Entry, Message, MessageRecipient, Ticket
from deskbell.tickets.queries import with_parts
from deskbell.tickets.state import UNRESOLVES, TicketState, state_of

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.people.models import Address


@event("message.sent_on", v=2, writes=UNRESOLVES)
class MessageSentOn(Event):
    """An answer or a forward is on its way once more.

    status       what the ticket is afterwards
    delivery_id  which of its mails that did not arrive this one stands for; None where that was not written down
    """

    message_id: int
    address_id: int
    status: str
    delivery_id: int | None = None
    sentence = _("{by} sent the letter on to {address}")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"address": ("address_id", "address")}

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as it was before the answer failed: answered, where that had opened it."""
        told = state.but(last_activity_at=happened.at)
        return told if self.status == state.status else told.unresolved(self.status)


@upcast("message.sent_on", 1)
def _stands_for_none(data: Data) -> Data:
    """Before it was written down, nobody knew which of several mails one stood for."""
    return {**data, "delivery_id": None}


@timeline.action
def send_on(
    ticket: Ticket,
    message: Message,
    address: Address,
    *,
    by: Actor,
    instead_of: Address | None = None,
    delivery_id: int | None = None,
) -> Entry:
    """Send a letter that stands on the ticket or its parts to `address`, as it is, under the Message-ID that it has.

    By an answer an Open ticket is Answered, and somebody new takes part from now on; in the place of `instead_of`, if
    that one was a mistake: as the customer where it was the customer's.  Who is sent a forward takes no part.
    delivery_id  which of its mails that did not arrive this one stands for; None for none of them
    Raises NotAllowed, WrongStatus, BadInput.
    """
    is_aside = message.kind == Message.Kind.FORWARD
    verb = "forward" if is_aside else "reply"
    access.require(by, verb, ticket)
    lifecycle.require(verb, ticket, by)
    if not (is_aside or message.kind == Message.Kind.REPLY) or (
        message.ticket_id not in with_parts(ticket.pk)
    ):
        raise BadInput("address", _("Only a letter that left this ticket can be sent on."))
    if message.taken_back_at is not None:
        raise BadInput("address", _("This answer was taken back. Write it anew."))
    if address.kind != "mail":
        raise BadInput("address", _("Write a mail address, like emil@acme.example."))
    if is_aside:
        require_outsiders(ticket, [Recipient("to", address.value)])
    known = MessageRecipient.objects.filter(message=message, address__iexact=address.value)
    if not known.exists():
        MessageRecipient.objects.create(
            message=message, role="to", address=address.value, name=address.name
        )
    is_answered = ticket.status == "open" and not is_aside
    status = "answered" if is_answered else str(ticket.status)
    entry = timeline.record(
        ticket,
        MessageSentOn(
            message_id=message.pk, address_id=address.pk, status=status, delivery_id=delivery_id
        ),
        by=by,
    )
    if is_aside:
        return entry
    with timeline.caused_by(entry):
        _let_take_part(ticket, address, instead_of, by=by)
    return entry


def party_at(ticket: Ticket, value: str) -> Address | None:
    """Return the address of who takes part in the ticket at `value`; None for nobody."""
    found = known_address(value)
    return found if found is not None and state_of(ticket).party(found.pk) is not None else None


def _let_take_part(
    ticket: Ticket, address: Address, instead_of: Address | None, *, by: Actor
) -> None:
    wrong = None if instead_of is None else state_of(ticket).party(instead_of.pk)
    if wrong is None or wrong.address_id == address.pk:
        add_participant(ticket, address, by=by)
    elif wrong.role == "customer":
        customer = survivor(address.customer)
        event = CustomerChanged(customer_id=customer.pk, address_id=address.pk)
        timeline.record(ticket, event, by=by)
    else:
        timeline.record(ticket, ParticipantRemoved(address_id=wrong.address_id), by=by)
        add_participant(ticket, address, by=by)

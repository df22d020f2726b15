"""A message is another concern than its ticket's: it begins a ticket of its own, linked with this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.people.customers import survivor
from deskbell.tickets import blanking, lifecycle, messages, timeline
from deskbell.tickets.actions.add_participant import ParticipantRemoved
from deskbell.tickets.actions.link import TicketLinked
from deskbell.tickets.actions.open import TicketOpened
from deskbell.tickets.actions.receive import MessageReceived
from deskbell.tickets.actions.transfer import require_open
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Message, Text, Ticket
from deskbell.tickets.state import TicketState, state_of

if TYPE_CHECKING:
    from deskbell.people.actors import Actor


@event("message.split_off", v=1)
class MessageSplitOff(Event):
    """The message goes on in a ticket of its own; here it stays where it stood."""

    message_id: int
    other_id: int
    sentence = _("{by} split a message off into {other}")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"other": ("other_id", "ticket")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state as it was."""
        return state


def split(ticket: Ticket, message: Message, *, by: Actor, subject: str = "") -> Ticket:
    """Begin a new ticket with a customer's message of this one, and return it: New, in the same department.

    subject  of the new ticket; "" takes the message's own, else this ticket's
    Raises NotAllowed, WrongStatus, BadInput; also where the department is archived.
    """
    with transaction.atomic():
        fresh = timeline.lock(ticket.pk)
        access.require(by, "split", fresh)
        lifecycle.require("split", fresh, by)
        require_open(fresh.department)
        blanking.hold_texts([message.text_id])
        told = Message.objects.get(
            pk=message.pk
        )  # words may have been taken out of it since it was read
        _require_theirs(fresh, told)
        opened = _open(fresh, told, subject, by=by)
    timeline.show(fresh, on=ticket)
    return opened


def _require_theirs(ticket: Ticket, message: Message) -> None:
    if message.ticket_id != ticket.pk or message.kind != Message.Kind.CUSTOMER:
        raise BadInput("message", _("Choose a customer's message of this ticket."))
    if message.address is None:
        raise BadInput("message", _("Nobody can be answered at this message's address."))


def _open(ticket: Ticket, message: Message, subject: str, *, by: Actor) -> Ticket:
    """1. Open.  2. Say so here.  3. Put the message there, as the customer's.  4. Link it back.

    Somebody new, whom nobody has accepted here, no longer takes part here.
    """
    address = message.address
    assert address is not None
    words = messages.one_line(subject or message.subject) or ticket.subject.plain
    opening = timeline.begin(
        TicketOpened(
            subject_id=Text.objects.create(plain=words).pk,
            department_id=ticket.department_id,
            channel=ticket.channel,
            customer_id=survivor(address.customer).pk,
            address_id=address.pk,
            priority=ticket.priority,
        ),
        by=by,
        occurred_at=message.received_at,
    )
    opened = opening.ticket
    with timeline.caused_by(opening):
        timeline.record(ticket, MessageSplitOff(message_id=message.pk, other_id=opened.pk), by=by)
        party = state_of(ticket).party(address.pk)
        if party is not None and not party.accepted:
            timeline.record(ticket, ParticipantRemoved(address_id=address.pk), by=by)
        copy = messages.copy_to(opened, message)
        timeline.record(
            opened,
            MessageReceived(
                message_id=copy.pk, address_id=address.pk, trust="participant", status="new"
            ),
            by=by,
            occurred_at=message.received_at,
        )
        timeline.record(opened, TicketLinked(kind_of_link="split_from", other_id=ticket.pk), by=by)
    return opened

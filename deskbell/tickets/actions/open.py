"""A new ticket: written by a customer, by an agent to a customer, or logged by an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.people.customers import survivor
from deskbell.tickets import messages, timeline
from deskbell.tickets.actions.link import TicketLinked
from deskbell.tickets.actions.note import NoteAdded
from deskbell.tickets.actions.receive import MessageReceived
from deskbell.tickets.actions.reply import MessageReplied, to_customer
from deskbell.tickets.actions.take import TicketTaken
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Message, Text, Ticket
from deskbell.tickets.state import Party, TicketState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from deskbell.people.actors import Actor
    from deskbell.people.models import Address, Department
    from deskbell.tickets.content import Content, Recipient

SUBJECT_LENGTH = 500
PRIORITIES = range(1, 5)


@event("ticket.opened", v=1)
class TicketOpened(Event):
    """A ticket begins.  It writes every column, so it declares none."""

    subject_id: int
    department_id: int
    channel: str
    customer_id: int | None = None
    address_id: int | None = None
    priority: int = 2
    sentence = _("{by} opened the ticket")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the new ticket, New and owned by nobody."""
        party = (
            ()
            if self.address_id is None
            else (Party(self.address_id, "customer", since_step=1, accepted=True),)
        )
        return state.but(
            subject_id=self.subject_id,
            status="new",
            priority=self.priority,
            channel=self.channel,
            department_id=self.department_id,
            customer_id=self.customer_id,
            created_at=happened.at,
            last_activity_at=happened.at,
            participants=party,
        )


def open_ticket(
    *,
    by: Actor,
    subject: str,
    content: Content,
    department: Department,
    customer: Address | None,
    channel: str,
    kind: str = "customer",
    priority: int = 2,
    message_id: str = "",
    references: str = "",
    sent_at: datetime | None = None,
    recipients: Sequence[Recipient] = (),
    follow_up_of: Ticket | None = None,
    occurred_at: datetime | None = None,
) -> Ticket:
    """Open a ticket with its first message and return it.

    by        who does it: the customer whose letter came, the agent who writes or logs
    customer  the address of whom it is about; None for an internal ticket
    kind      of the first message: customer, reply (an agent writes first: Answered, and theirs), note (logged: New)
    Raises NotAllowed, BadInput.
    """
    if content.is_empty and not subject.strip():
        raise BadInput("text", _("Write a subject or a text: an empty ticket helps nobody."))
    if kind == "reply" and customer is None:
        raise BadInput("customer", _("Say to whom this goes."))
    if priority not in PRIORITIES:
        raise BadInput("priority", _("Priority is a number from 1 (low) to 4 (urgent)."))
    if department.archived_at is not None:
        raise BadInput("department", _("This department is archived and takes no tickets."))
    with transaction.atomic():
        _require(by, department, customer)
        ticket = timeline.begin(
            TicketOpened(
                subject_id=Text.objects.create(plain=_one_line(subject)).pk,
                department_id=department.pk,
                channel=channel,
                customer_id=None if customer is None else survivor(customer.customer).pk,
                address_id=None if customer is None else customer.pk,
                priority=priority,
            ),
            by=by,
            occurred_at=occurred_at,
        )
        message = messages.write(
            ticket,
            Message.Kind(kind),
            content,
            messages.Envelope(
                address=customer if kind == "customer" else None,
                subject=_one_line(subject),
                message_id=message_id,
                references=references,
                sent_at=sent_at,
                recipients=recipients or (to_customer(customer) if kind == "reply" else ()),
                trust="participant" if kind == "customer" else "",
            ),
            by=by,
        )
        entry = timeline.record(
            ticket, _first_message(message, customer), by=by, occurred_at=occurred_at
        )
        if kind == "reply" and by.is_agent:
            with timeline.caused_by(entry):
                timeline.record(ticket, TicketTaken(agent_id=by.id or 0), by=by)
        if follow_up_of is not None:
            timeline.record(
                ticket, TicketLinked(kind_of_link="follow_up_of", other_id=follow_up_of.pk), by=by
            )
    return ticket


def _require(by: Actor, department: Department, customer: Address | None) -> None:
    """Ask about the ticket that would be: in this department, of this customer, owned by nobody."""
    access.require(
        by,
        "open",
        Ticket(department=department, customer=None if customer is None else customer.customer),
    )


def _first_message(message: Message, customer: Address | None) -> Event:
    match message.kind:
        case "customer":
            return MessageReceived(
                message_id=message.pk,
                address_id=None if customer is None else customer.pk,
                trust="participant",
                status="new",
            )
        case "reply":
            return MessageReplied(message_id=message.pk, status="answered")
        case _:
            return NoteAdded(message_id=message.pk)


def _one_line(subject: str) -> str:
    return " ".join(subject.split())[:SUBJECT_LENGTH]

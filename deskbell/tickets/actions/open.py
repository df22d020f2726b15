"""A new ticket: written by a customer, by an agent to a customer, or logged by an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.people.customers import survivor
from deskbell.tickets import messages, pressed, timeline
from deskbell.tickets.actions.add_participant import join
from deskbell.tickets.actions.link import TicketLinked
from deskbell.tickets.actions.mask import tell_masked
from deskbell.tickets.actions.note import NoteAdded
from deskbell.tickets.actions.prioritise import require_priority
from deskbell.tickets.actions.receive import MessageReceived
from deskbell.tickets.actions.reply import MessageReplied, to_customer
from deskbell.tickets.actions.take import TicketTaken
from deskbell.tickets.actions.transfer import require_open
from deskbell.tickets.events import Data, Event, Happened, event, upcast
from deskbell.tickets.masked import masked
from deskbell.tickets.messages import one_line
from deskbell.tickets.models import Message, Text, Ticket
from deskbell.tickets.state import Party, TicketState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from deskbell.people.actors import Actor
    from deskbell.people.models import Address, Department
    from deskbell.tickets.content import Content, Recipient
    from deskbell.tickets.models import Entry


@event("ticket.opened", v=2)
class TicketOpened(Event):
    """A ticket begins.  It writes every column, so it declares none.

    status  new; or spam, where it was judged so at the door
    """

    subject_id: int
    department_id: int
    channel: str
    customer_id: int | None = None
    address_id: int | None = None
    priority: int = 2
    status: str = "new"
    sentence = _("{by} opened the ticket")
    texts = ("subject_id",)

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the new ticket, owned by nobody."""
        party = (
            ()
            if self.address_id is None
            else (Party(self.address_id, "customer", since_step=1, accepted=True),)
        )
        return state.but(
            subject_id=self.subject_id,
            status=self.status,
            hidden_at=happened.at if self.status == "spam" else None,
            priority=self.priority,
            channel=self.channel,
            department_id=self.department_id,
            customer_id=self.customer_id,
            created_at=happened.at,
            last_activity_at=happened.at,
            participants=party,
        )


@upcast("ticket.opened", 1)
def _nothing_was_judged(data: Data) -> Data:
    """Before v2 every ticket began as New."""
    return {**data, "status": "new"}


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
    is_spam: bool = False,
    copies: Sequence[Address] = (),
    once: str = "",
) -> Ticket:
    """Open a ticket with its first message and return it.

    by        who does it: the customer whose letter came, the agent who writes or logs
    customer  the address of whom it is about; None for an internal ticket
    is_spam   it was judged so at the door: it begins in Spam, and nobody is told
    copies    whom the customer's letter names beside us: they take part, copied in
    once      a token of the form that was sent, for pressed.opened_before
    kind      of the first message: customer, reply (an agent writes first: Answered, and theirs), note (logged: New)
    Raises NotAllowed, BadInput.
    """
    if content.is_empty and not subject.strip():
        raise BadInput("text", _("Write a subject or a text: an empty ticket helps nobody."))
    if is_spam and kind != "customer":
        raise BadInput("kind", _("Only what a customer wrote can be spam."))
    if kind == "reply" and customer is None:
        raise BadInput("customer", _("Say to whom this goes."))
    require_priority(priority)
    require_open(department)
    if kind == "customer":
        content, subject = masked(content, subject)
    with transaction.atomic():
        _require(by, department, customer)
        opening = timeline.begin(
            TicketOpened(
                subject_id=Text.objects.create(plain=one_line(subject)).pk,
                department_id=department.pk,
                channel=channel,
                customer_id=None if customer is None else survivor(customer.customer).pk,
                address_id=None if customer is None else customer.pk,
                priority=priority,
                status="spam" if is_spam else "new",
            ),
            by=by,
            occurred_at=occurred_at,
        )
        ticket = opening.ticket
        message = messages.write(
            ticket,
            Message.Kind(kind),
            content,
            messages.Envelope(
                address=customer if kind == "customer" else None,
                subject=one_line(subject),
                message_id=message_id,
                references=references,
                sent_at=sent_at,
                recipients=recipients or (to_customer(customer) if kind == "reply" else ()),
                trust="participant" if kind == "customer" else "",
            ),
            by=by,
        )
        pressed.remember(once, message)
        with timeline.caused_by(opening):
            first = _record_first(ticket, message, customer, by=by, occurred_at=occurred_at)
            tell_masked(ticket, content, first)
            with timeline.caused_by(first):
                join(ticket, copies, by=by)
            if follow_up_of is not None:
                tie = TicketLinked(kind_of_link="follow_up_of", other_id=follow_up_of.pk)
                timeline.record(ticket, tie, by=by)
    return ticket


def _require(by: Actor, department: Department, customer: Address | None) -> None:
    """Ask about the ticket that would be: in this department, of this customer, owned by nobody."""
    whose = None if customer is None else survivor(customer.customer)
    access.require(by, "open", Ticket(department=department, customer=whose))


def _record_first(
    ticket: Ticket,
    message: Message,
    customer: Address | None,
    *,
    by: Actor,
    occurred_at: datetime | None,
) -> Entry:
    """Record the first message and return its entry; an agent who writes first is responsible."""
    event = _first_message(ticket, message, customer)
    entry = timeline.record(ticket, event, by=by, occurred_at=occurred_at)
    if message.kind == Message.Kind.REPLY and by.is_agent:
        with timeline.caused_by(entry):
            timeline.record(ticket, TicketTaken(agent_id=by.id or 0), by=by)
    return entry


def _first_message(ticket: Ticket, message: Message, customer: Address | None) -> Event:
    match message.kind:
        case "customer":
            return MessageReceived(
                message_id=message.pk,
                address_id=None if customer is None else customer.pk,
                trust="participant",
                status=ticket.status,
            )
        case "reply":
            return MessageReplied(message_id=message.pk, status="answered")
        case _:
            return NoteAdded(message_id=message.pk)

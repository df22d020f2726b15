"""A customer's message comes in on a ticket that they continue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access, clock
from deskbell.tickets import lifecycle, messages, pressed, timeline
from deskbell.tickets.actions.add_participant import join
from deskbell.tickets.actions.mask import tell_masked
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.masked import masked
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.state import UNRESOLVES, Party, TicketState, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from deskbell.people.actors import Actor
    from deskbell.people.models import Address, Department
    from deskbell.tickets.content import Content, Recipient

# "Thanks!" after one's own yes is no new concern.
THANKS = timedelta(days=1)

# Stands as the subject of a ticket that begins with an empty letter to one whose words are gone.
NO_WORDS = "…"

# "spam" is for the first message of a ticket that was judged so.
STAYS = frozenset({"new", "chatting", "calling", "spam"})


@event(
    "message.received",
    v=1,
    writes=(*UNRESOLVES, "last_message_id", "participants"),
)
class MessageReceived(Event):
    """A customer wrote.

    trust   "participant"; "new_sender" is shown as such and sent nothing until accepted
    status  what the ticket is afterwards, as the department's settings had it at that moment
    """

    message_id: int
    address_id: int | None
    trust: str
    status: str
    sentence = _("{by} wrote")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the message on it, open again unless it rests closed."""
        told = _joined(state, self.address_id, self.trust, happened)
        told = told.spoken_on(self.message_id, happened.at)
        if self.status == "closed":
            return told.but(wrote_after_close=True)
        return told.but(status=self.status) if self.status in STAYS else told.unresolved("open")


def _joined(
    state: TicketState, address_id: int | None, trust: str, happened: Happened
) -> TicketState:
    if address_id is None or state.party(address_id) is not None:
        return state
    if trust == "new_sender":
        party = Party(address_id, "other", happened.step, accepted=False)
    else:
        is_customer = happened.by.kind == "customer" and happened.by.id == state.customer_id
        party = Party(address_id, "customer" if is_customer else "cc", happened.step, accepted=True)
    return state.but(participants=(*state.participants, party))


@dataclass(frozen=True, slots=True)
class Received:
    """Where a message came to lie.

    follow_up  it began a ticket of its own, linked to the one it was meant for
    """

    ticket: Ticket
    message: Message
    is_follow_up: bool


def receive(
    ticket: Ticket,
    content: Content,
    *,
    by: Actor,
    address: Address,
    subject: str = "",
    channel: str = "mail",
    message_id: str = "",
    references: str = "",
    sent_at: datetime | None = None,
    recipients: Sequence[Recipient] = (),
    trust: str = "participant",
    occurred_at: datetime | None = None,
    elsewhere: Department | None = None,
    copies: Sequence[Address] = (),
    once: str = "",
) -> Received:
    """Put a customer's message on `ticket`, or on a new ticket where this one can take none.

    by          the customer
    address     from which they wrote
    trust       "participant" or "new_sender", as the channel judged
    elsewhere   where a new ticket lies when the department of this one is archived
    copies      whom the letter names beside us; who takes part lets them take part, a new sender does not
    once        a token of the form that was sent: sent again, it gives back what the first made
    Spam and deleted tickets stay as they are: the message opens a new one.  Closed ones outside the
    department's time, and resolved ones where the department wants it, get a linked follow-up.
    """
    content, subject = masked(content, subject)
    envelope = messages.Envelope(
        address=address,
        subject=subject,
        message_id=message_id,
        references=references,
        sent_at=sent_at,
        recipients=recipients,
        trust=trust,
    )
    with transaction.atomic():
        fresh = timeline.lock_survivor(ticket.pk)
        access.require(by, "receive", fresh)
        lifecycle.require("receive", fresh, by)
        earlier = pressed.made_before(once, fresh, content, by=by, goes_on=True)
        if earlier is not None:
            return Received(earlier.ticket, earlier, is_follow_up=earlier.ticket_id != fresh.pk)
        status = _status_after(fresh)
        if status is None:
            opened = _in_a_new_one(
                fresh,
                content,
                envelope,
                by=by,
                channel=channel,
                occurred_at=occurred_at,
                elsewhere=elsewhere,
                copies=copies,
            )
            pressed.remember(once, opened.message)
            return opened
        message = messages.write(
            fresh,
            Message.Kind.CUSTOMER,
            content,
            _with_question(envelope, state_of(fresh)),
            by=by,
        )
        pressed.remember(once, message)
        entry = timeline.record(
            fresh,
            MessageReceived(
                message_id=message.pk, address_id=address.pk, trust=trust, status=status
            ),
            by=by,
            occurred_at=occurred_at,
        )
        tell_masked(fresh, content, entry)
        if trust == "participant":
            with timeline.caused_by(entry):
                join(fresh, copies, by=by)
    return Received(fresh, message, is_follow_up=False)


def begins_a_follow_up(ticket: Ticket) -> bool:
    """Return whether what its customer wrote now would begin a ticket of its own; pages say so before they write."""
    return _status_after(ticket) is None


def _status_after(ticket: Ticket) -> str | None:
    """Return what the message makes of the ticket's status; None when it needs a ticket of its own."""
    department = ticket.department
    match ticket.status:
        case "new" | "chatting" | "calling":
            return ticket.status
        case "resolved":
            return "open" if department.reopens_resolved else None
        case "closed":
            return _status_of_closed(ticket, timedelta(days=department.reopen_days))
        case "spam" | "deleted":
            return None
        case _:
            return "open"


def _status_of_closed(ticket: Ticket, reopening: timedelta) -> str | None:
    now, confirmed_at = clock.now(), state_of(ticket).confirmed_at
    if confirmed_at is not None and now - confirmed_at <= THANKS and _is_seen_by_somebody(ticket):
        return "closed"
    assert ticket.closed_at is not None
    return "open" if now - ticket.closed_at <= reopening else None


def _is_seen_by_somebody(ticket: Ticket) -> bool:
    """Whether the assignee of a closed ticket is here to see what came after it: in nobody's list it would be lost."""
    return ticket.assignee is not None and ticket.assignee.archived_at is None


def _with_question(envelope: messages.Envelope, state: TicketState) -> messages.Envelope:
    """Mark what a customer writes while we wait for "is it solved?"; one key resolves it silently again."""
    if state.asked_step is None or state.status != "resolved":
        return envelope
    return replace(envelope, answers_question=True)


def _in_a_new_one(
    ticket: Ticket,
    content: Content,
    envelope: messages.Envelope,
    *,
    by: Actor,
    channel: str,
    occurred_at: datetime | None,
    elsewhere: Department | None,
    copies: Sequence[Address],
) -> Received:
    # Imported here: to open needs the event above, and a follow-up needs to open.
    from deskbell.tickets.actions.open import open_ticket

    is_hidden = lifecycle.kind_of(ticket.status) == "hidden"
    department = ticket.department
    if department.archived_at is not None and elsewhere is not None:
        department = elsewhere
    opened = open_ticket(
        by=by,
        subject=messages.one_line(envelope.subject) or ticket.subject.plain or NO_WORDS,
        content=content,
        department=department,
        customer=envelope.address,
        channel=channel,
        message_id=envelope.message_id,
        references=envelope.references,
        sent_at=envelope.sent_at,
        recipients=envelope.recipients,
        follow_up_of=None if is_hidden else ticket,
        occurred_at=occurred_at,
        copies=copies if envelope.trust == "participant" else (),
    )
    return Received(opened, opened.messages.get(), is_follow_up=not is_hidden)

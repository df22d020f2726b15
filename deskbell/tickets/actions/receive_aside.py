"""Somebody outside answers what was forwarded to them: beside the customer's thread, which tells nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.tickets import lifecycle, messages, timeline
from deskbell.tickets.actions.mask import tell_masked
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.masked import masked
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.state import UNRESOLVES, TicketState, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from deskbell.people.actors import Actor
    from deskbell.people.models import Address
    from deskbell.tickets.content import Content, Recipient

# Statuses in which nobody looks at the ticket; all others stay as they are.
RESTS = frozenset({"answered", "postponed"})


@event("message.answered_aside", v=1, writes=(*UNRESOLVES, "last_message_id"))
class MessageAnsweredAside(Event):
    """Somebody outside wrote, who takes no part in the ticket.

    status    what the ticket is afterwards
    is_aside  it opens for this alone: no clock of the customer's answer starts
    """

    message_id: int
    status: str
    is_aside: bool = False
    sentence = _("{by} answered what was forwarded")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the message on it, open where it rested."""
        told = state.spoken_on(self.message_id, happened.at)
        if self.status == state.status:
            return told
        return told.unresolved(self.status).but(opened_aside=self.is_aside)


def receive_aside(
    ticket: Ticket,
    content: Content,
    *,
    by: Actor,
    address: Address,
    side: Message,
    subject: str = "",
    message_id: str = "",
    references: str = "",
    sent_at: datetime | None = None,
    recipients: Sequence[Recipient] = (),
    occurred_at: datetime | None = None,
) -> Message:
    """Put what an outsider answered on `ticket`, or on the one that it was merged into.

    by       who wrote
    address  from which
    side     the forward that began the side thread
    A ticket that waits for the customer, or rests, opens so that somebody looks; nobody takes part by it.
    Raises WrongStatus for a hidden ticket, NoSuchTicket for a purged one.
    """
    content, subject = masked(content, subject)
    envelope = messages.Envelope(
        address=address,
        subject=subject,
        message_id=message_id,
        references=references,
        sent_at=sent_at,
        recipients=recipients,
        side=side,
    )
    with transaction.atomic():
        fresh = timeline.lock_survivor(ticket.pk)
        access.require(by, "receive_aside", fresh)
        lifecycle.require("receive_aside", fresh, by)
        message = messages.write(fresh, Message.Kind.OUTSIDE, content, envelope, by=by)
        entry = timeline.record(
            fresh, _answered(state_of(fresh), message.pk), by=by, occurred_at=occurred_at
        )
        tell_masked(fresh, content, entry)
    if fresh.pk == ticket.pk:
        timeline.show(fresh, on=ticket)
    return message


def _answered(state: TicketState, message_id: int) -> MessageAnsweredAside:
    if state.status not in RESTS:
        return MessageAnsweredAside(message_id=message_id, status=state.status)
    # What was postponed while its customer waited is waited for again: its clock goes on.
    waits = state.was_new or bool(state.clocks)
    return MessageAnsweredAside(
        message_id=message_id, status="new" if state.was_new else "open", is_aside=not waits
    )

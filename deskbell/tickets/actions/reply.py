"""An agent answers the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.database.prepared import Prepared
from deskbell.errors import BadInput, SomethingCame
from deskbell.people.models import Address
from deskbell.tickets import lifecycle, messages, pressed, timeline
from deskbell.tickets.actions.add_participant import add_participant
from deskbell.tickets.actions.mask import tell_masked
from deskbell.tickets.actions.postpone import postpone, require_ahead
from deskbell.tickets.actions.resolve import resolve
from deskbell.tickets.actions.take import TicketTaken
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.state import UNRESOLVES, TicketState, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from deskbell.people.actors import Actor

Outcome = Literal["answered", "resolved", "postponed", "as_it_was"]
OUTCOMES: tuple[Outcome, ...] = ("answered", "resolved", "postponed", "as_it_was")

# Whose doing a writer has to know of before the answer leaves.
WORTH_KNOWING = frozenset({"customer", "agent"})


@event(
    "message.replied",
    v=1,
    writes=(*UNRESOLVES, "last_message_id"),
)
class MessageReplied(Event):
    """An answer to the customer; status is what the ticket is afterwards."""

    message_id: int
    status: str
    sentence = _("{by} answered")
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the answer on it."""
        told = state.spoken_on(self.message_id, happened.at)
        return told if self.status == state.status else told.unresolved(self.status)


@timeline.action
def reply(
    ticket: Ticket,
    content: Content,
    *,
    by: Actor,
    then: Outcome = "answered",
    until: datetime | None = None,
    seen_step: int | None = None,
    to: Sequence[Recipient] = (),
    copies: Sequence[Address] = (),
    once: str = "",
) -> Message:
    """Answer the customer, and leave the ticket as `then` says.

    until      when it comes back, for then="postponed"
    seen_step  the last step that the writer had seen; None does not ask
    to         recipients with role to, cc or bcc; none means the usual_recipients.  One with role from names the
               address of ours that it leaves from
    copies     whom it names in sight of everybody: they take part from now on
    once       a token of the form that was sent: sent again, it gives back the first answer
    An unowned ticket's first writer becomes its assignee.
    Raises NotAllowed, WrongStatus, BadInput, SomethingCame.
    """
    earlier = pressed.made_before(once, ticket, content, by=by)
    if earlier is not None:
        return earlier
    access.require(by, "reply", ticket)
    lifecycle.require("reply", ticket, by)
    if ticket.status == "resolved" and then != "as_it_was":
        access.require(by, "reopen", ticket)
    if content.is_empty:
        raise BadInput("text", _("Write something before you send it."))
    if then == "postponed":
        until = _moment(until)
    recipients = tuple(to) or usual_recipients(ticket)
    require_nothing_came(ticket, seen_step, by)

    message = messages.write(
        ticket,
        Message.Kind.REPLY,
        content,
        messages.Envelope(recipients=recipients),
        by=by,
    )
    pressed.remember(once, message)
    status = str(ticket.status) if then == "as_it_was" else "answered"
    entry = timeline.record(ticket, MessageReplied(message_id=message.pk, status=status), by=by)
    tell_masked(ticket, content, entry)
    with timeline.caused_by(entry):
        if ticket.assignee_id is None and by.is_agent:
            timeline.record(ticket, TicketTaken(agent_id=by.id or 0), by=by)
        for address in copies:
            add_participant(ticket, address, by=by)
        if then == "resolved":
            resolve(ticket, by=by)
        if until is not None and then == "postponed":
            postpone(ticket, until, by=by)
    return message


def _moment(until: datetime | None) -> datetime:
    if until is None:
        raise BadInput("until", _("Say when the ticket is to come back."))
    require_ahead(until)
    return until


def to_customer(address: Address | None) -> tuple[Recipient, ...]:
    """Return the recipient that an address makes."""
    return () if address is None else (Recipient("to", address.value, address.name),)


def usual_recipients(ticket: Ticket) -> tuple[Recipient, ...]:
    """Return whom an answer goes to: the customer, with a copy to everybody else who was accepted.

    Raises BadInput when the ticket has no customer, or none who can be reached by mail.
    """
    parties = [party for party in state_of(ticket).participants if party.accepted]
    addresses = {one.pk: one for one in _addresses([party.address_id for party in parties])}
    found = [(party.role, addresses[party.address_id]) for party in parties]
    customer = next((address for role, address in found if role == "customer"), None)
    if customer is not None and customer.kind != "mail":  # who called, and is known by mail as well
        known = Address.objects.filter(customer=customer.customer_id, kind="mail")
        customer = known.order_by("pk").first()
    if customer is None:
        raise BadInput(
            "to", _("This ticket has no customer to answer by mail. Write a note instead.")
        )
    others = [one for _role, one in found if one.kind == "mail" and one != customer]
    copies = (Recipient("cc", one.value, one.name) for one in others)
    return (*to_customer(customer), *copies)


_addresses = Prepared(lambda numbers: Address.objects.filter(pk__in=numbers))


def require_nothing_came(ticket: Ticket, seen_step: int | None, by: Actor) -> None:
    """Raise SomethingCame when others wrote or did something after the step that `by` had seen; None does not ask."""
    if seen_step is None:
        return
    came = [
        entry
        for entry in Entry.objects.filter(ticket=ticket, step__gt=seen_step).order_by("step")
        if entry.by_kind in WORTH_KNOWING and not _is_known(entry, by)
    ]
    if came:
        raise SomethingCame(came)


def _is_known(entry: Entry, by: Actor) -> bool:
    """Whether the writer knows of it, who did it: but for an answer, which another window of theirs may have sent."""
    return (entry.by_kind, entry.by_id) == (by.kind, by.id) and entry.kind != "message.replied"

"""The customer says: no, it is not solved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.people.models import Address
from deskbell.tickets import lifecycle, messages, timeline
from deskbell.tickets.actions.mask import tell_masked
from deskbell.tickets.actions.receive import MessageReceived
from deskbell.tickets.content import Content
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.masked import masked
from deskbell.tickets.models import Message
from deskbell.tickets.state import UNRESOLVES, TicketState, state_of

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry, Ticket


@event(
    "resolution.denied",
    v=1,
    writes=UNRESOLVES,
)
class ResolutionDenied(Event):
    """The customer's no, which opens the ticket again and counts as a reopening."""

    sentence = _("{by} said that it is not solved; the ticket is open again")

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state open."""
        return state.unresolved("open").but(last_activity_at=happened.at)


@timeline.action
def deny(ticket: Ticket, *, by: Actor, comment: str = "") -> Entry:
    """Take the customer's no, with what they say about it as a message of theirs.

    Raises NotAllowed, WrongStatus.
    """
    access.require(by, "deny", ticket)
    lifecycle.require("deny", ticket, by)
    entry = timeline.record(ticket, ResolutionDenied(), by=by)
    if comment.strip():
        with timeline.caused_by(entry):
            _comment(ticket, comment.strip(), by=by)
    return entry


def _comment(ticket: Ticket, comment: str, *, by: Actor) -> None:
    party = state_of(ticket).customer_party
    address = None if party is None else Address.objects.get(pk=party.address_id)
    content, _subject = masked(Content(comment))
    message = messages.write(
        ticket,
        Message.Kind.CUSTOMER,
        content,
        messages.Envelope(address=address, trust="participant"),
        by=by,
    )
    entry = timeline.record(
        ticket,
        MessageReceived(
            message_id=message.pk,
            address_id=None if address is None else address.pk,
            trust="participant",
            status="open",
        ),
        by=by,
    )
    tell_masked(ticket, content, entry)

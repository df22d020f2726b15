"""A letter of ours did not arrive, for good; the ticket is taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell.people import customers
from deskbell.people.models import Address
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.state import UNRESOLVES, TicketState, state_of

if TYPE_CHECKING:
    from deskbell.people.actors import Actor

# Statuses in which everybody believes that the customer has read us.
BELIEVED = frozenset({"answered", "resolved"})
# What sends a message.
SENDS = ("message.replied", "message.forwarded")
# What sends a letter that carries no message.
BY_ITSELF = ("ticket.acknowledged", "resolution.asked")


@event(
    "delivery.failed",
    v=1,
    writes=(*UNRESOLVES, "failed_messages"),
)
class DeliveryFailed(Event):
    """A recipient cannot be reached.

    message_id  None for what the desk writes by itself: the acknowledgement, the question "is it solved?"
    address_id  None for an address that is no customer's
    reason      a code such as mailbox_unknown
    opens       whether the ticket opens for it: a customer's address, and the first time for this message
    """

    reason: str
    opens: bool
    message_id: int | None = None
    address_id: int | None = None
    sentence = _("A letter to {address} did not arrive")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"address": ("address_id", "address")}

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state open where it believed itself answered, with what opened it remembered."""
        if not self.opens:
            return state
        if self.message_id is not None:
            state = state.but(failed_messages=(*state.failed_messages, self.message_id))
        return state.unresolved("open").but(last_activity_at=happened.at)


def fail_delivery(
    ticket: Ticket, *, message: Message | None, address: str, reason: str, by: Actor
) -> Entry:
    """Record that a letter to `address` failed for good; on the survivor, when its ticket was merged since.

    message  the answer that did not arrive; None for the question "is it solved?"
    reason   a code, worded where it is shown
    An Answered or Resolved ticket opens when the recipient is its customer, once for each message.
    """
    known = Address.objects.filter(kind="mail", value=address.strip().lower()).first()
    with transaction.atomic():
        fresh = timeline.lock_survivor(ticket.pk)
        lifecycle.require("fail_delivery", fresh, by)
        event = DeliveryFailed(
            reason=reason,
            opens=_opens(fresh, ticket, known, message),
            message_id=None if message is None else message.pk,
            address_id=None if known is None else known.pk,
        )
        with timeline.caused_by(_cause(ticket, message)):
            entry = timeline.record(fresh, event, by=by)
    if fresh.pk == ticket.pk:
        timeline.show(fresh, on=ticket)
    return entry


def _opens(
    survivor: Ticket, written_on: Ticket, known: Address | None, message: Message | None
) -> bool:
    """Whether the failure is news: a customer of either ticket waits for what never came, for the first time."""
    state = state_of(survivor)
    is_customer = known is not None and customers.survivor(known.customer).pk in {
        survivor.customer_id,
        written_on.customer_id,
    }
    is_first = message is None or message.pk not in state.failed_messages
    is_believed = state.status in BELIEVED or state.opened_aside
    return is_believed and is_customer and is_first


def _cause(ticket: Ticket, message: Message | None) -> Entry:
    """Return the entry that sent the letter; the ticket's first one when that cannot be told any more."""
    entries = Entry.objects.filter(ticket=ticket)
    if message is not None:
        sent = entries.filter(kind__in=SENDS, data__message_id=message.pk).first()
    else:
        sent = entries.filter(kind__in=BY_ITSELF).order_by("-step").first()
    return sent or entries.get(step=1)

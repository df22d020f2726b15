"""Letters that wait to leave: written in the transaction of the act that wanted them, held, then sent.

`hold`, `hold_again`, `mail_portal` and `ask_if_solved` stand in reactions.py; nothing of ours is sent but from here
(sending.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy

from deskbell import access, clock
from deskbell.channels.mail import complaints, ids, limits, recipients
from deskbell.channels.mail.models import Delivery, Letter, MailBox
from deskbell.database import written
from deskbell.database.prepared import Prepared
from deskbell.errors import BadInput
from deskbell.people.actors import CLOCK, Actor
from deskbell.people.customers import customer_for
from deskbell.people.models import Account, Address
from deskbell.tickets.actions.ask import mark_asked
from deskbell.tickets.content import Recipient
from deskbell.tickets.models import Entry, Message, MessageRecipient, Ticket
from deskbell.tickets.queries import numbers_of
from deskbell.tickets.state import TicketState, state_of
from deskbell.work.jobs import enqueue

if TYPE_CHECKING:
    from deskbell.tickets.events import Event

# How long a letter can be taken back; the pass of settling ends well within it.
HOLD = timedelta(seconds=10)

# Two lanes: what the desk writes by itself comes by the thousand, and no answer of a person waits behind it.
SEND_JOB, SEND_BEHIND_JOB = "send_delivery", "send_behind"
BY_ITSELF = frozenset(
    {
        Delivery.Purpose.ACKNOWLEDGEMENT,
        Delivery.Purpose.ASK_IF_SOLVED,
        Delivery.Purpose.NOTICE,
    }
)

# What a message of ours leaves as.
SENDS = {
    "message.replied": Delivery.Purpose.REPLY,
    "message.forwarded": Delivery.Purpose.FORWARD,
}

# Why a letter waits that another relay, or another password, may mend; not what a recipient's server says.
OF_THE_RELAY = (
    "no_relay",
    "relay_unreadable",
    "refused_at_the_door",
    "login_refused",
    "login_not_offered",
    "login_needs_tls",
    "permission_missing",
    "encryption_not_offered",
    "certificate_not_trusted",
    "tls_failed",
    "dns_lookup_failed",
    "timed_out",
    "connection_refused",
    "connection_lost",
    "network_failed",
)


def hold(entry: Entry, state: TicketState) -> list[Event]:
    """Write the deliveries of an answer or a forward, in the transaction of its entry.  Leads to no further event.

    All of them carry one Message-ID, which is the message's own from then on.  Somebody who wrote in
    without being accepted yet is sent no answer; the delivery says so.
    """
    purpose = SENDS.get(entry.kind)
    if purpose is None:
        return []
    [message] = _messages(entry.data["message_id"])
    ticket = entry.ticket
    box = _chosen(message) or box_for(ticket)
    message.message_id = ids.message_id_for(ticket.pk, message.pk, domain=_domain(box))
    written.update(message, "message_id")
    strangers = _not_accepted(state) if purpose == Delivery.Purpose.REPLY else set()
    recipients_of_it = _once_each(message)
    ours = own_among(one.address for one in recipients_of_it)
    for recipient in recipients_of_it:
        write(
            Delivery(
                ticket=ticket,
                message=message,
                purpose=purpose,
                address=recipient.address,
                name=recipient.name,
                role=recipient.role,
                sender=box,
                rfc_message_id=message.message_id,
                entry_step=entry.step,
                reason=_refused(recipient.address, ours, strangers),
            ),
            at=entry.at,
        )
    return []


def hold_again(entry: Entry, state: TicketState) -> list[Event]:
    """Write the delivery of a letter that is sent on, in the transaction of its entry.  Leads to no further event.

    Its Message-ID stays: whoever has it already sees the same letter once more.
    """
    if entry.kind != "message.sent_on":
        return []
    [message] = _messages(entry.data["message_id"])
    address = Address.objects.select_related("customer").get(pk=entry.data["address_id"])
    is_aside = message.kind == Message.Kind.FORWARD
    write(
        Delivery(
            ticket=entry.ticket,
            message=message,
            purpose=Delivery.Purpose.FORWARD if is_aside else Delivery.Purpose.REPLY,
            address=address.value,
            name=address.name or address.customer.name,
            sender=_chosen(message) or box_for(entry.ticket),
            rfc_message_id=message.message_id,
            entry_step=entry.step,
            in_place_of=entry.data.get("delivery_id"),
            reason="own_mail_box" if is_own(address.value) else "",  # who is named by hand is meant
        ),
        at=entry.at,
    )
    return []


def mail_portal(entry: Entry, state: TicketState) -> list[Event]:
    """Write the letter with a fresh link, in the transaction of its entry.  Leads to no further event.

    Nobody takes it back, and somebody waits for it: it leaves at once.
    """
    if entry.kind != "portal.asked_for":
        return []
    ticket = entry.ticket
    address = Address.objects.select_related("customer").get(pk=entry.data["address_id"])
    box = box_for(ticket)
    delivery = Delivery(
        ticket=ticket,
        purpose=Delivery.Purpose.PORTAL,
        address=address.value,
        name=address.name or address.customer.name,
        sender=box,
        rfc_message_id=ids.question_id_for(ticket.pk, entry.step, domain=_domain(box)),
        entry_step=entry.step,
    )
    write(delivery, at=entry.at - HOLD)
    return []


def ask_if_solved(entry: Entry, ticket: Ticket) -> None:
    """Put the question "is it solved?" to the customer, once for each resolution that is not silent.

    A customer who resolved the ticket themselves knows it already.
    """
    state = state_of(ticket)
    if entry.kind in COMES_BACK and _stands_resolved(state):
        _ask_after_all(ticket, state)
    resolution = _resolution_to_ask_about(entry, ticket, state)
    if resolution is None:
        return
    party = state.customer_party
    address = Address.objects.filter(pk=party.address_id, kind="mail").first() if party else None
    if address is None:
        return
    box = box_for(ticket)
    delivery = Delivery(
        ticket=ticket,
        purpose=Delivery.Purpose.ASK_IF_SOLVED,
        address=address.value,
        name=address.name or address.customer.name,
        sender=box,
        rfc_message_id=ids.question_id_for(ticket.pk, resolution.step, domain=_domain(box)),
        entry_step=resolution.step,
    )
    if complaints.has_complained(delivery.address):
        delivery.reason = "complained"
    elif not limits.may_write_about(ticket):
        delivery.reason = "too_many"
    write(delivery, at=clock.now())
    mark_asked(ticket, delivery_id=delivery.pk, by=CLOCK)


def write(delivery: Delivery, *, at: datetime) -> None:
    """Write the row, held, with the job that sends it; or cancelled when it says why it may not go.

    Call it in the transaction of what it tells of.
    """
    if delivery.reason:
        delivery.state = Delivery.State.CANCELLED
        written.insert(delivery)
        return
    delivery.state = Delivery.State.HELD
    delivery.hold_until = delivery.next_at = at + HOLD
    written.insert(delivery)
    enqueue_sending(delivery, delivery.hold_until)


def write_to_account(
    account: Account, purpose: Delivery.Purpose, *, about: Letter | None = None
) -> Delivery:
    """Let a letter of this purpose leave for somebody of ours, about no ticket, at once.

    about  the letter of theirs that it answers

    Call it in the transaction of what it tells of.  Its words, and a link that opens something, are made
    when it leaves (compose.py), so the database holds no key to anybody's account.
    """
    box = first_box()
    delivery = Delivery(
        account=account,
        purpose=purpose,
        letter=about,
        address=account.email,
        name=account.name,
        sender=box,
        rfc_message_id=ids.account_letter_id(secrets.randbits(60), domain=_domain(box)),
    )
    send_now(delivery)
    return delivery


@transaction.atomic
def send_now(delivery: Delivery) -> None:
    """Write the row of a letter that nobody takes back, with the job that sends it at once."""
    now = clock.now()
    delivery.state, delivery.hold_until, delivery.next_at = Delivery.State.QUEUED, now, now
    delivery.save(force_insert=True)
    enqueue_sending(delivery, now)


def own_boxes() -> list[MailBox]:
    """Return the mail boxes that are in use, with their departments, in the order in which they were added."""
    return _boxes()


class SenderNotAllowed(BadInput):
    """Somebody may not write from an address: it is none of ours, or of a department in which they do not answer."""

    code = "sender_not_allowed"

    def __init__(self) -> None:
        super().__init__(
            "from", gettext_lazy("Choose one of the addresses that you may write from.")
        )


def boxes_to_write_from(may: Callable[[str, Ticket], bool]) -> list[MailBox]:
    """Return the mail boxes that somebody may write from: those of departments in which they answer.

    may  whether they may do a verb to a ticket
    """
    return [box for box in own_boxes() if may("reply", Ticket(department_id=box.department_id))]


def sender_named(may: Callable[[str, Ticket], bool], address: str) -> Recipient:
    """Return the address of ours that somebody wants to write from.  Raises SenderNotAllowed.

    may  whether they may do a verb to a ticket
    """
    chosen = address.strip().lower()
    box = next((one for one in boxes_to_write_from(may) if one.address == chosen), None)
    if box is None:
        raise SenderNotAllowed
    return Recipient("from", box.address, box.name)


def require_sender(by: Actor, address: str) -> None:
    """Raise SenderNotAllowed unless `by` may write from `address` now; stands in reactions.py."""
    boxes = boxes_to_write_from(partial(access.may, by))
    if address.lower() not in {box.address for box in boxes}:
        raise SenderNotAllowed


def _chosen(message: Message) -> MailBox | None:
    """Return the mail box that the writer chose to write from; None when they left that to the desk."""
    named = {one.address.lower() for one in _senders(message.pk)}
    return next((box for box in _boxes() if box.address in named), None) if named else None


def first_box() -> MailBox | None:
    """Return the mail box that letters about no ticket leave from; None while the desk has none."""
    boxes = _boxes()
    return boxes[0] if boxes else None


def is_own(address: str) -> bool:
    """Whether this is an address of the desk itself, also with a "+" in it, to which nothing is written."""
    return address in own_among([address])


def own_among(addresses: Iterable[str]) -> set[str]:
    """Return those of these addresses that are the desk's own; one query."""
    ours = {box.address for box in _boxes()}
    return {one for one in addresses if not ours.isdisjoint(recipients.forms(one))}


def in_sight(to: Iterable[Recipient]) -> list[Recipient]:
    """Return whom a letter names in sight of everybody, but for addresses of ours."""
    seen = [one for one in to if one.role in {"to", "cc"}]
    ours = own_among(one.address for one in seen)
    return [one for one in seen if one.address not in ours]


def copies(to: Iterable[Recipient]) -> list[Address]:
    """Return whom a letter names in sight of everybody, met now if they are new: they take part from now on."""
    return [customer_for(one.address, one.name) for one in in_sight(to)]


def box_for(ticket: Ticket) -> MailBox | None:
    """Return the mail box that a ticket is answered from; None while the desk has none.

    1. The department's, the one that the customer last wrote to if it has several.
    2. Any other that the customer wrote to.
    3. The first of the desk: a letter from another address of ours is better than none.
    """
    boxes = _boxes()
    if len(boxes) <= 1:
        return boxes[0] if boxes else None
    written_to = _addresses_written_to(ticket)

    def rank(box: MailBox) -> tuple[bool, int]:
        nearness = written_to.index(box.address) if box.address in written_to else len(written_to)
        return (box.department_id != ticket.department_id, nearness)

    own = [box for box in boxes if box.department_id == ticket.department_id]
    known = [box for box in boxes if box.address in written_to]
    return min(own or known or boxes[:1], key=rank)


def enqueue_sending(delivery: Delivery, at: datetime) -> None:
    """Ask for the delivery to be sent, not before `at`, in the caller's transaction."""
    name = SEND_BEHIND_JOB if delivery.purpose in BY_ITSELF else SEND_JOB
    enqueue(name, key=str(delivery.pk), run_at=at, delivery_id=delivery.pk)


@transaction.atomic
def try_at_once(box: MailBox | None = None) -> int:
    """Try now what waits for a relay to be set or mended; return how many letters those are.

    box  only what leaves through it, and what was written before the desk had any mail box
    Call it when a relay may have changed, in the transaction of the change.
    """
    now = clock.now()
    waiting = Delivery.objects.filter(state=Delivery.State.DEFERRED, reason__in=OF_THE_RELAY)
    if box is not None:
        waiting = waiting.filter(Q(sender=box) | Q(sender=None))
    found = list(waiting.select_related("ticket"))
    for delivery in found:
        changes: dict[str, object] = {"next_at": now}
        if delivery.sender_id is None and not delivery.attempts:  # no relay has seen it yet
            changes["sender"] = box_for(delivery.ticket) if delivery.ticket else first_box()
        # Counted by attempts: a worker may have it in hand by now, and then it is being tried.
        Delivery.objects.filter(
            pk=delivery.pk, state=Delivery.State.DEFERRED, attempts=delivery.attempts
        ).update(**changes)
        enqueue_sending(delivery, now)
    return len(found)


def _once_each(message: Message) -> list[MessageRecipient]:
    """Return the recipients of a message, nobody twice: the first place where an address stands counts."""
    found: dict[str, MessageRecipient] = {}
    for recipient in _recipients(message.pk):
        found.setdefault(recipient.address.lower(), recipient)
    return list(found.values())


def _refused(address: str, ours: Collection[str], strangers: Collection[str]) -> str:
    """Return the code of why an answer may not go to `address`; "" when it may."""
    if address in ours:
        return "own_mail_box"  # it would come back as a customer's
    return "not_accepted_yet" if address.lower() in strangers else ""


def _not_accepted(state: TicketState) -> set[str]:
    waiting = [party.address_id for party in state.participants if not party.accepted]
    return set(Address.objects.filter(pk__in=waiting).values_list("value", flat=True))


# Asked for every answer, so their SQL is worked out once.
_boxes = Prepared(lambda: MailBox.objects.filter(archived_at=None).select_related("department"))
_messages = Prepared(lambda number: Message.objects.filter(pk=number).order_by())
_recipients = Prepared(
    lambda message: MessageRecipient.objects.filter(message=message).exclude(
        role=MessageRecipient.Role.FROM
    )
)

_senders = Prepared(
    lambda message: MessageRecipient.objects.filter(
        message=message, role=MessageRecipient.Role.FROM
    )
)


# After these a resolution may stand that nobody was asked about, for the ticket was hidden or a part of another.
COMES_BACK = frozenset({"ticket.not_spam", "ticket.restored", "ticket.unmerged", "act.undone"})


def _resolution_to_ask_about(entry: Entry, ticket: Ticket, state: TicketState) -> Entry | None:
    """Return the resolution that the customer is to be asked about after `entry`; None for none."""
    if not _stands_resolved(state) or state.asked_step is not None:
        return None
    if entry.kind in COMES_BACK:
        entry = Entry.objects.get(ticket=ticket, step=state.resolved_step or 0)
    elif entry.kind != "ticket.resolved" or entry.step != state.resolved_step:
        return None
    is_asked = not entry.data.get("silent") and entry.by_kind != "customer"
    return entry if is_asked else None


def _stands_resolved(state: TicketState) -> bool:
    return state.status == "resolved" and state.merged_into_id is None


def _ask_after_all(ticket: Ticket, state: TicketState) -> None:
    """Let the question leave that was withdrawn while the ticket was elsewhere: the resolution stands again."""
    withdrawn = Delivery.objects.filter(
        ticket=ticket,
        purpose=Delivery.Purpose.ASK_IF_SOLVED,
        entry_step=state.resolved_step or 0,
        state=Delivery.State.CANCELLED,
        reason="no_longer_resolved",
    )
    leaves_at = clock.now() + HOLD
    for delivery in withdrawn.select_for_update():
        delivery.state, delivery.reason = Delivery.State.HELD, ""
        delivery.hold_until = delivery.next_at = leaves_at
        delivery.save(update_fields=("state", "reason", "hold_until", "next_at"))
        enqueue_sending(delivery, leaves_at)


def _addresses_written_to(ticket: Ticket) -> list[str]:
    """Return where the customer's letters went, the last letter first."""
    recipients = MessageRecipient.objects.filter(
        message__ticket__in=numbers_of(ticket), message__kind=Message.Kind.CUSTOMER
    ).exclude(role=MessageRecipient.Role.FROM)
    addresses = recipients.order_by("-message_id", "pk").values_list("address", flat=True)
    return list(dict.fromkeys(address.lower() for address in addresses))


def _domain(box: MailBox | None) -> str:
    return ids.domain_of(box.address) if box else ""

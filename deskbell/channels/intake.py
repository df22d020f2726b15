"""From a plain value to a ticket: what every channel does with what came in.

Called inside the channel's transaction; it decides no status, owner or right: the actions do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deskbell import clock
from deskbell.channels.inbound import Inbound, Named
from deskbell.people.actors import Actor
from deskbell.people.customers import customer_for, is_good_again, note_clock, survivor
from deskbell.people.models import Address, Department
from deskbell.tickets import actions
from deskbell.tickets.content import Content, NewFile, Recipient
from deskbell.tickets.files import keep
from deskbell.tickets.models import Message, Ticket

# A clock of a sender that is further ahead than this is wrong.
AHEAD = timedelta(days=1)
EARLIEST_YEAR = 1990
# What waited less than this came now.
SAME_MOMENT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where something that came in is to go.

    ticket      which it continues; None: it opens a new one
    trust       participant or new_sender, where it continues one
    linked      which a new ticket follows up, if any
    department  of a new ticket
    copies      whom it names beside us, and who are to hear what is answered
    is_spam     its channel judged it so: a new ticket begins in Spam
    side        the forward that began the side thread of `ticket` in which it belongs; None: the customer's thread
    """

    ticket: Ticket | None
    trust: str
    linked: Ticket | None
    department: Department
    copies: tuple[Named, ...] = ()
    is_spam: bool = False
    side: Message | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it."""

    ticket: Ticket
    message: Message


def content_of(inbound: Inbound) -> Content:
    """Return the words and files of `inbound` with its files on disk, synced.

    Called before the transaction, so that a row never points at nothing.  Raises OSError.
    """
    files = []
    for file in inbound.files:
        with file.path.open("rb") as source:
            kept = keep(source)
        files.append(
            NewFile(
                name=file.name,
                content_type=file.content_type,
                kept=kept,
                content_id=file.content_id,
                inline=file.inline,
            )
        )
    return Content(text=inbound.text, quoted=inbound.quoted, html=inbound.html, files=tuple(files))


def take_in(
    inbound: Inbound, content: Content, destination: Destination, *, arrived_at: datetime
) -> Taken:
    """Put what came in where it belongs, in the caller's transaction.

    arrived_at  when it reached our door; its ticket's clock begins there
    """
    address = customer_for(inbound.sender_address, inbound.sender_name)
    if _proves_its_address(inbound, destination):
        is_good_again(address)
    if inbound.proved == inbound.sender_address:  # else it is the clock of what wrote for them
        note_clock(address, inbound.utc_offset, arrived_at)
    by = Actor.customer(survivor(address.customer))
    if destination.side is not None:
        return _take_aside(inbound, content, destination.side, address, by, arrived_at)
    copies = [customer_for(*named) for named in destination.copies]
    occurred_at = _occurred_at(arrived_at)
    if destination.ticket is not None:
        received = actions.receive(
            destination.ticket,
            content,
            by=by,
            address=address,
            subject=inbound.subject,
            channel=inbound.channel,
            message_id=inbound.message_id,
            references=" ".join(inbound.references),
            sent_at=_sent_at(inbound, arrived_at),
            recipients=_recipients(inbound),
            trust=destination.trust,
            occurred_at=occurred_at,
            elsewhere=destination.department,
            copies=copies,
        )
        return Taken(received.ticket, received.message)
    ticket = actions.open_ticket(
        by=by,
        subject=inbound.subject or _subject_of_nothing(content),
        content=content,
        department=destination.department,
        customer=address,
        channel=inbound.channel,
        message_id=inbound.message_id,
        references=" ".join(inbound.references),
        sent_at=_sent_at(inbound, arrived_at),
        recipients=_recipients(inbound),
        follow_up_of=destination.linked,
        occurred_at=occurred_at,
        copies=copies,
        is_spam=destination.is_spam,
    )
    return Taken(ticket, ticket.messages.get())


def _take_aside(
    inbound: Inbound,
    content: Content,
    side: Message,
    address: Address,
    by: Actor,
    arrived_at: datetime,
) -> Taken:
    """Put it in the side thread: nobody takes part by it, whomever it names."""
    message = actions.receive_aside(
        side.ticket,
        content,
        by=by,
        address=address,
        side=side,
        subject=inbound.subject,
        message_id=inbound.message_id,
        references=" ".join(inbound.references),
        sent_at=_sent_at(inbound, arrived_at),
        recipients=_recipients(inbound),
        occurred_at=_occurred_at(arrived_at),
    )
    return Taken(message.ticket, message)


def _occurred_at(arrived_at: datetime) -> datetime | None:
    return arrived_at if clock.now() - arrived_at > SAME_MOMENT else None


def _proves_its_address(inbound: Inbound, destination: Destination) -> bool:
    """Whether somebody can write from there, so that letters to it may arrive; a forger or spam proves nothing."""
    is_theirs = inbound.channel == "mail" and inbound.authentication != "fail"
    return is_theirs and not destination.is_spam


def _subject_of_nothing(content: Content) -> str:
    # A letter without subject, text and file is still somebody's: a ticket needs one of them.
    return "…" if content.is_empty else ""


def _sent_at(inbound: Inbound, arrived_at: datetime) -> datetime:
    """Return when it was sent; the arrival when the sender's clock cannot be right."""
    sent_at = inbound.sent_at
    if sent_at is None or sent_at > arrived_at + AHEAD or sent_at.year < EARLIEST_YEAR:
        return arrived_at
    return sent_at


def _recipients(inbound: Inbound) -> Sequence[Recipient]:
    return (
        Recipient("from", inbound.sender_address, inbound.sender_name),
        *(Recipient("to", address, name) for address, name in inbound.to),
        *(Recipient("cc", address, name) for address, name in inbound.cc),
    )

"""A message as the API shows it, with its files and how far its deliveries got."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import Field

from deskbell.api.shapes.attachment import AttachmentShape, attachment_shape
from deskbell.api.shapes.base import Mailed, Shape
from deskbell.api.shapes.entry import Author, author
from deskbell.api.shapes.rating import RatingShape, rating_shape
from deskbell.channels.mail import facts
from deskbell.people.actors import Actor, names_of
from deskbell.tickets import ratings
from deskbell.tickets.models import Message

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from deskbell.channels.mail.models import Delivery

# The first of these that any recipient is in is how the whole message stands.
GRAVEST_FIRST = ("failed", "deferred", "held", "queued", "sent", "cancelled")


class DeliveryShape(Shape):
    """How far the mail to one recipient got."""

    email: str
    name: str
    role: str = Field(description="to, cc or bcc")
    state: str = Field(description="held, queued, sent, deferred, failed or cancelled")
    reason: str | None = Field(description="A code, when something went wrong.")
    words: str | None = Field(description="What the other mail server said.")
    attempts: int
    next_at: datetime | None = Field(description="When it is tried again.")
    sent_at: datetime | None


class DeliveriesShape(Shape):
    """How far a message that goes out got."""

    state: str = Field(description="The gravest state of all recipients.")
    recipients: list[DeliveryShape]


class SignatureShape(Shape):
    """What a letter is signed with; shown, and trusted for nothing."""

    kind: str = Field(description="smime or pgp")
    result: str = Field(
        description="valid, other (not by whom “From” names), unknown (nobody vouches), broken or not_checked"
    )
    email: str
    name: str
    sentence: str = Field(description="The same in words.")


class MessageShape(Shape):
    """A message: a customer's, an answer, a note for colleagues, or one of a side thread with somebody outside."""

    id: int
    kind: str = Field(description="customer, reply, note, forward or outside")
    side: int | None = Field(
        description="The forward that began its side thread; null in the customer's thread."
    )
    author: Author
    sender: Mailed | None = Field(serialization_alias="from")
    to: list[Mailed]
    cc: list[Mailed]
    subject: str
    text: str = Field(description="What is new in it, as plain text.")
    quoted: str = Field(description="What it repeats of earlier letters.")
    html: str | None = Field(description="The same as HTML that is safe to show; null without one.")
    attachments: list[AttachmentShape]
    sent_at: datetime
    received_at: datetime
    message_id: str | None = Field(description="Of its letter, without < >.")
    trust: str | None = Field(description="Of a customer's message: participant or new_sender.")
    delivery: DeliveriesShape | None = Field(description="null for what is not sent.")
    taken_back_at: datetime | None = Field(description="When its writer took it back.")
    rating: RatingShape | None = Field(description="Of an answer: what the customer thinks of it.")
    signature: SignatureShape | None = Field(description="null for what is not signed.")
    told: list[str] = Field(
        description="What its letter tells beside its words: through whom it came, whether it was encrypted."
    )
    redacted: bool = Field(description="Whether it was taken out as a whole; nothing is left.")


def for_shapes(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Return `messages` so that shapes of any number of them cost the same number of queries."""
    return messages.select_related("text", "address").prefetch_related(
        "recipients", "attachments", "deliveries"
    )


def message_shapes(messages: Collection[Message]) -> list[MessageShape]:
    """Return the shapes of messages that `for_shapes` read."""
    authors = {message.pk: _author(message) for message in messages}
    rated = ratings.of_messages(messages)
    names = names_of(set(authors.values()))
    return [
        _shape(
            message,
            author(authors[message.pk], names[authors[message.pk]]),
            rating_shape(rated.get(message.pk)),
        )
        for message in messages
    ]


def _author(message: Message) -> Actor:
    """Return whose words these are: a customer's are theirs, also when a program logged them."""
    if message.kind == Message.Kind.CUSTOMER and message.address is not None:
        return Actor("customer", message.address.customer_id)
    return Actor(message.author_kind, message.author_id)  # type: ignore[arg-type]


def _shape(message: Message, by: Author, rating: RatingShape | None) -> MessageShape:
    deliveries = list(message.deliveries.all())
    return MessageShape(
        id=message.pk,
        kind=message.kind,
        side=message.side_id,
        author=by,
        sender=_sender(message, deliveries),
        to=_recipients(message, "to"),
        cc=_recipients(message, "cc"),
        subject=message.subject,
        text=message.text.plain,
        quoted=message.text.quoted,
        html=message.text.html or None,
        attachments=[attachment_shape(file) for file in message.attachments.all()],
        sent_at=message.sent_at,
        received_at=message.received_at,
        message_id=message.message_id or next((d.rfc_message_id for d in deliveries), None),
        trust=message.trust or None,
        delivery=_delivery(message, deliveries),
        taken_back_at=message.taken_back_at,
        rating=rating,
        signature=_signature(message),
        told=facts.sentences(message.facts),
        redacted=message.text.redacted_at is not None,
    )


def _signature(message: Message) -> SignatureShape | None:
    found = message.facts.get("signature")
    if not found:
        return None
    return SignatureShape(
        kind=found["kind"],
        result=found["result"],
        email=found["address"],
        name=found["name"],
        sentence=facts.signature_words(found),
    )


def _sender(message: Message, deliveries: list[Delivery]) -> Mailed | None:
    written = _recipients(message, "from")
    if written:
        return written[0]
    if message.address is not None:
        return Mailed(email=message.address.value, name=message.address.name)
    return None


def _recipients(message: Message, role: str) -> list[Mailed]:
    return [
        Mailed(email=one.address, name=one.name)
        for one in message.recipients.all()
        if one.role == role
    ]


def _delivery(message: Message, deliveries: list[Delivery]) -> DeliveriesShape | None:
    if message.kind not in (Message.Kind.REPLY, Message.Kind.FORWARD):
        return None
    states = {delivery.state for delivery in deliveries}
    return DeliveriesShape(
        # Its deliveries are made a moment after the answer; until then it is held like they will be.
        state=next((state for state in GRAVEST_FIRST if state in states), "held"),
        recipients=[_one(delivery) for delivery in deliveries],
    )


def _one(delivery: Delivery) -> DeliveryShape:
    return DeliveryShape(
        email=delivery.address,
        name=delivery.name,
        role=delivery.role,
        state=delivery.state,
        reason=delivery.reason or None,
        words=delivery.words or None,
        attempts=delivery.attempts,
        next_at=delivery.next_at,
        sent_at=delivery.sent_at,
    )

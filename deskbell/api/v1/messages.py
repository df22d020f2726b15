"""/tickets/CODE/messages: what was said, and saying something."""

from __future__ import annotations

from typing import Annotated, Literal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from deskbell import access
from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Count, Line, Listed, Moment, Part, Text, by_number
from deskbell.api.shapes.entry import EntryShape, entry_shapes
from deskbell.api.shapes.message import MessageShape, for_shapes, message_shapes
from deskbell.api.v1 import recipients
from deskbell.api.v1.asked import (
    WhichAgent,
    agent_of,
    checked_address,
    message_of,
    one_of,
    ticket_of,
)
from deskbell.api.v1.content import CannedNumbers, UploadTokens, content_of
from deskbell.api.v1.recipients import MOST_RECIPIENTS, Addressed, Somebodies
from deskbell.channels.mail import outbox
from deskbell.channels.mail.models import Delivery
from deskbell.errors import BadInput
from deskbell.knowledge import uses
from deskbell.people.customers import also_theirs, customer_for
from deskbell.tickets import actions
from deskbell.tickets.actions.send_on import party_at
from deskbell.tickets.content import Recipient
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.queries import with_parts

router = Router()


class NewLetter(Addressed):
    """What a letter says, whom it goes to, and what a forward hands on."""

    text: Text = ""
    html: Text = ""
    to: Somebodies = Field(
        (), description="Nobody named: the customer. A forward names who takes no part."
    )
    about: Count | None = Field(
        None, description="Of a forward: the number of the message that it hands on."
    )
    answers: Count | None = Field(
        None,
        description="Of a forward: the number of a message of a side thread, which goes on with it.",
    )
    attachments: UploadTokens = ()
    canned_answers: CannedNumbers = []
    seen_step: Count | None = Field(
        None,
        description="The ticket's `step` as you saw it; a reply is refused with something_came when more came.",
    )


class NewMessage(NewLetter):
    """An answer to the customer, a note for colleagues, or a letter to somebody outside."""

    kind: Literal["reply", "note", "forward"] = Field(
        description="A forward goes to somebody outside; the customer never sees it."
    )
    then: Literal["answered", "resolved", "postponed", "as_it_was"] = Field(
        "answered", description="What a reply leaves the ticket as; a note leaves it as it was."
    )
    until: Moment | None = Field(
        None, description="With `then` postponed: when the ticket comes back."
    )
    mentions: Annotated[tuple[WhichAgent, ...], Field(max_length=MOST_RECIPIENTS)] = Field(
        (), description="On a note: colleagues whom it calls."
    )


class OnceMore(Asked):
    """Where an answer goes that did not arrive."""

    email: Line
    instead_of: Line = Field(
        "",
        description=(
            "The address that was a mistake: the new one is theirs from now on, and takes part in its place."
        ),
    )


@router.get("/tickets/{code}/messages", response=Listed[MessageShape])
def list_messages(request: ApiRequest, code: str, part: Query[Part]) -> Listed[MessageShape]:
    """List the messages and notes of a ticket and of its parts, oldest first."""
    ticket = ticket_of(request, code)
    rows, after = by_number(for_shapes(_messages(ticket)), part)
    return Listed(items=message_shapes(rows), next=after)


@router.post("/tickets/{code}/messages", response={201: MessageShape})
def write_message(request: ApiRequest, code: str, new: NewMessage) -> Made:
    """Answer the customer, write a note, or write to somebody outside."""
    ticket, by = ticket_of(request, code), request.auth.actor
    with transaction.atomic():
        written = _write(request, ticket, new)
        uses.count(new.canned_answers, written, by=by)
    return Made(message_shape(written.pk), f"/tickets/{ticket.code}/messages/{written.pk}")


@router.get("/tickets/{code}/messages/{int:number}", response=MessageShape)
def show_message(request: ApiRequest, code: str, number: int) -> MessageShape:
    """Show a message."""
    ticket = ticket_of(request, code)
    return message_shape(one_of(_messages(ticket), number).pk)


@router.post("/tickets/{code}/messages/{int:number}/sending", response={201: EntryShape})
def send_on(request: ApiRequest, code: str, number: int, where: OnceMore) -> Made:
    """Send a letter that did not arrive once more, as it is: to the same address, or to the right one."""
    ticket, by = ticket_of(request, code), request.auth.actor
    message = one_of(_messages(ticket), number)
    verb = "forward" if message.kind == "forward" else "reply"
    access.require(by, verb, ticket)  # before anybody is met
    typed, wrong = checked_address(where.email, "email"), None
    if where.instead_of and (wrong := party_at(ticket, where.instead_of)) is None:
        raise BadInput("instead_of", _("Nobody takes part under this address."))
    with transaction.atomic():
        address = customer_for(typed) if wrong is None else also_theirs(wrong, typed)
        entry = actions.send_on(
            ticket,
            message,
            address,
            by=by,
            instead_of=wrong,
            delivery_id=_lost(message, where.instead_of or typed),
        )
    [shape] = entry_shapes([entry])
    return Made(shape, f"/tickets/{ticket.code}/timeline/{entry.step}")


def _write(request: ApiRequest, ticket: Ticket, new: NewMessage) -> Message:
    by = request.auth.actor
    content = content_of(request, new.text, new.html, new.attachments)
    if new.until is not None and (new.kind, new.then) != ("reply", "postponed"):
        raise BadInput("until", _("Only a reply that postpones the ticket has a moment."))
    require_forward(new, new.kind)
    if new.kind == "note":
        called = [
            agent_of(request, one, f"mentions.{place}") for place, one in enumerate(new.mentions)
        ]
        written = actions.note(ticket, content, by=by, mentions=called)
    elif new.mentions:
        raise BadInput("mentions", _("Only a note calls colleagues."))
    elif new.kind == "forward":
        written = actions.forward(
            ticket,
            content,
            by=by,
            to=recipients_outside(request, new),
            about=message_of(ticket, new.about, "about") if new.about else None,
            answers=message_of(ticket, new.answers, "answers") if new.answers else None,
        )
    else:
        to = recipients.of_answer(request, ticket, new, new.to)
        written = actions.reply(
            ticket,
            content,
            by=by,
            then=new.then,
            until=new.until,
            seen_step=new.seen_step,
            to=to,
            copies=outbox.copies(to),
        )
    return written


def _lost(message: Message, address: str) -> int | None:
    """Return the number of the mail of a message that did not arrive at an address; None for none."""
    failed = Delivery.objects.filter(message=message, state=Delivery.State.FAILED)
    found = failed.filter(address__iexact=address).order_by("-pk")
    return found.values_list("pk", flat=True).first()


def _messages(ticket: Ticket) -> QuerySet[Message]:
    return Message.objects.filter(ticket__in=with_parts(ticket.pk))


def message_shape(number: int) -> MessageShape:
    """Return the shape of the message of this number."""
    return message_shapes(for_shapes(Message.objects.filter(pk=number)))[0]


def recipients_outside(request: ApiRequest, new: NewLetter) -> tuple[Recipient, ...]:
    """Return whom a forward goes to.  Raises BadInput."""
    people = recipients.named(to=new.to, cc=new.cc, bcc=new.bcc)
    return (*recipients.sender(request, new), *people)


def require_forward(new: NewLetter, kind: str) -> None:
    """Raise BadInput where something hands on or goes on with a message, and is no forward."""
    if kind != "forward" and (new.about or new.answers):
        raise BadInput("about", _("Only a forward is about a message, or answers one."))

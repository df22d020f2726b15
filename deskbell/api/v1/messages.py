"""/tickets/CODE/messages: what was said, and saying something."""

from __future__ import annotations

from typing import Annotated, Literal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Count, Line, Listed, Moment, Part, Text, by_number
from deskbell.api.shapes.message import MessageShape, for_shapes, message_shapes
from deskbell.api.v1.asked import (
    WhichAgent,
    agent_of,
    checked_address,
    message_of,
    one_of,
    ticket_of,
)
from deskbell.api.v1.content import UploadTokens, content_of
from deskbell.errors import BadInput
from deskbell.knowledge import uses
from deskbell.tickets import actions
from deskbell.tickets.actions.reply import usual_recipients
from deskbell.tickets.content import Recipient
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.queries import with_parts

router = Router()

MOST_RECIPIENTS = 50


class Somebody(Asked):
    """A mail address with a name."""

    email: Line
    name: Line = ""


Somebodies = Annotated[
    tuple[Somebody | Line, ...],
    Field(
        max_length=MOST_RECIPIENTS, description="Mail addresses, or objects with email and name."
    ),
]


class NewMessage(Asked):
    """An answer to the customer, a note for colleagues, or a letter to somebody outside."""

    kind: Literal["reply", "note", "forward"] = Field(
        description="A forward goes to somebody outside; the customer never sees it."
    )
    text: Text = ""
    html: Text = ""
    then: Literal["answered", "resolved", "postponed", "as_it_was"] = Field(
        "answered", description="What a reply leaves the ticket as; a note leaves it as it was."
    )
    until: Moment | None = Field(
        None, description="With `then` postponed: when the ticket comes back."
    )
    mentions: Annotated[tuple[WhichAgent, ...], Field(max_length=MOST_RECIPIENTS)] = Field(
        (), description="On a note: colleagues whom it calls."
    )
    seen_step: Count | None = Field(
        None,
        description="The ticket's `step` as you saw it; refused with something_came when more came.",
    )
    to: Somebodies = Field(
        (), description="Nobody named: the customer. A forward names who takes no part."
    )
    cc: Somebodies = ()
    bcc: Somebodies = ()
    about: Count | None = Field(
        None, description="Of a forward: the number of the message that it hands on."
    )
    answers: Count | None = Field(
        None,
        description="Of a forward: the number of a message of a side thread, which goes on with it.",
    )
    attachments: UploadTokens = ()
    canned_answers: Annotated[
        list[Count],
        Field(
            description="The canned answers that are in it, which count it.", max_length=uses.MOST
        ),
    ] = []


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
    return Made(_shape(written.pk), f"/tickets/{ticket.code}/messages/{written.pk}")


@router.get("/tickets/{code}/messages/{int:number}", response=MessageShape)
def show_message(request: ApiRequest, code: str, number: int) -> MessageShape:
    """Show a message."""
    ticket = ticket_of(request, code)
    return _shape(one_of(_messages(ticket), number).pk)


def _write(request: ApiRequest, ticket: Ticket, new: NewMessage) -> Message:
    by = request.auth.actor
    content = content_of(request, new.text, new.html, new.attachments)
    if new.until is not None and (new.kind, new.then) != ("reply", "postponed"):
        raise BadInput("until", _("Only a reply that postpones the ticket has a moment."))
    if new.kind != "forward" and (new.about or new.answers):
        raise BadInput("about", _("Only a forward is about a message, or answers one."))
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
            to=_named(new),
            about=message_of(ticket, new.about, "about") if new.about else None,
            answers=message_of(ticket, new.answers, "answers") if new.answers else None,
        )
    else:
        written = actions.reply(
            ticket,
            content,
            by=by,
            then=new.then,
            until=new.until,
            seen_step=new.seen_step,
            to=_recipients(ticket, new),
        )
    return written


def _messages(ticket: Ticket) -> QuerySet[Message]:
    return Message.objects.filter(ticket__in=with_parts(ticket.pk))


def _shape(number: int) -> MessageShape:
    return message_shapes(for_shapes(Message.objects.filter(pk=number)))[0]


def _recipients(ticket: Ticket, new: NewMessage) -> tuple[Recipient, ...]:
    """Return who is named; copies alone go beside the customer."""
    named = _named(new)
    return named if new.to or not named else (usual_recipients(ticket)[0], *named)


def _named(new: NewMessage) -> tuple[Recipient, ...]:
    return tuple(
        _recipient(role, who, f"{role}.{place}")
        for role, people in (("to", new.to), ("cc", new.cc), ("bcc", new.bcc))
        for place, who in enumerate(people)
    )


def _recipient(role: str, who: Somebody | str, field: str) -> Recipient:
    email, name = (who, "") if isinstance(who, str) else (who.email, who.name)
    return Recipient(role, checked_address(email, field), name)

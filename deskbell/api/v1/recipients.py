"""Whom a letter of a program goes to, who takes part from then on, and the address of ours that it leaves from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from pydantic import Field

from deskbell import access
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Line
from deskbell.api.v1.asked import checked_address
from deskbell.channels.mail import outbox
from deskbell.tickets.actions.reply import usual_recipients
from deskbell.tickets.content import Recipient
from deskbell.tickets.models import Ticket

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


class Addressed(Asked):
    """A letter that names whom it goes to beside its customer, and what it leaves from."""

    cc: Somebodies = ()
    bcc: Somebodies = ()
    sender: Line = Field(
        "",
        alias="from",
        description=(
            "The mail box of ours that it leaves from, of a department in which you answer; absent: that of"
            " the ticket's department."
        ),
    )


def named(
    *,
    to: Sequence[Somebody | str] = (),
    cc: Sequence[Somebody | str],
    bcc: Sequence[Somebody | str],
) -> tuple[Recipient, ...]:
    """Return those whom a body names.  Raises BadInput."""
    return tuple(
        _recipient(role, who, f"{role}.{place}")
        for role, people in (("to", to), ("cc", cc), ("bcc", bcc))
        for place, who in enumerate(people)
    )


def sender(request: ApiRequest, new: Addressed) -> tuple[Recipient, ...]:
    """Return the address of ours that a body names, () when it names none.  Raises SenderNotAllowed."""
    if not new.sender:
        return ()
    return (outbox.sender_named(partial(access.may, request.auth.actor), new.sender),)


def of_answer(
    request: ApiRequest, ticket: Ticket, new: Addressed, to: Sequence[Somebody | str]
) -> tuple[Recipient, ...]:
    """Return whom an answer goes to, the customer before those copied in; () for whom answers go to.

    Raises BadInput.
    """
    people, leaves_from = named(to=to, cc=new.cc, bcc=new.bcc), sender(request, new)
    if not people:
        return (*leaves_from, *usual_recipients(ticket)) if leaves_from else ()
    if not to:
        people = (*usual_recipients(ticket)[:1], *people)
    return (*leaves_from, *people)


def beside(request: ApiRequest, new: Addressed, customer: Recipient) -> tuple[Recipient, ...]:
    """Return whom the mail that begins a ticket goes to: its customer, and whom a body names beside them.

    Raises BadInput.
    """
    others = named(cc=new.cc, bcc=new.bcc)
    return (
        *sender(request, new),
        customer,
        *(one for one in others if one.address.lower() != customer.address.lower()),
    )


def _recipient(role: str, who: Somebody | str, field: str) -> Recipient:
    email, name = (who, "") if isinstance(who, str) else (who.email, who.name)
    return Recipient(role, checked_address(email, field), name)

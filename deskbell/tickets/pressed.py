"""Forms that were sent: the same one sent again, by a double click or a reload, finds what the first made of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from deskbell import clock
from deskbell.database.prepared import Prepared
from deskbell.tickets.models import Link, Message, Pressed, Ticket

if TYPE_CHECKING:
    from deskbell.people.actors import Actor
    from deskbell.tickets.content import Content

# A browser may bring a page of yesterday back; nobody presses one of last week.
KEPT = timedelta(days=7)


def made_before(
    once: str, ticket: Ticket, content: Content, *, by: Actor, goes_on: bool = False
) -> Message | None:
    """Return the message that this form made before; None for a new one.

    goes_on  it may have begun a ticket that follows this one up
    Other words or files, another ticket or another writer under an old token are something new: they are not swallowed.
    """
    if not once or not _sent(once):
        return None
    there = Q(ticket=ticket)
    if goes_on:
        there |= Q(ticket__links__other=ticket, ticket__links__kind=Link.Kind.FOLLOW_UP_OF)
    found = Message.objects.filter(
        there,
        pk__in=Pressed.objects.filter(once=once).values("message_id"),
        author_kind=by.kind,
        author_id=by.id,
        text__plain=content.text,
        text__html=content.html,
        taken_back_at=None,  # sent once more after it was taken back, it is meant
    ).first()
    return found if found is not None and _files_of(found) == _sums(content) else None


def _files_of(message: Message) -> list[str]:
    return sorted(message.attachments.values_list("sha256", flat=True))


def _sums(content: Content) -> list[str]:
    return sorted(file.kept.sha256 for file in content.files)


def opened_before(once: str, *, by: Actor) -> Ticket | None:
    """Return the ticket that this form opened before; None for a new one."""
    if not once:
        return None
    sent = Pressed.objects.filter(
        once=once, message__author_kind=by.kind, message__author_id=by.id
    ).first()
    return sent.message.ticket if sent is not None else None


_sent = Prepared(lambda once: Pressed.objects.filter(once=once).values_list("pk", flat=True))


def remember(once: str, message: Message) -> None:
    """Remember what a form made, in the transaction of the message; no token, no memory."""
    if once:
        Pressed.objects.bulk_create(
            [Pressed(once=once, message=message, at=clock.now())],
            update_conflicts=True,
            unique_fields=["once"],
            update_fields=["message", "at"],
        )


def forget_old() -> int:
    """Delete what was sent long ago; return how much.  The timetable calls it."""
    return Pressed.objects.filter(at__lte=clock.now() - KEPT).delete()[0]

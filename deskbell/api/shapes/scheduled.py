"""What leaves later, as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import Field

from deskbell.api.shapes.base import Mailed, Named, Shape, named
from deskbell.tickets import leaving

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Draft


class WaitingFileShape(Shape):
    """A file that goes along."""

    name: str
    type: str
    size: int = Field(description="In bytes.")


class ScheduledShape(Shape):
    """A letter that is written and waits for its moment.  What a colleague wrote is theirs alone until it leaves."""

    id: int
    kind: str = Field(description="reply, forward, or mail: the first one of a ticket to be")
    ticket: str | None = Field(description="The code of its ticket; null before there is one.")
    subject: str | None = Field(description="Of a mail that begins a ticket.")
    agent: Named = Field(description="Who wrote it, and in whose name it leaves.")
    send_at: datetime
    then: str = Field(
        description="What a reply leaves the ticket as: answered, resolved, as_it_was."
    )
    unless_something_comes: bool = Field(description="Whether a message before keeps it here.")
    sender: Mailed | None = Field(
        serialization_alias="from",
        description="The mail box of ours that it leaves from, if chosen.",
    )
    to: list[Mailed] = Field(description="Nobody named: whom answers go to.")
    cc: list[Mailed]
    bcc: list[Mailed]
    text: str | None = Field(description="null where it is a colleague's.")
    html: str | None
    attachments: list[WaitingFileShape]


def for_shapes(found: QuerySet[Draft]) -> QuerySet[Draft]:
    """Return `found` so that shapes of any number of them cost the same number of queries."""
    return found.prefetch_related("files")


def scheduled_shape(draft: Draft, by: Actor, *, reads_all: bool) -> ScheduledShape:
    """Return the shape of a letter that waits.

    reads_all  whether `by` runs the desk, and reads what others wrote
    """
    reads = reads_all or (by.is_agent and by.id == draft.agent_id)
    return ScheduledShape(
        id=draft.pk,
        kind=draft.kind,
        ticket=None if draft.ticket is None else draft.ticket.code,
        subject=_subject(draft) if reads else None,
        agent=named(draft.agent),
        send_at=draft.send_at,
        then=draft.then,
        unless_something_comes=draft.unless_something_comes,
        sender=next(iter(_named(draft, "from")), None) if reads else None,
        to=_named(draft, "to") if reads else [],
        cc=_named(draft, "cc") if reads else [],
        bcc=_named(draft, "bcc") if reads else [],
        text=draft.text if reads else None,
        html=(draft.html or None) if reads else None,
        attachments=[
            WaitingFileShape(name=one.name, type=one.content_type, size=one.size_bytes)
            for one in draft.files.all()
            if reads
        ],
    )


def _subject(draft: Draft) -> str | None:
    return None if draft.ticket_id is not None else draft.said("subject")


def _named(draft: Draft, role: str) -> list[Mailed]:
    return [
        Mailed(email=one.address, name=one.name)
        for one in leaving.recipients_of(draft)
        if one.role == role
    ]

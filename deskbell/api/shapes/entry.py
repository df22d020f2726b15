"""An entry of the timeline as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import Field

from deskbell.api.shapes.base import Shape
from deskbell.tickets import thread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Entry


class Author(Shape):
    """Who did it: an agent, a customer, a rule, the clock or a migration."""

    kind: str
    id: int | None
    name: str


class EntryShape(Shape):
    """Something that happened to a ticket."""

    step: int
    at: datetime
    occurred_at: datetime | None = Field(description="When it truly happened; null is `at`.")
    by: Author
    kind: str = Field(examples=["ticket.resolved"])
    v: int = Field(description="The version of the shape of `data`.")
    data: dict[str, Any]
    sentence: str = Field(description="The same in words, in the caller's language and zone.")
    cause: int | None = Field(description="The step that led to it.")


def entry_shapes(entries: Iterable[Entry]) -> list[EntryShape]:
    """Return the shapes of entries; the number of queries does not depend on how many there are."""
    return [entry_shape(item) for item in thread.items(entries)]


def entry_shape(item: thread.Item) -> EntryShape:
    """Return the shape of one thing of a thread."""
    return EntryShape(
        step=item.step,
        at=item.at,
        occurred_at=item.occurred_at,
        by=author(item.by, item.name),
        kind=item.kind,
        v=item.v,
        data=item.data,
        sentence=item.sentence,
        cause=item.cause_step,
    )


def author(actor: Actor, name: str) -> Author:
    """Return the shape of an author."""
    return Author(kind=actor.kind, id=actor.id, name=name)

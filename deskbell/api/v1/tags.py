"""/tags and /tickets/CODE/tags: words that tickets are marked with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Line, Listed, Part, Shape, by_number
from deskbell.api.v1.asked import one_of, ticket_of
from deskbell.tickets import actions, timeline
from deskbell.tickets.models import Tag, Ticket
from deskbell.tickets.tags import tags_for

router = Router()

MOST_TAGS = 100


class TagShape(Shape):
    """A tag."""

    id: int
    name: str
    archived_at: datetime | None = Field(description="null while it is offered")


class TagsShape(Shape):
    """The tags of a ticket."""

    items: list[TagShape]
    step: int


class NewTag(Asked):
    """A tag that a ticket gets."""

    name: Line


TagNames = Annotated[tuple[Line, ...], Field(max_length=MOST_TAGS, description="Names of tags.")]


class AllTags(Asked):
    """All the tags that a ticket is to have."""

    tags: TagNames


@router.get("/tags", response=Listed[TagShape])
def list_tags(request: ApiRequest, part: Query[Part]) -> Listed[TagShape]:
    """List the tags of the desk; any that a ticket gets is made when it is new."""
    rows, after = by_number(Tag.objects.all(), part)
    return Listed(items=[_shape(tag) for tag in rows], next=after)


@router.get("/tickets/{code}/tags", response=TagsShape)
def list_tags_of_ticket(request: ApiRequest, code: str) -> TagsShape:
    """List the tags of a ticket, by name."""
    return _tags(ticket_of(request, code))


@router.put("/tickets/{code}/tags", response=TagsShape)
def set_tags(request: ApiRequest, code: str, new: AllTags) -> TagsShape:
    """Give a ticket exactly these tags."""
    ticket = ticket_of(request, code)
    put_tags(request, ticket, new.tags)
    return _tags(ticket)


@router.post("/tickets/{code}/tags", response={201: TagsShape})
def add_tag(request: ApiRequest, code: str, new: NewTag) -> Made:
    """Mark a ticket with one more tag."""
    ticket = ticket_of(request, code)
    actions.tag(ticket, by=request.auth.actor, add=[new.name])
    return Made(_tags(ticket), f"/tickets/{ticket.code}/tags")


@router.delete("/tickets/{code}/tags/{int:number}", response={204: None})
def remove_tag(request: ApiRequest, code: str, number: int) -> None:
    """Take a tag away from a ticket."""
    ticket = ticket_of(request, code)
    gone = one_of(Tag.objects.filter(taggings__ticket=ticket), number)
    actions.tag(ticket, by=request.auth.actor, remove=[gone.name])


def put_tags(request: ApiRequest, ticket: Ticket, names: tuple[str, ...]) -> None:
    """Give a ticket exactly the tags of these names.  Raises NotAllowed, WrongStatus, BadInput."""
    # Held, so that nobody puts another tag between looking and doing.
    with timeline.locked(ticket) as (fresh,):
        kept = {tag.pk for tag in tags_for(names, make=False)}
        others = Tag.objects.filter(taggings__ticket=fresh).exclude(pk__in=kept)
        gone = [tag.name for tag in others]
        actions.tag(fresh, by=request.auth.actor, add=names, remove=gone)


def _tags(ticket: Ticket) -> TagsShape:
    tags = Tag.objects.filter(taggings__ticket=ticket)
    return TagsShape(items=[_shape(tag) for tag in tags], step=ticket.last_step)


def _shape(tag: Tag) -> TagShape:
    return TagShape(id=tag.pk, name=tag.name, archived_at=tag.archived_at)

"""/blocked_senders: who is heard no more by mail."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from ninja import Query, Router
from pydantic import Field

from deskbell import access
from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Line, Listed, Named, Part, Shape, by_number
from deskbell.api.v1.asked import one_of
from deskbell.channels.mail import blocking
from deskbell.channels.mail.models import BlockedSender

router = Router()


class BlockedSenderShape(Shape):
    """A sender whose letters make neither ticket nor message."""

    id: int
    sender: str = Field(description="An address, or @ and a domain.")
    blocked_at: datetime
    blocked_by: Named | None


class NewBlockedSender(Asked):
    """A sender to be blocked."""

    sender: Line = Field(description="An address, or @ and a domain.", examples=["@spam.example"])


@router.get("/blocked_senders", response=Listed[BlockedSenderShape])
def list_blocked_senders(request: ApiRequest, part: Query[Part]) -> Listed[BlockedSenderShape]:
    """List the senders who are blocked."""
    rows, after = by_number(_blocked(request).select_related("blocked_by"), part)
    return Listed(items=[_shape(one) for one in rows], next=after)


@router.post("/blocked_senders", response={201: BlockedSenderShape})
def block_sender(request: ApiRequest, new: NewBlockedSender) -> Made:
    """Hear no more of a sender; letters that come are kept and can still be read."""
    made = blocking.block(new.sender, by=request.auth.actor)
    return Made(_shape(made), f"/blocked_senders/{made.pk}")


@router.delete("/blocked_senders/{int:number}", response={204: None})
def unblock_sender(request: ApiRequest, number: int) -> None:
    """Hear of a sender again."""
    blocking.unblock(one_of(_blocked(request), number), by=request.auth.actor)


def _blocked(request: ApiRequest) -> QuerySet[BlockedSender]:
    access.require(request.auth.actor, "block_sender")
    return BlockedSender.objects.all()


def _shape(one: BlockedSender) -> BlockedSenderShape:
    by = one.blocked_by
    return BlockedSenderShape(
        id=one.pk,
        sender=one.sender,
        blocked_at=one.blocked_at,
        blocked_by=Named(id=by.pk, name=by.name) if by else None,
    )

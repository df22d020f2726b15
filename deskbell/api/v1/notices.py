"""/notices: what the bell tells the caller, how much of it is unread, and taking it as read.

What is read here is read on the page, too, and no letter tells of it any more.
"""

from __future__ import annotations

from ninja import Query, Router
from pydantic import Field

from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import LARGEST, Asked, Listed, Part, Shape, by_number
from deskbell.api.shapes.notice import NoticeShape, notice_shape
from deskbell.api.v1.asked import ticket_of
from deskbell.notices import reading
from deskbell.notices.reading import MOST_UNREAD

router = Router()


class Wanted(Part):
    """Which notices are asked for."""

    unread: bool | None = Field(
        None, description="true: only what is unread; false: only what was read; absent: both."
    )


class Until(Asked):
    """How far notices are read."""

    until: int | None = Field(
        None,
        ge=1,
        le=LARGEST,
        description="The number of the newest notice that you know: what came since stays unread. Absent: all.",
    )


class UnreadShape(Shape):
    """How much is unread."""

    count: int = Field(
        description=f"As many as the bell counts: {MOST_UNREAD + 1} is more than {MOST_UNREAD}."
    )


@router.get("/notices", response=Listed[NoticeShape])
def list_notices(request: ApiRequest, wanted: Query[Wanted]) -> Listed[NoticeShape]:
    """List what you were told of tickets that you see, the newest first."""
    mine = reading.of(request.auth.actor, unread=wanted.unread)
    rows, after = by_number(mine, wanted, newest_first=True)
    return Listed(items=[notice_shape(one) for one in reading.worded(rows)], next=after)


@router.get("/notices/unread", response=UnreadShape)
def count_unread(request: ApiRequest) -> UnreadShape:
    """Count what is unread, as the bell on the page does."""
    return UnreadShape(count=len(reading.unread_of(request.auth.actor).notices))


@router.delete("/notices/unread", response={204: None})
def read_notices(request: ApiRequest, asked: Query[Until]) -> None:
    """Take all that you were told as read."""
    reading.read_all(request.auth.actor, until=asked.until)


@router.delete("/tickets/{code}/unread", response={204: None})
def read_notices_of_ticket(request: ApiRequest, code: str) -> None:
    """Take as read what you were told of a ticket."""
    reading.read_ticket(request.auth.actor, ticket_of(request, code))

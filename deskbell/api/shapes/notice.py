"""A notice as the API shows it: one thing that happened, of which the caller is told."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import Field

from deskbell.api.shapes.base import Shape
from deskbell.notices.wishes import Why

if TYPE_CHECKING:
    from deskbell.notices.reading import Told


class NoticeShape(Shape):
    """One thing that happened, of which you are told."""

    id: int
    why: str = Field(
        description=f"The strongest reason that holds, one of {', '.join(Why.values)}."
    )
    sentence: str = Field(description="The same in words, in the caller's language and zone.")
    words: str = Field(description="The first words of the message that it is about; or empty.")
    ticket: str = Field(description="The code of the ticket.", examples=["ABC-DEFGH-123"])
    subject: str
    step: int = Field(description="The entry of the ticket's timeline that it is about.")
    at: datetime
    read_at: datetime | None = Field(description="null while it is unread")


def notice_shape(one: Told) -> NoticeShape:
    """Return the shape of a notice."""
    return NoticeShape(
        id=one.id,
        why=one.why,
        sentence=one.sentence,
        words=one.words,
        ticket=one.code,
        subject=one.subject,
        step=one.step,
        at=one.at,
        read_at=one.read_at,
    )

"""A customer's rating as the API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from deskbell.api.shapes.base import Shape

if TYPE_CHECKING:
    from deskbell.tickets.ratings import Rated


class RatingShape(Shape):
    """What the customer thinks, as they said it last."""

    score: str = Field(description="good, fair or bad")
    words: str = Field(description="Empty when they said none.")
    step: int = Field(description="The entry of the timeline by which they said so.")


def rating_shape(rated: Rated | None) -> RatingShape | None:
    """Return the shape of a rating, None where there is none."""
    if rated is None:
        return None
    return RatingShape(score=rated.score, words=rated.words, step=rated.step)

"""What all shapes share: how they are written, clean words, numbers, lists."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from deskbell.channels.mail import decode
from deskbell.errors import BadInput

if TYPE_CHECKING:
    from django.db.models import QuerySet

S = TypeVar("S")
M = TypeVar("M", bound=Model)

# What a column of numbers holds.
LARGEST = 2**63 - 1

LARGEST_PAGE = 100

# Far above what anybody writes; the body as a whole is limited by the front.
LONGEST_TEXT = 1_000_000

# What every database, calendar and zone can hold.
YEARS = range(1970, 2200)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")

Number = Annotated[int, Field(ge=1, le=LARGEST, strict=True)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Line = Annotated[str, Field(max_length=500), AfterValidator(decode.one_line)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(decode.clean)]


def _written_out(value: Any, read: ValidatorFunctionWrapHandler) -> datetime:
    """Refuse numbers, in which nobody can tell seconds from milliseconds, what has no zone, and what is no moment."""
    if isinstance(value, str) and _MOMENT.match(value):
        with suppress(ValidationError):
            moment: datetime = read(value)
            return moment
    raise PydanticCustomError("moment", _("Write the moment out, as in 2026-03-02T12:00:00Z."))


def _in_utc(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise PydanticCustomError("moment", _("This moment is too far away."))
    return moment.astimezone(UTC)


Moment = Annotated[
    AwareDatetime,
    WrapValidator(_written_out),
    AfterValidator(_in_utc),
    Field(description="ISO 8601 with its zone.", examples=["2026-03-02T12:00:00Z"]),
]


class Shape(BaseModel):
    """Something that the API shows.  Instants are ISO 8601 in UTC."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)


class Asked(BaseModel):
    """Something that a caller sends; a field that nobody knows is refused, so that a misspelling is seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(Shape):
    """A pointer to something that has a name."""

    id: int
    name: str


class Mailed(Shape):
    """A mail address and the name beside it."""

    email: str
    name: str = ""


class Listed(Shape, Generic[S]):
    """A list; `next` is the cursor for `after` that leads on, null at the end."""

    items: list[S]
    next: str | None


class Part(Asked):
    """Which part of a list is asked for."""

    after: Annotated[str, Field(max_length=500)] = Field(
        "", description="The cursor that the list gave as `next`; empty is the beginning."
    )
    limit: int = Field(50, ge=1, le=LARGEST_PAGE, description="How many at the most.")


def by_number(
    things: QuerySet[M], part: Part, *, column: str = "id", newest_first: bool = False
) -> tuple[list[M], str | None]:
    """Return the asked part of `things` in the order of a number, and the cursor that leads on.

    The cursor is the number itself.  Raises BadInput for one that is none.
    """
    if part.after:
        way = "lt" if newest_first else "gt"
        things = things.filter(**{f"{column}__{way}": _cursor(part.after)})
    ordered = things.order_by(f"-{column}" if newest_first else column)
    rows = list(ordered[: part.limit + 1])
    if len(rows) <= part.limit:
        return rows, None
    return rows[: part.limit], str(getattr(rows[part.limit - 1], column))


def named(thing: Model | None) -> Named | None:
    """Return the pointer to an agent, department or company."""
    return None if thing is None else Named(id=thing.pk, name=getattr(thing, "name"))  # noqa: B009


def _cursor(after: str) -> int:
    number = int(after) if after.isascii() and after.isdecimal() and len(after) < 20 else -1  # noqa: PLR2004
    if not 0 <= number <= LARGEST:
        raise BadInput("after", _("This cursor is not one that a list gave."))
    return number

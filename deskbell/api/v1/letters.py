"""/letters: every mail that came, what became of it, its bytes, and reading it again."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router
from pydantic import Field

from deskbell import access
from deskbell.api.answers import A_FILE, file_answer
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Listed, Part, by_number
from deskbell.api.shapes.letter import LetterShape, for_shapes, letter_shape
from deskbell.api.v1.asked import one_of
from deskbell.channels.mail import letters
from deskbell.channels.mail.models import Letter
from deskbell.errors import BadInput, Conflict

router = Router()

AGAIN = (Letter.State.PARKED, Letter.State.IGNORED)


class CannotBeReadAgain(Conflict):
    """A letter that was read, or waits, is not read again: it would become two messages."""

    code = "cannot_be_read_again"
    template = _(
        "Only letters that need a look or made no ticket can be read again, unless sealed."
    )


class Wanted(Part):
    """Which letters are asked for."""

    state: Annotated[str, Field(max_length=100)] = Field(
        "", description=f"Some of {', '.join(Letter.State.values)}, with commas."
    )
    what: Annotated[str, Field(max_length=20)] = Field(
        "", description=f"One of {', '.join(Letter.What.values)}; without it, every kind."
    )


@router.get("/letters", response=Listed[LetterShape])
def list_letters(request: ApiRequest, wanted: Query[Wanted]) -> Listed[LetterShape]:
    """List the letters, newest first."""
    found = letters.visible_to(request.auth.actor)
    if wanted.state:
        found = found.filter(state__in=_states(wanted.state))
    if wanted.what:
        found = found.filter(what=_what(wanted.what))
    rows, after = by_number(for_shapes(found), wanted, newest_first=True)
    return Listed(items=[letter_shape(letter) for letter in rows], next=after)


@router.get("/letters/{int:number}", response=LetterShape)
def show_letter(request: ApiRequest, number: int) -> LetterShape:
    """Show what became of a letter."""
    return letter_shape(one_of(for_shapes(letters.visible_to(request.auth.actor)), number))


@router.get("/letters/{int:number}/source", response={200: None}, openapi_extra=A_FILE)
def fetch_source(request: ApiRequest, number: int) -> HttpResponse:
    """Fetch a letter exactly as it came, as message/rfc822; of a sealed one nothing is left."""
    letter = one_of(letters.visible_to(request.auth.actor).filter(sealed_at=None), number)
    return file_answer(
        letters.path_of(letter), name=f"letter-{letter.pk}.eml", content_type="message/rfc822"
    )


@router.post("/letters/{int:number}/reading", response=LetterShape)
def read_letter_again(request: ApiRequest, number: int) -> LetterShape:
    """Let a letter be read again that needs a look or made no ticket."""
    access.require(request.auth.actor, "retry_letter")
    letter = one_of(letters.visible_to(request.auth.actor), number)
    if letter.state not in AGAIN or letter.sealed_at is not None:
        raise CannotBeReadAgain
    letters.read_again(letter)
    return letter_shape(one_of(for_shapes(Letter.objects.all()), number))


def _what(wanted: str) -> str:
    if wanted not in Letter.What.values:
        kinds = ", ".join(Letter.What.values)
        raise BadInput("what", _("There are the kinds {kinds}."), kinds=kinds)
    return wanted


def _states(wanted: str) -> list[str]:
    states = [state.strip() for state in wanted.split(",") if state.strip()]
    if not states or set(states) - set(Letter.State.values):
        raise BadInput(
            "state",
            _("There are the states {states}."),
            states=", ".join(Letter.State.values),
        )
    return states

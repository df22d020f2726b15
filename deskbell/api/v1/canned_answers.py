"""/canned-answers: texts to start answers from, and what one says for a ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import (
    Asked,
    Flag,
    Line,
    Listed,
    Named,
    Number,
    Part,
    Shape,
    Text,
    by_number,
    named,
)
from deskbell.api.v1.asked import (
    Audience,
    SeenVersion,
    WhichDepartment,
    given,
    owners_now,
    owners_of,
    shares,
    ticket_of,
)
from deskbell.api.v1.content import UploadTokens, content_of, files_of
from deskbell.errors import BadInput
from deskbell.knowledge import canned, filling, whose
from deskbell.knowledge.canned import Said, Wanted
from deskbell.knowledge.models import CannedAnswer
from deskbell.knowledge.offers import fitting, with_words

router = Router()

FOR_WHOM = "Whom it is for; all but `mine` need the right `share_canned_answers`."
LONGEST_LANGUAGE = 12


class SaidShape(Shape):
    """What an answer says in one language; `html` is null where it has no looks."""

    text: str
    html: str | None


class CannedFileShape(Shape):
    """A file that goes along."""

    id: int
    name: str
    content_type: str
    size_bytes: int


class CannedAnswerShape(Shape):
    """A text to start an answer from."""

    id: int
    name: str
    folder: str
    abbreviation: str = Field(description="What is typed after a slash to have it at once.")
    audience: Audience
    department: Named | None = Field(description="Whose it is, when it is a department's.")
    texts: dict[str, SaidShape] = Field(description="By language.")
    files: list[CannedFileShape]
    used: int = Field(description="In how many messages it was sent.")
    used_at: datetime | None
    archived: bool
    version: int = Field(description="Counts its changes; send it back as `seen_version`.")


class FittingShape(Shape):
    """An answer that fits a ticket, and why."""

    canned_answer: Named
    because: list[str] = Field(description="Words of the customer that it shares.")
    tagged: int = Field(
        description="How often it was sent lately on tickets with a tag of this one."
    )


class FilledShape(Shape):
    """What an answer says for a ticket, its places filled."""

    language: str
    text: str
    html: str | None


class NewSaid(Asked):
    """What an answer is to say in one language: a text, or HTML."""

    text: Text = ""
    html: Text = ""


Texts = Annotated[
    dict[Annotated[str, Field(max_length=LONGEST_LANGUAGE)], NewSaid],
    Field(description="By language; all of them. Places like {first_name|there} are filled."),
]


class NewCannedAnswer(Asked):
    """An answer to be."""

    name: Line
    texts: Texts
    folder: Line = ""
    abbreviation: Line = ""
    audience: Audience = Field("mine", description=FOR_WHOM)
    department: WhichDepartment | None = None
    attachments: UploadTokens = ()


class CannedAnswerChange(Asked):
    """What changes about an answer; what is not named stays."""

    name: Line | None = None
    texts: Texts | None = None
    folder: Line | None = None
    abbreviation: Line | None = None
    audience: Audience | None = Field(None, description=FOR_WHOM)
    department: WhichDepartment | None = None
    attachments: UploadTokens = ()
    drop_files: Annotated[
        list[Number], Field(description="Numbers of files that go along no longer.", max_length=50)
    ] = []
    archived: Flag | None = None
    seen_version: SeenVersion = None


class Wish(Part):
    """Which answers to list."""

    q: Annotated[str, Field(max_length=100, description="Words, or beginnings of words.")] = ""
    archived: bool = False


@router.get("/canned-answers", response=Listed[CannedAnswerShape])
def list_canned_answers(request: ApiRequest, part: Query[Wish]) -> Listed[CannedAnswerShape]:
    """List the canned answers that you may use or change."""
    seen = canned.listed(request.auth.actor, shares=shares(request))
    seen = with_words(seen.filter(archived_at__isnull=not part.archived), part.q)
    rows, after = by_number(
        seen.select_related("department").prefetch_related("texts", "files"), part
    )
    return Listed(items=[_shape(one) for one in rows], next=after)


@router.post("/canned-answers", response={201: CannedAnswerShape})
def add_canned_answer(request: ApiRequest, new: NewCannedAnswer) -> Made:
    """Keep an answer."""
    owner, department = owners_of(request, new.audience, new.department)
    wanted = Wanted(
        new.name,
        _texts(request, new.texts),
        folder=new.folder,
        abbreviation=new.abbreviation,
        owner=owner,
        department=department,
        more_files=files_of(request, new.attachments),
    )
    made = canned.make(wanted, by=request.auth.actor)
    return Made(_shape(made), f"/canned-answers/{made.pk}")


@router.get("/canned-answers/{int:number}", response=CannedAnswerShape)
def show_canned_answer(request: ApiRequest, number: int) -> CannedAnswerShape:
    """Show an answer."""
    return _shape(_answer(request, number))


@router.patch("/canned-answers/{int:number}", response=CannedAnswerShape)
def change_canned_answer(
    request: ApiRequest, number: int, change: CannedAnswerChange
) -> CannedAnswerShape:
    """Change an answer, archive it or bring it back."""
    found, by = _answer(request, number), request.auth.actor
    whose.require_change(found, by)
    said = given(change, "name", "folder", "abbreviation")
    if change.texts is not None:
        said["texts"] = _texts(request, change.texts)
    said |= owners_now(request, found, change.audience, change.department)
    said["more_files"] = files_of(request, change.attachments)
    said["less_files"] = change.drop_files
    wanted = replace(canned.as_it_is(found), **said)
    canned.change(found, wanted, by=by, seen=change.seen_version)
    if change.archived is not None:
        whose.offer(found, offered=not change.archived, by=by)
    return _shape(_answer(request, number))


@router.delete("/canned-answers/{int:number}", response={204: None})
def archive_canned_answer(request: ApiRequest, number: int) -> None:
    """Offer an answer no more; `archived` false brings it back."""
    whose.archive(_answer(request, number), by=request.auth.actor)


@router.get("/tickets/{code}/canned-answers", response=Listed[FittingShape])
def list_fitting_answers(request: ApiRequest, code: str) -> Listed[FittingShape]:
    """List the few answers that fit what the customer says, the best first."""
    ticket, by = ticket_of(request, code), request.auth.actor
    found = fitting(by, ticket, filling.about_ticket(ticket))
    answers = canned.usable(by).in_bulk([one.answer_id for one in found])
    items = [
        FittingShape(
            canned_answer=Named(id=one.answer_id, name=answers[one.answer_id].name),
            because=list(one.because),
            tagged=one.tagged,
        )
        for one in found
    ]
    return Listed(items=items, next=None)


@router.get("/tickets/{code}/canned-answers/{int:number}", response=FilledShape)
def fill_canned_answer(request: ApiRequest, code: str, number: int) -> FilledShape:
    """Show what an answer says for a ticket; name it in the `canned_answers` of the message that it goes into."""
    ticket, found = ticket_of(request, code), _answer(request, number)
    about = filling.about_ticket(ticket)
    text = filling.in_language(list(found.texts.all()), about.languages)
    if text is None:
        raise BadInput("number", "number must be an answer with a text")
    said = filling.fill(text.plain, text.html, text.language, about, request.auth.agent)
    return FilledShape(language=said.language, text=said.plain, html=said.html or None)


def _answer(request: ApiRequest, number: int) -> CannedAnswer:
    return canned.one_of(request.auth.actor, number, shares=shares(request))


def _texts(request: ApiRequest, texts: dict[str, NewSaid]) -> dict[str, Said]:
    return {language: _said(request, language, one) for language, one in texts.items()}


def _said(request: ApiRequest, language: str, new: NewSaid) -> Said:
    try:
        content = content_of(request, new.text, new.html, ())
    except BadInput as error:
        raise BadInput(f"texts.{language}.{error.field}", error.sentence) from error
    return Said(content.text, content.html)


def _shape(found: CannedAnswer) -> CannedAnswerShape:
    return CannedAnswerShape.model_validate(
        {
            "id": found.pk,
            "name": found.name,
            "folder": found.folder,
            "abbreviation": found.abbreviation,
            "audience": found.audience,
            "department": named(found.department),
            "texts": {
                one.language: {"text": one.plain, "html": one.html or None}
                for one in found.texts.all()
            },
            "files": [
                {
                    "id": one.pk,
                    "name": one.name,
                    "content_type": one.content_type,
                    "size_bytes": one.size_bytes,
                }
                for one in found.files.all()
            ],
            "used": found.used,
            "used_at": found.used_at,
            "archived": found.archived_at is not None,
            "version": found.version,
        }
    )

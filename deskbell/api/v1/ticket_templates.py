"""/ticket-templates: what a ticket that an agent opens begins with."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from django.utils.translation import gettext as _
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
    Part,
    Shape,
    Text,
    by_number,
    named,
)
from deskbell.api.v1.asked import (
    Audience,
    Priority,
    SeenVersion,
    WhichDepartment,
    department_of,
    given,
    owners_now,
    owners_of,
    shares,
)
from deskbell.api.v1.content import content_of
from deskbell.errors import BadInput
from deskbell.knowledge import ticket_templates, whose
from deskbell.knowledge.models import TicketTemplate
from deskbell.knowledge.ticket_templates import MOST_LINES, MOST_TAGS, Wanted
from deskbell.people.models import Department

router = Router()

Channel = Annotated[
    Literal["mail", "call", "visit", "internal"],
    Field(description="What the ticket begins with: a mail to the customer, or a note."),
]
ForDepartment = Annotated[
    WhichDepartment | None,
    Field(description="Where the ticket goes; null: whoever opens it chooses."),
]
Tags = Annotated[tuple[Line, ...], Field(max_length=MOST_TAGS, description="Names of tags.")]
Checklist = Annotated[
    tuple[Line, ...], Field(max_length=MOST_LINES, description="Each line is one to check off.")
]
FOR_WHOM = "Who begins with it; all but `mine` need the right `share_canned_answers`."


class TemplateShape(Shape):
    """What a ticket begins with; `html` is null where its text has no looks."""

    id: int
    name: str
    audience: Audience
    department: Named | None = Field(description="Whose it is, when it is a department's.")
    channel: Channel
    subject: str
    text: str
    html: str | None
    for_department: Named | None = Field(description="Where the ticket goes.")
    priority: int
    tags: list[str]
    checklist: list[str]
    archived: bool
    version: int = Field(description="Counts its changes; send it back as `seen_version`.")


class NewTemplate(Asked):
    """A template to be.  In subject and text, places like {agent} are filled."""

    name: Line
    audience: Audience = Field("mine", description=FOR_WHOM)
    department: WhichDepartment | None = None
    channel: Channel = "mail"
    subject: Line = ""
    text: Text = ""
    html: Text = ""
    for_department: ForDepartment = None
    priority: Priority = 2
    tags: Tags = ()
    checklist: Checklist = ()


class TemplateChange(Asked):
    """What changes about a template; what is not named stays."""

    name: Line | None = None
    audience: Audience | None = Field(None, description=FOR_WHOM)
    department: WhichDepartment | None = None
    channel: Channel | None = None
    subject: Line | None = None
    text: Text | None = None
    html: Text | None = None
    for_department: ForDepartment = None
    priority: Priority | None = None
    tags: Tags | None = None
    checklist: Checklist | None = None
    archived: Flag | None = None
    seen_version: SeenVersion = None


class Wish(Part):
    """Which templates to list."""

    archived: bool = False


@router.get("/ticket-templates", response=Listed[TemplateShape])
def list_ticket_templates(request: ApiRequest, part: Query[Wish]) -> Listed[TemplateShape]:
    """List the ticket templates that you may use or change."""
    seen = ticket_templates.listed(request.auth.actor, shares=shares(request))
    seen = seen.filter(archived_at__isnull=not part.archived)
    rows, after = by_number(seen.select_related("department", "for_department"), part)
    return Listed(items=[_shape(one) for one in rows], next=after)


@router.post("/ticket-templates", response={201: TemplateShape})
def add_ticket_template(request: ApiRequest, new: NewTemplate) -> Made:
    """Keep a template."""
    owner, department = owners_of(request, new.audience, new.department)
    said = content_of(request, new.text, new.html, ())
    wanted = Wanted(
        new.name,
        channel=new.channel,
        subject=new.subject,
        for_department=_goes_to(new.for_department),
        priority=new.priority,
        tags=new.tags,
        checklist=new.checklist,
        plain=said.text,
        html=said.html,
        owner=owner,
        department=department,
    )
    made = ticket_templates.make(wanted, by=request.auth.actor)
    return Made(_shape(made), f"/ticket-templates/{made.pk}")


@router.get("/ticket-templates/{int:number}", response=TemplateShape)
def show_ticket_template(request: ApiRequest, number: int) -> TemplateShape:
    """Show a template."""
    return _shape(_template(request, number))


@router.patch("/ticket-templates/{int:number}", response=TemplateShape)
def change_ticket_template(
    request: ApiRequest, number: int, change: TemplateChange
) -> TemplateShape:
    """Change a template, archive it or bring it back."""
    found, by = _template(request, number), request.auth.actor
    whose.require_change(found, by)
    said = given(change, "name", "channel", "subject", "priority", "tags", "checklist")
    if change.text is not None or change.html is not None:
        content = content_of(request, change.text or "", change.html or "", ())
        said["plain"], said["html"] = content.text, content.html
    if "for_department" in change.model_fields_set:
        said["for_department"] = _goes_to(change.for_department)
    said |= owners_now(request, found, change.audience, change.department)
    wanted = replace(ticket_templates.as_it_is(found), **said)
    ticket_templates.change(found, wanted, by=by, seen=change.seen_version)
    if change.archived is not None:
        whose.offer(found, offered=not change.archived, by=by)
    return _shape(found)


@router.delete("/ticket-templates/{int:number}", response={204: None})
def archive_ticket_template(request: ApiRequest, number: int) -> None:
    """Offer a template no more; `archived` false brings it back."""
    whose.archive(_template(request, number), by=request.auth.actor)


def template_to_begin_with(request: ApiRequest, number: int) -> TicketTemplate:
    """Return the template of this number that the caller may begin a ticket with.  Raises BadInput."""
    usable = ticket_templates.usable(request.auth.actor).select_related("for_department")
    found = usable.filter(pk=number).first()
    if found is None:
        raise BadInput("template", _("There is no such template."))
    return found


def _template(request: ApiRequest, number: int) -> TicketTemplate:
    return ticket_templates.one_of(request.auth.actor, number, shares=shares(request))


def _goes_to(which: int | str | None) -> Department | None:
    return None if which is None else department_of(which, "for_department")


def _shape(found: TicketTemplate) -> TemplateShape:
    return TemplateShape.model_validate(
        {
            "id": found.pk,
            "name": found.name,
            "audience": found.audience,
            "department": named(found.department),
            "channel": found.channel,
            "subject": found.subject,
            "text": found.plain,
            "html": found.html or None,
            "for_department": named(found.for_department),
            "priority": found.priority,
            "tags": found.tags,
            "checklist": found.checklist,
            "archived": found.archived_at is not None,
            "version": found.version,
        }
    )

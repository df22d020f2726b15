"""/scheduled: letters that are written and leave later, on a ticket or with one that they begin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from ninja import Query, Router
from pydantic import Field

from deskbell import access
from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Flag, Line, Listed, Moment, Part, Text, by_number
from deskbell.api.shapes.message import MessageShape
from deskbell.api.shapes.scheduled import ScheduledShape, for_shapes, scheduled_shape
from deskbell.api.v1 import recipients
from deskbell.api.v1.asked import (
    WhichDepartment,
    checked_address,
    department_of,
    message_of,
    one_of,
    ticket_of,
)
from deskbell.api.v1.content import CannedNumbers, UploadTokens, content_of
from deskbell.api.v1.customers import Who
from deskbell.api.v1.messages import (
    NewLetter,
    message_shape,
    recipients_outside,
    require_forward,
)
from deskbell.api.v1.recipients import Addressed
from deskbell.channels.mail.outbox import in_sight
from deskbell.knowledge import uses
from deskbell.people.actors import Actor
from deskbell.tickets import first_mails, leaving, scheduled
from deskbell.tickets.actions.postpone import require_ahead
from deskbell.tickets.content import Content, Recipient, line_of
from deskbell.tickets.drafts import Words
from deskbell.tickets.leaving import Plan
from deskbell.tickets.models import Draft, Ticket
from deskbell.tickets.state import state_of

router = Router()

# Before the names of fields on the page that are about a forward.
OUTSIDE = "outside_"


class NewScheduled(NewLetter):
    """A letter to the customer, or to somebody outside, and when it is to leave."""

    kind: Literal["reply", "forward"] = "reply"
    send_at: Moment = Field(description="When it leaves, ahead of now.")
    unless_something_comes: Annotated[
        Flag,
        Field(description="Whether a message before keeps it here; then it is a draft of yours."),
    ] = True
    then: Literal["answered", "resolved", "as_it_was"] = Field(
        "answered", description="What a reply leaves the ticket as."
    )


class NewScheduledMail(Addressed):
    """A mail with which a ticket begins when it leaves."""

    send_at: Moment = Field(description="When it leaves, ahead of now.")
    department: WhichDepartment
    customer: Who
    subject: Line
    text: Text = ""
    html: Text = ""
    attachments: UploadTokens = ()
    canned_answers: CannedNumbers = []


@router.get("/scheduled", response=Listed[ScheduledShape])
def list_scheduled(request: ApiRequest, part: Query[Part]) -> Listed[ScheduledShape]:
    """List what waits to leave: yours; for who runs the desk everybody's."""
    by = request.auth.actor
    rows, after = by_number(for_shapes(scheduled.seen_by(by)), part)
    return Listed(items=_shapes(rows, by), next=after)


@router.post("/scheduled", response={201: ScheduledShape})
def schedule_mail(request: ApiRequest, new: NewScheduledMail) -> Made:
    """Let a mail leave later, and its ticket begin then; until then there is none."""
    department, by = department_of(new.department), request.auth.actor
    access.require(by, "open", Ticket(department=department))
    require_ahead(new.send_at, "send_at")
    content = content_of(request, new.text, new.html, new.attachments)
    address = checked_address(new.customer.email, "customer.email")
    customer = Recipient("to", address.lower(), new.customer.name)
    to = recipients.beside(request, new, customer)
    fields = {
        "subject": [new.subject],
        "customer": [customer.address],
        "name": [customer.name],
        **_as_typed([one for one in to if one is not customer], ""),
        uses.FIELD: [str(one) for one in new.canned_answers],
    }
    copied = in_sight(one for one in to if one.role == "cc")
    plan = Plan(new.send_at, to=to, copies=[one.address for one in copied], files=content.files)
    return _made(first_mails.schedule(_words(content, fields), plan, department, by=by), by)


@router.get("/scheduled/{int:number}", response=ScheduledShape)
def show_scheduled(request: ApiRequest, number: int) -> ScheduledShape:
    """Show a letter that waits."""
    by = request.auth.actor
    return _shapes([one_of(for_shapes(scheduled.seen_by(by)), number)], by)[0]


@router.delete("/scheduled/{int:number}", response={204: None})
def keep_here(request: ApiRequest, number: int) -> None:
    """Let it not leave: its words are a draft of its writer's again, with its files."""
    by = request.auth.actor
    scheduled.take_up(one_of(scheduled.seen_by(by), number), by=by)


@router.post("/scheduled/{int:number}/sending", response={201: MessageShape})
def send_scheduled(request: ApiRequest, number: int) -> Made:
    """Send one of yours now."""
    found = one_of(scheduled.seen_by(request.auth.actor), number)
    scheduled.require_own(found, by=request.auth.actor)
    message = scheduled.send(found)
    address = f"/tickets/{message.ticket.code}/messages/{message.pk}"
    return Made(message_shape(message.pk), address)


@router.get("/tickets/{code}/scheduled", response=Listed[ScheduledShape])
def list_scheduled_on_ticket(
    request: ApiRequest, code: str, part: Query[Part]
) -> Listed[ScheduledShape]:
    """List what waits to leave on a ticket, whoever wrote it; the words of colleagues are theirs."""
    ticket, by = ticket_of(request, code), request.auth.actor
    there = leaving.waiting([ticket.pk, *state_of(ticket).sources])
    rows, after = by_number(for_shapes(there), part)
    return Listed(items=_shapes(rows, by), next=after)


@router.post("/tickets/{code}/scheduled", response={201: ScheduledShape})
def schedule_letter(request: ApiRequest, code: str, new: NewScheduled) -> Made:
    """Let an answer, or a letter to somebody outside, leave later."""
    ticket, by = ticket_of(request, code), request.auth.actor
    access.require(by, new.kind, ticket)
    require_ahead(new.send_at, "send_at")
    require_forward(new, new.kind)
    content = content_of(request, new.text, new.html, new.attachments)
    is_forward = new.kind == "forward"
    to = (
        recipients_outside(request, new)
        if is_forward
        else recipients.of_answer(request, ticket, new, new.to)
    )
    fields: dict[str, list[str]] = {
        "kind": [new.kind],
        **_as_typed(to, OUTSIDE if is_forward else ""),
        uses.FIELD: [str(one) for one in new.canned_answers],
    }
    for name, number in (("about", new.about), ("answers", new.answers)):
        if number:
            fields[name] = [str(message_of(ticket, number, name).pk)]
    plan = Plan(
        new.send_at,
        then=new.then,
        unless_something_comes=new.unless_something_comes,
        to=to,
        copies=() if is_forward else [one.address for one in in_sight(to)],
        files=content.files,
    )
    draft = scheduled.schedule(
        ticket, _words(content, fields), plan, by=by, seen_step=new.seen_step
    )
    return _made(draft, by)


def _words(content: Content, fields: dict[str, list[str]]) -> Words:
    return Words(content.text.strip(), content.html, fields)


def _as_typed(named: Sequence[Recipient], prefix: str) -> dict[str, list[str]]:
    """Return the fields of the page in which they would have been typed, for when it is a draft again."""
    lines = {role: line_of(named, role) for role in ("to", "cc", "bcc")}
    # One is chosen from a list, which knows it by its address alone.
    lines["from"] = next((one.address for one in named if one.role == "from"), "")
    return {f"{prefix}{role}": [line] for role, line in lines.items() if line}


def _made(draft: Draft, by: Actor) -> Made:
    found = for_shapes(leaving.waiting()).get(pk=draft.pk)
    return Made(_shapes([found], by)[0], f"/scheduled/{draft.pk}")


def _shapes(rows: Iterable[Draft], by: Actor) -> list[ScheduledShape]:
    reads_all = access.may(by, "administer")
    return [scheduled_shape(one, by, reads_all=reads_all) for one in rows]

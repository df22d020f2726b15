"""/tickets: the list, a new one, one of them; now or as they stood at a past moment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field, StringConstraints

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import LARGEST, Asked, Line, Listed, Moment, Number, Part, Text
from deskbell.api.shapes.ticket import (
    POINTS_AT,
    TicketShape,
    as_it_stood,
    for_shapes,
    ticket_shape,
    ticket_shapes,
)
from deskbell.api.v1 import recipients
from deskbell.api.v1.asked import (
    Priority,
    WhichAgent,
    WhichDepartment,
    agent_of,
    department_of,
    ticket_of,
)
from deskbell.api.v1.content import CannedNumbers, UploadTokens, content_of
from deskbell.api.v1.customers import Who, address_of
from deskbell.api.v1.recipients import Addressed
from deskbell.api.v1.tags import TagNames, put_tags
from deskbell.api.v1.ticket_templates import template_to_begin_with
from deskbell.api.v1.views import view_of
from deskbell.channels.mail import outbox
from deskbell.errors import BadInput
from deskbell.knowledge import ticket_templates, uses
from deskbell.knowledge.models import TicketTemplate
from deskbell.people.models import Address, Agent
from deskbell.saved_views import sorts
from deskbell.saved_views.models import SavedView
from deskbell.search import tickets as search
from deskbell.search.found import found_numbers
from deskbell.search.query import parse
from deskbell.tickets import actions, history
from deskbell.tickets.content import Recipient
from deskbell.tickets.models import Ticket

router = Router()

BY_WORDS = ("hit", "best")


class Wanted(Part):
    """Which tickets are asked for, and in what order."""

    q: Annotated[str, StringConstraints(max_length=500)] = Field(
        "",
        description=(
            "The query language of the desk (docs/agents/searching.md): terms, codes, words, phrases."
            " A wrong term is refused, and `at` says where it stands."
        ),
        examples=['status:open,new assignee:me created:<7d -tag:vip zip "as it stands"'],
    )
    sort: Literal[
        "", "-activity", "activity", "-created", "created", "due", "importance", "hit", "best"
    ] = Field(
        "",
        description=(
            "Absent: the order of the view, else `-activity`. `-` puts the newest first; `due` what is due first,"
            " then the rest by activity; `importance` goes by priority, then what is due; where words are looked for,"
            " `hit` puts the newest hit first, and `best` the best of the newest 2,000."
        ),
    )
    view: int | None = Field(
        None,
        ge=1,
        le=LARGEST,
        description="Only what this saved view finds, too, in its order where `sort` says none.",
    )
    at: Moment | None = Field(
        None, description="As they stood then, those that came into their place last at first."
    )


class NewTicket(Addressed):
    """A ticket to be: its first message, where it goes and whom it is about."""

    subject: Line = ""
    text: Text = ""
    html: Text = ""
    department: WhichDepartment | None = Field(
        None, description="Where it goes. Needed, unless the template says it."
    )
    customer: Who | None = None
    kind: Literal["customer", "reply", "note"] = Field(
        "customer",
        description="Whose words: the customer's, ours to them, or a note about a call or visit.",
    )
    channel: Literal["api", "call", "visit", "internal"] = Field(
        "api", description="How it came; call, visit and internal begin with a note."
    )
    priority: Priority = 2
    attachments: UploadTokens = ()
    template: Number | None = Field(
        None,
        description=(
            "The number of a ticket template. What you do not say is what it begins with; its tags, priority and"
            " checklist are put on the ticket, as far as you may."
        ),
    )
    canned_answers: CannedNumbers = []


class AsOf(Asked):
    """The moment as of which something is shown."""

    at: Moment | None = Field(None, description="As it stood then; absent: as it stands.")


class TicketChange(Asked):
    """What changes about a ticket; what is not named stays."""

    subject: Line | None = None
    description: Text | None = Field(None, description="An empty one takes it away.")
    priority: Priority | None = None
    tags: TagNames | None = None
    department: WhichDepartment | None = None
    assignee: WhichAgent | None = Field(None, description="null leaves it to the department.")


@router.get("/tickets", response=Listed[TicketShape])
def list_tickets(request: ApiRequest, wanted: Query[Wanted]) -> Listed[TicketShape]:
    """List the tickets that you may see; spam and deleted ones only when `status:` asks for them."""
    if wanted.at is not None:
        return _list_at(request, wanted, wanted.at)
    if wanted.sort in BY_WORDS:
        return _list_found(request, wanted)
    view = _view(request, wanted)
    found = search.find(request.auth.actor, _query(view, wanted))
    sort = wanted.sort or (sorts.DEFAULT if view is None else view.sort)
    rows, after = sorts.tickets(for_shapes(found), sort, wanted.after or "", wanted.limit)
    return Listed(items=ticket_shapes(rows), next=after)


def _list_found(request: ApiRequest, wanted: Wanted) -> Listed[TicketShape]:
    """List the tickets on which words are found, by what was found."""
    query = parse(_query(_view(request, wanted), wanted))
    if not query.positive:
        raise BadInput(
            "sort", _("This order is for what is found by words: add some to the query.")
        )
    numbers, cursor = found_numbers(
        request.auth.actor,
        query,
        best_first=wanted.sort == "best",
        after=wanted.after or "",
        limit=wanted.limit,
    )
    tickets = {one.pk: one for one in for_shapes(Ticket.objects.filter(pk__in=numbers))}
    return Listed(items=ticket_shapes([tickets[number] for number in numbers]), next=cursor)


@router.post("/tickets", response={201: TicketShape})
def open_ticket(request: ApiRequest, new: NewTicket) -> Made:
    """Open a ticket."""
    template = None if new.template is None else template_to_begin_with(request, new.template)
    is_urgent_by_hand = "priority" in new.model_fields_set
    if template is not None:
        new = _begun_by(template, new, request.auth.agent)
    if new.channel != "api" and new.kind != "note":
        raise BadInput(
            "kind", _("What is logged of a call, a visit or among colleagues is a note.")
        )
    if new.kind != "reply" and (new.cc or new.bcc or new.sender):
        raise BadInput("kind", _("Only a reply goes to others, or leaves from an address."))
    with transaction.atomic():  # a customer is met only together with their ticket
        customer = None if new.customer is None else address_of(new.customer)
        to = _recipients(request, new, customer)
        ticket = actions.open_ticket(
            by=request.auth.actor,
            subject=new.subject,
            content=content_of(request, new.text, new.html, new.attachments),
            department=department_of("" if new.department is None else new.department),
            customer=customer,
            recipients=to,
            copies=outbox.copies(one for one in to if one.role == "cc"),
            channel=new.channel,
            kind=new.kind,
            priority=new.priority,
        )
        uses.count(new.canned_answers, ticket.messages.earliest("pk"), by=request.auth.actor)
        if template is not None:
            ticket_templates.put_on(
                ticket, template, by=request.auth.actor, leaves_priority=is_urgent_by_hand
            )
    return Made(ticket_shape(ticket), f"/tickets/{ticket.code}")


def _recipients(
    request: ApiRequest, new: NewTicket, customer: Address | None
) -> tuple[Recipient, ...]:
    """Return whom the first letter goes to where we write it; () for anything else."""
    if new.kind != "reply" or customer is None:
        return ()
    name = customer.name or customer.customer.name
    return recipients.beside(request, new, Recipient("to", customer.value, name))


def _begun_by(template: TicketTemplate, new: NewTicket, agent: Agent) -> NewTicket:
    """Return the ticket to be, where it says nothing with what the template begins with."""
    said, is_mail = ticket_templates.begins(template, agent), template.channel == "mail"
    begins = {
        "subject": said.subject,
        "department": template.for_department_id,
        "kind": "reply" if is_mail else "note",
        "channel": "api" if is_mail else template.channel,
    }
    if new.model_fields_set.isdisjoint({"text", "html"}):
        begins |= {"html": said.html} if said.html else {"text": said.plain}
    rest = {name: value for name, value in begins.items() if name not in new.model_fields_set}
    return new.model_copy(update=rest)


@router.get("/tickets/{code}", response=TicketShape)
def show_ticket(request: ApiRequest, code: str, as_of: Query[AsOf]) -> TicketShape:
    """Show a ticket, now or as it stood; its code may come in small letters and without dashes."""
    ticket = ticket_of(request, code)
    if as_of.at is None:
        return ticket_shape(ticket)
    return ticket_shape(as_it_stood(ticket, history.state_at(ticket, as_of.at)))


@router.patch("/tickets/{code}", response=TicketShape)
def change_ticket(request: ApiRequest, code: str, change: TicketChange) -> TicketShape:
    """Change what a ticket is about, how urgent it is and who sees to it; when one is refused, nothing changes."""
    ticket, by = ticket_of(request, code), request.auth.actor
    with transaction.atomic():
        if change.subject is not None or change.description is not None:
            actions.describe(ticket, by=by, subject=change.subject, description=change.description)
        if change.priority is not None:
            actions.prioritise(ticket, change.priority, by=by)
        if change.tags is not None:
            put_tags(request, ticket, change.tags)
        # At the end: whoever hands a ticket over may do no more to it.
        _hand_over(request, ticket, change)
    return ticket_shape(ticket)


def _hand_over(request: ApiRequest, ticket: Ticket, change: TicketChange) -> None:
    by = request.auth.actor
    agent = None if change.assignee is None else agent_of(request, change.assignee, "assignee")
    if change.department is not None:
        actions.transfer(ticket, department_of(change.department), by=by, agent=agent)
    elif agent is not None and agent.pk == by.id:
        actions.take(ticket, by=by)
    elif agent is not None:
        actions.assign(ticket, agent, by=by)
    if "assignee" in change.model_fields_set and agent is None and ticket.assignee_id is not None:
        actions.assign(ticket, None, by=by)


def _view(request: ApiRequest, wanted: Wanted) -> SavedView | None:
    return None if wanted.view is None else view_of(request, wanted.view)


def _query(view: SavedView | None, wanted: Wanted) -> str:
    return wanted.q if view is None else f"{view.query} {wanted.q}".strip()


def _list_at(request: ApiRequest, wanted: Wanted, at: datetime) -> Listed[TicketShape]:
    """List the tickets as they stood at the moment `at`; those that came into their place last stand first."""
    if wanted.sort not in ("", "-activity"):
        raise BadInput("sort", _("Tickets of the past stand in the order of their last change."))
    found = search.find_at(request.auth.actor, _query(_view(request, wanted), wanted), at)
    if wanted.after:
        found = history.BY_SINCE.after(found, wanted.after)
    rows = list(history.BY_SINCE.apply(found)[: wanted.limit + 1])
    numbers = [stretch.ticket_id for stretch in rows[: wanted.limit]]
    tickets = Ticket.objects.only("code").in_bulk(numbers)
    states = history.states_at(numbers, at)
    stood = [as_it_stood(tickets[number], states[number]) for number in numbers]
    prefetch_related_objects(stood, *POINTS_AT)
    return Listed(
        items=ticket_shapes(stood),
        next=(
            history.BY_SINCE.cursor(rows[wanted.limit - 1]) if len(rows) > wanted.limit else None
        ),
    )

"""Ticket templates: what a ticket that an agent opens begins with, and what is put on it when it is open.

Who may use and change which is decided in whose.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from deskbell import access
from deskbell.errors import BadInput
from deskbell.knowledge import whose
from deskbell.knowledge.models import TicketTemplate
from deskbell.people.accounts import checked_name
from deskbell.people.actors import Actor
from deskbell.people.models import Agent, Department, Desk
from deskbell.people.wording import filled_html, filled_wording, require_known_places
from deskbell.tickets import actions, drafts
from deskbell.tickets.models import Draft, Message, Ticket
from deskbell.tickets.tags import tags_for

CHANNELS = ("mail", "call", "visit", "internal")
# Nobody knows yet whom it is about.
PLACES = ("agent", "team", "department")
LONGEST, LONGEST_HTML, LONGEST_SUBJECT, LONGEST_LINE = 20_000, 100_000, 500, 500
MOST_TAGS, MOST_LINES = 20, 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """A template as somebody wants it; html is already safe.

    owner, department  whose it is; everybody's where both are None
    for_department     where the ticket goes; None: whoever opens it chooses
    """

    name: str
    channel: str = "mail"
    subject: str = ""
    for_department: Department | None = None
    priority: int = Ticket.NORMAL
    tags: Sequence[str] = ()
    checklist: Sequence[str] = ()
    plain: str = ""
    html: str = ""
    owner: Agent | None = None
    department: Department | None = None


@dataclass(frozen=True, slots=True)
class Begins:
    """The words with which a ticket begins, their places filled."""

    subject: str
    plain: str
    html: str


def usable(by: Actor) -> QuerySet[TicketTemplate]:
    """Return those that an agent may begin a ticket with."""
    return whose.usable(TicketTemplate.objects.all(), by)


def listed(by: Actor, *, shares: bool) -> QuerySet[TicketTemplate]:
    """Return those that an agent may look at, archived too where they may change it."""
    return whose.listed(TicketTemplate.objects.all(), by, shares=shares)


def one_of(by: Actor, number: int, *, shares: bool) -> TicketTemplate:
    """Return the template of this number, which the agent may look at.  Raises NotFound."""
    return whose.one_of(TicketTemplate.objects.all(), by, number, shares=shares)


def make(wanted: Wanted, *, by: Actor) -> TicketTemplate:
    """Keep a new template and return it.  Raises NotAllowed, BadInput."""
    whose.require_whose(wanted.owner, wanted.department, by)
    template = TicketTemplate()
    _write(template, wanted, by)
    return template


def change(template: TicketTemplate, wanted: Wanted, *, by: Actor, seen: int | None = None) -> None:
    """Make a template what is wanted.

    seen  the version that the writer saw; None: they write over whatever it is
    Raises NotAllowed, BadInput, ChangedMeanwhile.
    """
    with transaction.atomic():
        whose.hold(template, seen)
        whose.require_change(template, by)
        whose.require_whose(wanted.owner, wanted.department, by)
        _write(template, wanted, by)


def as_it_is(template: TicketTemplate) -> Wanted:
    """Return a template as somebody would want it who changes nothing."""
    return Wanted(
        template.name,
        channel=template.channel,
        subject=template.subject,
        for_department=template.for_department,
        priority=template.priority,
        tags=template.tags,
        checklist=template.checklist,
        plain=template.plain,
        html=template.html,
        owner=template.owner,
        department=template.department,
    )


def begins(template: TicketTemplate, agent: Agent) -> Begins:
    """Return the words with which a ticket of this template begins."""
    department = template.for_department.name if template.for_department else ""
    values = {
        "agent": agent.name,
        "team": Desk.get().name or department,
        "department": department,
    }
    return Begins(
        filled_wording(template.subject, values),
        filled_wording(template.plain, values),
        filled_html(template.html, values),
    )


def put_on(
    ticket: Ticket, template: TicketTemplate, *, by: Actor, leaves_priority: bool = False
) -> None:
    """Put tags, priority and checklist on a ticket that was opened by a template, as far as `by` may.

    leaves_priority  whoever opened it chose another
    """
    with transaction.atomic():
        if template.tags and access.may(by, "tag", ticket):
            actions.tag(ticket, add=template.tags, by=by)
        if not leaves_priority and access.may(by, "prioritise", ticket):
            actions.prioritise(ticket, template.priority, by=by)
        if access.may(by, "check_off", ticket):
            for line in template.checklist:
                actions.add_check(ticket, line, by=by)


def put_on_by_draft(draft: Draft, message: Message) -> None:
    """Put the same on a ticket that a mail began which waited until now; what was written on a ticket has none."""
    numbers = drafts.numbers_of(draft.fields.get("template", ()))
    by = Actor.agent(draft.agent)
    template = usable(by).filter(pk__in=numbers).first() if draft.ticket_id is None else None
    if template is not None:
        put_on(message.ticket, template, by=by)


def _write(template: TicketTemplate, wanted: Wanted, by: Actor) -> None:
    template.name = checked_name(wanted.name, longest=whose.LONGEST_NAME)
    if wanted.channel not in CHANNELS or wanted.priority not in Ticket.PRIORITIES:
        raise BadInput("channel", _("Choose one of these."))
    template.channel, template.priority = wanted.channel, wanted.priority
    template.subject = " ".join(wanted.subject.replace("\x00", "").split())
    require_known_places(template.subject, "subject", PLACES, LONGEST_SUBJECT)
    require_known_places(wanted.plain, "text", PLACES, LONGEST)
    require_known_places(wanted.html, "text", PLACES, LONGEST_HTML)
    template.plain, template.html = wanted.plain, wanted.html
    template.for_department = wanted.for_department
    template.tags = _tags(wanted.tags)
    template.checklist = _lines(wanted.checklist)
    template.owner, template.department = wanted.owner, wanted.department
    whose.count_change(template, by)
    template.save()


def _tags(names: Sequence[str]) -> list[str]:
    """Return names of tags as they may be; new ones are made when a ticket is opened.  Raises BadInput."""
    found = list(dict.fromkeys(" ".join(name.split()) for name in names if name.strip()))
    if len(found) > MOST_TAGS:
        raise BadInput("tags", _("These are too many; %(n)d fit.") % {"n": MOST_TAGS})
    tags_for(found, make=False)
    return found


def _lines(lines: Sequence[str]) -> list[str]:
    found = [" ".join(line.split()) for line in lines if line.strip()]
    if len(found) > MOST_LINES:
        raise BadInput("checklist", _("These are too many; %(n)d fit.") % {"n": MOST_LINES})
    if any(len(line) > LONGEST_LINE for line in found):
        raise BadInput("checklist", _("This is too long; %(n)d letters fit.") % {"n": LONGEST_LINE})
    return found

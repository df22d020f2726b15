"""Finding what a caller names: a ticket by its code, people and departments by number, name or address."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from pydantic import Field

from deskbell import access
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import LARGEST, Asked, Number
from deskbell.errors import BadInput, NoSuchTicket, NotFound
from deskbell.knowledge.models import Shared
from deskbell.people.models import Agent, Department
from deskbell.tickets import queries
from deskbell.tickets.models import Message, Ticket

M = TypeVar("M", bound=Model)

Name = Annotated[str, Field(max_length=320)]
WhichAgent = Annotated[
    Number | Name, Field(description="A number, a mail address, or `me`.", examples=["me"])
]
WhichDepartment = Annotated[
    Number | Name, Field(description="A number or a name.", examples=["Support"])
]

# Whom something is for that is kept under a name.
Audience = Literal["mine", "department", "all"]
Priority = Annotated[
    int, Field(ge=1, le=4, strict=True, description="1 low, 2 normal, 3 high, 4 urgent.")
]
SeenVersion = Annotated[
    Number | None,
    Field(
        description="The `version` as you saw it; where there is another now, yours is refused by `changed_meanwhile`."
    ),
]


def ticket_of(request: ApiRequest, code: str) -> Ticket:
    """Return the ticket of this code, in capitals or not, with dashes or without.  Raises NoSuchTicket."""
    if not code.isprintable():  # no code, and nothing that a database takes
        raise NoSuchTicket(ticket=code)
    return queries.ticket_for(request.auth.actor, code)


def ticket_of_act(request: ApiRequest, code: str, step: int) -> Ticket:
    """Return the ticket on which the caller wants to take back their step, also out of their sight.

    Raises NoSuchTicket.
    """
    if not code.isprintable():
        raise NoSuchTicket(ticket=code)
    return queries.ticket_of_act(request.auth.actor, code, step)


def other_ticket(request: ApiRequest, code: str, field: str) -> Ticket:
    """Return the ticket that a body names beside the one of the address.  Raises BadInput."""
    try:
        return ticket_of(request, code)
    except NoSuchTicket as error:
        raise BadInput(field, error.sentence) from None


def message_of(ticket: Ticket, number: int, field: str = "message") -> Message:
    """Return a message of a ticket or of its parts.  Raises BadInput."""
    said = Message.objects.filter(ticket__in=queries.with_parts(ticket.pk))
    found = said.filter(pk=number).first()
    if found is None:
        raise BadInput(field, _("There is no such message on this ticket."))
    return found


def agent_of(request: ApiRequest, which: int | str, field: str = "agent") -> Agent:
    """Return an agent who works here.  Raises BadInput."""
    working = Agent.objects.filter(archived_at=None)
    if which == "me":
        return request.auth.agent
    found = (
        working.filter(pk=which).first()
        if isinstance(which, int)
        else working.filter(account__email=_clean(which).lower()).first()
    )
    if found is None:
        raise BadInput(field, _("There is no such agent."))
    return found


def department_of(which: int | str, field: str = "department") -> Department:
    """Return a department.  Raises BadInput."""
    found = (
        Department.objects.filter(pk=which).first()
        if isinstance(which, int)
        else Department.objects.filter(name__iexact=_clean(which))
        .order_by("archived_at", "id")
        .first()
    )
    if found is None:
        raise BadInput(field, _("There is no such department."))
    return found


def owners_of(
    request: ApiRequest, audience: str, department: int | str | None
) -> tuple[Agent | None, Department | None]:
    """Return whose something is that is kept for an audience: an agent's, a department's, or, of neither, everybody's.

    Raises BadInput.
    """
    if audience == "mine":
        return request.auth.agent, None
    if audience == "all":
        return None, None
    return None, department_of("" if department is None else department)


def owners_now(
    request: ApiRequest, kept: Shared, audience: str | None, department: int | str | None
) -> dict[str, Agent | Department | None]:
    """Return what a change says of whose `kept` is, as its fields; nothing where it says neither.  Raises BadInput."""
    if audience is None and department is None:
        return {}
    which = kept.department_id if department is None else department
    owner, room = owners_of(request, audience or kept.audience, which)
    return {"owner": owner, "department": room}


def given(change: Asked, *names: str) -> dict[str, Any]:
    """Return those of these fields that a change names."""
    said = {name: getattr(change, name) for name in names}
    return {name: value for name, value in said.items() if value is not None}


def shares(request: ApiRequest) -> bool:
    """Whether the caller keeps canned answers and templates for others, too."""
    return access.may(request.auth.actor, "share_canned_answers")


def one_of(things: QuerySet[M], number: int) -> M:
    """Return the one of this number.  Raises NotFound."""
    found = things.filter(pk=number).first() if 0 < number <= LARGEST else None
    if found is None:
        raise NotFound
    return found


def checked_address(email: str, field: str) -> str:
    """Return a mail address.  Raises BadInput."""
    clean = email.strip()
    try:
        validate_email(clean)
    except ValidationError:
        raise BadInput(
            field, _("This is not a whole mail address; it looks like name@example.com.")
        ) from None
    return clean


def _clean(which: str) -> str:
    return which.strip() if which.isprintable() else ""

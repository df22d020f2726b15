"""What a form chose out of a list: an agent, a department, a ticket by its code, an address."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from deskbell.errors import BadInput, NoSuchTicket
from deskbell.people.customers import customer_for
from deskbell.people.models import Address, Agent, Department
from deskbell.tickets import queries
from deskbell.tickets.drafts import numbers_of
from deskbell.tickets.models import Ticket
from deskbell.web.visit import AgentRequest


def number(request: AgentRequest, field: str) -> int | None:
    """Return the number that a field holds; None for anything else."""
    return number_in(request.POST.get(field, ""))


def number_in(text: str) -> int | None:
    """Return the number of a row that somebody typed or an address says; None for anything else."""
    return next(iter(numbers_of([text])), None)


def agent(request: AgentRequest) -> Agent:
    """Return the agent whose number stands in the field `agent`.  Raises BadInput."""
    asked = request.POST.get("agent", "")
    found = Agent.objects.filter(pk=asked).first() if asked.isdecimal() else None
    if found is None:
        raise BadInput("agent", _("Choose one of the agents."))
    return found


def agents(request: AgentRequest, field: str) -> list[Agent]:
    """Return the agents whose numbers stand in a field that may have several; unknown ones are left out."""
    asked = [number for number in request.POST.getlist(field) if number.isdecimal()]
    return list(Agent.objects.filter(pk__in=asked, archived_at=None))


def able_agents() -> QuerySet[Agent]:
    """Return those who may be responsible for a ticket somewhere."""
    return Agent.objects.filter(archived_at=None).exclude(role=Agent.Role.LIGHT)


def department(request: AgentRequest) -> Department:
    """Return the department whose number stands in the field `department`.  Raises BadInput."""
    asked = request.POST.get("department", "")
    found = Department.objects.filter(pk=asked).first() if asked.isdecimal() else None
    if found is None:
        raise BadInput("department", _("Choose one of the departments."))
    return found


def working(request: AgentRequest, field: str) -> Department:
    """Return the department of those at work whose number stands in a field.  Raises BadInput."""
    asked = request.POST.get(field, "")
    found = next((one for one in request.working if str(one.pk) == asked), None)
    if found is None:
        raise BadInput(field, _("Choose a department."))
    return found


def audiences(*, shares: bool) -> list[tuple[str, str, str]]:
    """Return for whom something may be kept, as radios take it.

    shares  whether for others than oneself
    """
    own = [("mine", _("Only me"), "")]
    others = [("department", _("A department"), ""), ("all", _("Everybody"), "")]
    return own + others if shares else own


def for_whom(owner: Agent | None, department: Department | None) -> str:
    """Return for whom something is kept, as people read it."""
    if owner is not None:
        return _("Only me")
    return department.name if department else _("Everybody")


def ticket(request: AgentRequest, code: str, field: str) -> Ticket:
    """Return the ticket of a code that was typed into `field`, if the agent may see it.  Raises BadInput."""
    try:
        return queries.ticket_for(request.by, code)
    except NoSuchTicket as error:
        raise BadInput(field, _("There is no ticket with this code.")) from error


def address(request: AgentRequest, field: str) -> Address:
    """Return the address that was typed into `field`, with its customer, met now if new.  Raises BadInput.

    A form that knows their name says it in a field of the same name with _name behind it.
    """
    return customer_for(mail_address(request, field), request.POST.get(f"{field}_name", ""))


def mail_address(request: AgentRequest, field: str) -> str:
    """Return the mail address that was typed into `field`.  Raises BadInput."""
    asked = request.POST.get(field, "").strip()
    try:
        validate_email(asked)
    except ValidationError as error:
        raise BadInput(field, _("Write a mail address, like emil@acme.example.")) from error
    return asked

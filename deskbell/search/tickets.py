"""What a query selects: the tickets that somebody may see and that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deskbell import access
from deskbell.errors import BadInput
from deskbell.people.models import Address, Agent, Department
from deskbell.search.query import Query, parse
from deskbell.tickets.models import CodeAlias, Ticket

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from deskbell.people.actors import Actor

# Not shown unless somebody asks for them.
HIDDEN = ("spam", "deleted")

LARGEST_NUMBER = 2**63 - 1


def find(actor: Actor, text: str) -> QuerySet[Ticket]:
    """Return the tickets that fit the query `text` and that `actor` may see, in no order.

    Raises BadInput for a term, status, department or agent that there is not.
    """
    query = parse(text)
    tickets = access.visible(actor, Ticket.objects.filter(merged_into=None))
    if query.statuses:
        tickets = tickets.filter(status__in=query.statuses)
    elif not query.codes:
        tickets = tickets.exclude(status__in=HIDDEN)
    if query.departments:
        tickets = tickets.filter(department_id__in=_departments(query))
    if query.assignees:
        tickets = tickets.filter(_assigned(actor, query))
    if query.customers:
        mails = Address.objects.filter(kind="mail", value__in=query.customers)
        tickets = tickets.filter(customer__in=mails.values("customer"))
    if query.codes:
        old = CodeAlias.objects.filter(code__in=query.codes)
        tickets = tickets.filter(Q(code__in=query.codes) | Q(pk__in=old.values("ticket")))
    for words in query.words:
        tickets = tickets.filter(subject__plain__icontains=words)
    return tickets


def _departments(query: Query) -> list[int]:
    numbers = [_department(value) for value in query.departments]
    return [number for found in numbers for number in found]


def _department(value: str) -> list[int]:
    is_this = Q(name__iexact=value) | Q(pk=_number(value))
    found = list(Department.objects.filter(is_this).values_list("pk", flat=True))
    if not found:
        raise BadInput("q", _("There is no department “{department}”."), department=value)
    return found


def _assigned(actor: Actor, query: Query) -> Q:
    wanted = Q()
    for value in query.assignees:
        match value:
            case "me":
                wanted |= Q(assignee_id=actor.id)
            case "none":
                wanted |= Q(assignee_id=None)
            case _:
                wanted |= Q(assignee_id=_agent(value))
    return wanted


def _agent(value: str) -> int:
    is_this = Q(account__email=value) | Q(pk=_number(value))
    found = Agent.objects.filter(is_this).values_list("pk", flat=True).first()
    if found is None:
        raise BadInput("q", _("There is no agent “{agent}”."), agent=value)
    return found


def _number(value: str) -> int:
    """Return the number that `value` is; 0, which nobody has, when it is none."""
    is_number = value.isascii() and value.isdecimal() and len(value) < 20  # noqa: PLR2004
    return min(int(value), LARGEST_NUMBER) if is_number else 0

"""What a query selects: the tickets that somebody may see and that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deskbell import access
from deskbell.errors import BadInput
from deskbell.people.models import Address, Agent, Department
from deskbell.search.query import Query, parse
from deskbell.tickets import history
from deskbell.tickets.models import CodeAlias, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet

    from deskbell.people.actors import Actor
    from deskbell.tickets.models import Stretch

# Not shown unless somebody asks for them.
HIDDEN = ("spam", "deleted")

LARGEST_NUMBER = 2**63 - 1


def find(actor: Actor, text: str) -> QuerySet[Ticket]:
    """Return the tickets that fit the query `text` and that `actor` may see, in no order.

    Raises BadInput for a term, status, department or agent that there is not.
    """
    query = parse(text)
    tickets = access.visible(actor, Ticket.objects.filter(merged_into=None))
    return tickets.filter(_stands(actor, query), *_is_about(query))


def find_at(actor: Actor, text: str, at: datetime) -> QuerySet[Stretch]:
    """Return where the tickets stood at the moment `at` that fitted the query `text` then, in no order.

    Status, department and assignee are those of then; customer, code and words are as they are now.  Rights are those
    of today.  Raises BadInput as find does.
    """
    query = parse(text)
    stood = history.stretches(actor, at)
    return stood.filter(_stands(actor, query), *_is_about(query, "ticket__"))


def _stands(actor: Actor, query: Query) -> Q:
    """Return where what is looked for stands: what tickets and stretches both have."""
    wanted = Q()
    if query.statuses:
        wanted &= Q(status__in=query.statuses)
    elif not query.codes:
        wanted &= ~Q(status__in=HIDDEN)
    if query.departments:
        wanted &= Q(department_id__in=_departments(query))
    if query.assignees:
        wanted &= _assigned(actor, query)
    return wanted


def _is_about(query: Query, prefix: str = "") -> Iterator[Q]:
    """Yield what is said of the ticket itself; `prefix` leads to it."""
    if query.customers:
        mails = Address.objects.filter(kind="mail", value__in=query.customers)
        yield Q(**{f"{prefix}customer__in": mails.values("customer")})
    if query.codes:
        old = CodeAlias.objects.filter(code__in=query.codes)
        codes = Q(**{f"{prefix}code__in": query.codes})
        yield codes | Q(**{f"{prefix}pk__in": old.values("ticket")})
    for words in query.words:
        yield Q(**{f"{prefix}subject__plain__icontains": words})


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

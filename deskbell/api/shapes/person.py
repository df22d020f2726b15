"""Agents, departments, customers and companies as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import Field

from deskbell.api.shapes.base import Named, Shape, named
from deskbell.people import own_words
from deskbell.people.customers import last_clock

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from deskbell.people.models import Agent, Customer, Department


class AgentShape(Shape):
    """Somebody who works on tickets."""

    id: int
    name: str
    email: str
    role: str = Field(description="owner, admin, agent, light, or custom- and a number")
    departments: list[Named]
    archived_at: datetime | None = Field(description="null while they work here")


class DepartmentShape(Shape):
    """Where a ticket belongs, and what that place decided about the life of its tickets."""

    id: int
    name: str
    close_after_days: int | None = Field(
        description="How long a resolved ticket rests; 0 closes at once, null never."
    )
    reopens_resolved: bool
    reopen_days: int
    answer_within_minutes: int | None = Field(
        description="Within how many minutes customers are answered; null promises nothing."
    )
    strangers: str = Field(description="join or new_ticket")
    acknowledges: bool = Field(description="A customer's first letter is acknowledged.")
    acknowledgement: dict[str, str] = Field(description="Language → own words of that letter.")
    archived_at: datetime | None


class CustomerShape(Shape):
    """Somebody who asks for help."""

    id: int
    name: str
    email: str | None = Field(description="The first of their addresses.")
    emails: list[str]
    language: str | None
    company: Named | None
    utc_offset: int | None = Field(
        description="Minutes east of UTC at which their clock stood, as their last letter that told of it says."
    )
    created_at: datetime
    erased_at: datetime | None = Field(description="Since when nothing is known of them.")


def agents_for_shapes(agents: QuerySet[Agent]) -> QuerySet[Agent]:
    """Return `agents` so that shapes of any number of them cost two queries."""
    return agents.select_related("account").prefetch_related("departments")


def agent_shape(agent: Agent) -> AgentShape:
    """Return the shape of an agent."""
    return AgentShape(
        id=agent.pk,
        name=agent.name,
        email=agent.account.email,
        role=agent.role_key,
        departments=[Named(id=one.pk, name=one.name) for one in agent.departments.all()],
        archived_at=agent.archived_at,
    )


def department_shape(department: Department) -> DepartmentShape:
    """Return the shape of a department."""
    return DepartmentShape(
        id=department.pk,
        name=department.name,
        close_after_days=department.close_after_days,
        reopens_resolved=department.reopens_resolved,
        reopen_days=department.reopen_days,
        answer_within_minutes=department.answer_within_minutes,
        strangers=department.strangers,
        acknowledges=department.acknowledges,
        acknowledgement=own_words.of_department(department, "acknowledgement"),
        archived_at=department.archived_at,
    )


def customers_for_shapes(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """Return `customers` so that shapes of any number of them cost two queries."""
    return customers.select_related("company").prefetch_related("addresses")


def customer_shape(customer: Customer) -> CustomerShape:
    """Return the shape of a customer."""
    addresses = sorted(customer.addresses.all(), key=lambda address: address.pk)
    emails = [address.value for address in addresses if address.kind == "mail"]
    if customer.erased_at is not None:
        emails = []
    clock = last_clock(addresses)
    return CustomerShape(
        id=customer.pk,
        name=customer.name,
        email=emails[0] if emails else None,
        emails=emails,
        language=customer.language or None,
        company=named(customer.company),
        utc_offset=clock.utc_offset if clock is not None else None,
        created_at=customer.created_at,
        erased_at=customer.erased_at,
    )

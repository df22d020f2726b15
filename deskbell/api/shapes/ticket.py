"""A ticket as the API shows it, now or as it stood; the names of its fields are a promise to others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch
from pydantic import Field

from deskbell.api.shapes.base import Named, Shape, named
from deskbell.api.shapes.rating import RatingShape, rating_shape
from deskbell.people.models import Address, Agent, Customer
from deskbell.tickets import ratings
from deskbell.tickets.models import Tag, Text, Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import QuerySet

    from deskbell.tickets.ratings import Rated
    from deskbell.tickets.state import TicketState


ADDRESSES: Prefetch[str] = Prefetch(
    "customer__addresses",
    Address.objects.filter(kind="mail").order_by("id"),
    to_attr="mail_addresses",
)
# What tickets that were not read from the database have to be given, for shapes of many.
POINTS_AT = ("subject", "department", "assignee", "customer", "merged_into", ADDRESSES)


class TicketCustomer(Shape):
    """The customer of a ticket."""

    id: int
    name: str
    email: str | None = Field(description="null once they were erased.")


class TicketShape(Shape):
    """A ticket."""

    id: int
    code: str = Field(examples=["ABC-DEFGH-123"])
    subject: str
    description: str = Field(description="What it is about, as agents put it; empty for none.")
    status: str = Field(description=f"One of {', '.join(Ticket.Status.values)}.")
    priority: int = Field(description="1 low, 2 normal, 3 high, 4 urgent.")
    channel: str
    department: Named
    assignee: Named | None
    customer: TicketCustomer | None
    tags: list[str]
    fields: dict[str, Any]
    followers: list[Named] = Field(description="Agents who want to hear of it.")
    escalations: int = Field(description="How often it was escalated.")
    created_at: datetime
    last_activity_at: datetime
    due_at: datetime | None = Field(
        description="When the customer is to be answered at the latest; null while nobody waits."
    )
    postponed_until: datetime | None = Field(description="In Postponed only: when it comes back.")
    resolved_at: datetime | None
    closed_at: datetime | None
    deleted_at: datetime | None
    merged_into: str | None = Field(description="The code of the ticket that it is a part of.")
    rating: RatingShape | None = Field(description="What the customer thinks of the solution.")
    step: int = Field(description="The number of its last entry; send it back as `seen_step`.")


def for_shapes(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Return `tickets` so that shapes of any number of them cost the same number of queries."""
    return tickets.select_related(
        "subject", "department", "assignee", "customer", "merged_into"
    ).prefetch_related(ADDRESSES)


def ticket_shape(ticket: Ticket) -> TicketShape:
    """Return the shape of a ticket."""
    return ticket_shapes([ticket])[0]


def ticket_shapes(tickets: Collection[Ticket]) -> list[TicketShape]:
    """Return the shapes of tickets, which `for_shapes` read where they are many."""
    words, rated = _words_of(tickets), ratings.of_tickets(tickets)
    return [_shape(ticket, words, rated.get(ticket.pk)) for ticket in tickets]


def as_it_stood(ticket: Ticket, state: TicketState) -> Ticket:
    """Return a ticket, never to be saved, that stands as `state` says; what it points at is as it is now."""
    return Ticket(
        pk=ticket.pk,
        code=ticket.code,
        last_step=state.step,
        extra=state.extra(),
        **state.columns(),
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """What tickets name by number in `extra`."""

    descriptions: dict[int, str]
    tags: dict[int, str]
    agents: dict[int, str]


def _words_of(tickets: Iterable[Ticket]) -> _Words:
    extras = [ticket.extra for ticket in tickets]
    texts = {extra["description_id"] for extra in extras if extra.get("description_id")}
    tags = {tag for extra in extras for tag in extra.get("tags", ())}
    agents = {agent for extra in extras for agent in extra.get("followers", ())}
    return _Words(
        dict(Text.objects.filter(pk__in=texts).values_list("pk", "plain")) if texts else {},
        dict(Tag.objects.filter(pk__in=tags).values_list("pk", "name")) if tags else {},
        dict(Agent.objects.filter(pk__in=agents).values_list("pk", "name")) if agents else {},
    )


def _shape(ticket: Ticket, words: _Words, rated: Rated | None) -> TicketShape:
    department = named(ticket.department)
    assert department is not None
    extra = ticket.extra
    return TicketShape(
        id=ticket.pk,
        code=ticket.code,
        subject=ticket.subject.plain,
        description=words.descriptions.get(extra.get("description_id", 0), ""),
        status=ticket.status,
        priority=ticket.priority,
        channel=ticket.channel,
        department=department,
        assignee=named(ticket.assignee),
        customer=customer_of_ticket(ticket.customer),
        tags=sorted(words.tags[tag] for tag in extra.get("tags", ())),
        fields={},
        followers=[Named(id=one, name=words.agents[one]) for one in extra.get("followers", ())],
        escalations=extra.get("escalations", 0),
        created_at=ticket.created_at,
        last_activity_at=ticket.last_activity_at,
        due_at=ticket.due_at,
        postponed_until=ticket.postponed_until,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
        deleted_at=ticket.deleted_at,
        merged_into=None if ticket.merged_into is None else ticket.merged_into.code,
        rating=rating_shape(rated),
        step=ticket.last_step,
    )


def customer_of_ticket(customer: Customer | None) -> TicketCustomer | None:
    """Return the shape of a ticket's customer; an internal ticket has none."""
    if customer is None:
        return None
    return TicketCustomer(id=customer.pk, name=customer.name, email=_email(customer))


def _email(customer: Customer) -> str | None:
    if customer.erased_at is not None:
        return None
    addresses: list[Address] | None = getattr(customer, "mail_addresses", None)
    if addresses is None:
        addresses = list(customer.addresses.filter(kind="mail").order_by("id")[:1])
    return addresses[0].value if addresses else None

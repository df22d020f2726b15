"""/customers: who asks for help."""

from __future__ import annotations

from typing import Annotated

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Query, Router
from pydantic import Field

from deskbell import access
from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Line, Listed, Number, Part, by_number
from deskbell.api.shapes.person import CustomerShape, customer_shape, customers_for_shapes
from deskbell.api.shapes.ticket import TicketShape, ticket_shapes
from deskbell.api.shapes.ticket import for_shapes as tickets_for_shapes
from deskbell.api.v1.asked import checked_address, one_of
from deskbell.channels.mail.decode import one_line
from deskbell.errors import BadInput, Conflict
from deskbell.people import customers as people
from deskbell.people import phones
from deskbell.people.customers import customer_for
from deskbell.people.models import Address, Company, Customer
from deskbell.tickets import erasure
from deskbell.tickets.models import Ticket

router = Router()

# How many of a customer's tickets come with them; all others are found by `tickets?q=from:MAIL`.
LATEST_TICKETS = 50


class Who(Asked):
    """A customer, by their mail address; somebody new is made known by it."""

    email: Line
    name: Line = ""


class NewCustomer(Who):
    """A customer to be."""

    company: Number | None = Field(None, description="The number of a company.")


class CustomerChange(Asked):
    """What changes about a customer; what is not named stays."""

    name: Line | None = None
    language: Line | None = Field(None, description='A language of the desk; "" while unknown.')
    company: Line | None = Field(None, description='A name, made when it is new; "" is none.')


class CustomerWithTickets(CustomerShape):
    """A customer with the latest of those of their tickets that you may see."""

    tickets: list[TicketShape]


class Wanted(Part):
    """Which customers are asked for."""

    q: Annotated[str, Field(max_length=200)] = Field(
        "", description="Part of a name or mail address, or a phone number."
    )


@router.get("/customers", response=Listed[CustomerShape])
def list_customers(request: ApiRequest, wanted: Query[Wanted]) -> Listed[CustomerShape]:
    """List the customers."""
    rows, after = by_number(
        customers_for_shapes(_matching(_customers(request), one_line(wanted.q))), wanted
    )
    return Listed(items=[customer_shape(customer) for customer in rows], next=after)


@router.post("/customers", response={201: CustomerShape})
def add_customer(request: ApiRequest, new: NewCustomer) -> Made:
    """Make a customer known."""
    access.require(request.auth.actor, "open")
    email = checked_address(new.email, "email").lower()
    company = _company(new.company)
    with transaction.atomic():
        if Address.objects.filter(kind="mail", value=email).exists():
            raise AlreadyKnown
        customer = customer_for(email, new.name).customer
        if company is not None:
            customer.company = company
            customer.save(update_fields=("company",))
    return Made(customer_shape(customer), f"/customers/{customer.pk}")


@router.get("/customers/{int:number}", response=CustomerWithTickets)
def show_customer(request: ApiRequest, number: int) -> CustomerWithTickets:
    """Show a customer with their latest tickets."""
    customer = one_of(customers_for_shapes(_customers(request)), number)
    seen = access.visible(request.auth.actor, Ticket.objects.filter(customer=customer))
    latest = tickets_for_shapes(seen).order_by("-last_activity_at", "-id")[:LATEST_TICKETS]
    return CustomerWithTickets(**dict(customer_shape(customer)), tickets=ticket_shapes(latest))


@router.patch("/customers/{int:number}", response=CustomerShape)
def change_customer(request: ApiRequest, number: int, change: CustomerChange) -> CustomerShape:
    """Change what is known of a customer."""
    access.require(request.auth.actor, "change_customers")
    customer = one_of(customers_for_shapes(_customers(request)), number)
    company = customer.company.name if customer.company else ""
    people.change_customer(
        customer,
        name=customer.name if change.name is None else change.name,
        language=customer.language if change.language is None else change.language,
        company=company if change.company is None else change.company,
    )
    return customer_shape(one_of(customers_for_shapes(_customers(request)), number))


@router.delete("/customers/{int:number}", response={202: None})
def erase_customer(request: ApiRequest, number: int) -> HttpResponse:
    """Ask for a customer to be forgotten for good, with what they wrote; it begins within a second."""
    erasure.ask_to_erase(one_of(_customers(request), number), by=request.auth.actor)
    response = HttpResponse(status=202)
    del response.headers["Content-Type"]
    return response


class AlreadyKnown(Conflict):
    """A customer has this address."""

    code = "already_known"
    template = gettext_lazy("A customer with this address is known already.")


def address_of(who: Who, field: str = "customer") -> Address:
    """Return the address of a customer, made known when it is new.  Raises BadInput.

    field  where the customer stands in the body; "" when the body is the customer
    """
    return customer_for(checked_address(who.email, f"{field}.email".lstrip(".")), who.name)


def _customers(request: ApiRequest) -> QuerySet[Customer]:
    access.require(request.auth.actor, "see_customers")
    return Customer.objects.filter(merged_into=None)


def _matching(customers: QuerySet[Customer], words: str) -> QuerySet[Customer]:
    if not words:
        return customers
    is_meant = Q(kind="mail", value__icontains=words.lower())
    for number in (phones.meant(words), phones.begun(words)):
        is_meant |= number or Q()
    at = Address.objects.filter(is_meant)
    return customers.filter(Q(name__icontains=words) | Q(pk__in=at.values("customer")))


def _company(number: int | None) -> Company | None:
    if number is None:
        return None
    found = Company.objects.filter(pk=number).first()
    if found is None:
        raise BadInput("company", _("There is no such company."))
    return found

"""Forgets a customer: on every ticket of theirs, one by one, then in the list of customers.

The request is a job; killed anywhere it goes on where it was, and doing it twice changes nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from deskbell import access
from deskbell.people import customers
from deskbell.people.actors import Actor
from deskbell.people.models import Customer
from deskbell.tickets import blanking, first_mails
from deskbell.tickets.actions.erase import erase
from deskbell.tickets.actions.rate import RATED
from deskbell.tickets.models import Entry, Ticket
from deskbell.work.jobs import enqueue, job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JOB = "erase_customer"

# Who else knows something of a customer; each is called before the list of customers forgets them.  Filled at
# start-up by reactions.py, the heart knows none of them.
also_forget: list[Callable[[Customer], None]] = []


def ask_to_erase(customer: Customer, *, by: Actor) -> None:
    """Ask for `customer` to be forgotten; it begins within a second.  Raises NotAllowed."""
    access.require(by, "erase")
    with transaction.atomic():
        enqueue(JOB, key=str(customer.pk), customer_id=customer.pk, agent_id=by.id)


@job(JOB)
def erase_customer(customer_id: int, agent_id: int) -> None:
    """Forget a customer, and those who were merged into them, for the agent who asked for it."""
    by = Actor("agent", agent_id)
    for customer in _all_of(Customer.objects.get(pk=customer_id)):
        for ticket in _tickets_of(customer):
            erase(ticket, customer, by=by)
        with transaction.atomic():
            first_mails.forget_those_to(customer)
            for forget in also_forget:
                forget(customer)
            customers.forget(customer)


def _all_of(customer: Customer) -> Iterator[Customer]:
    for merged in Customer.objects.filter(merged_into=customer):
        yield from _all_of(merged)
    yield customer


def _tickets_of(customer: Customer) -> Iterator[Ticket]:
    """Yield the tickets that are theirs, that they take part in, on which they wrote, rated, or were written to."""
    theirs = Q(customer=customer)
    takes_part = Q(participants__address__customer=customer)
    wrote = Q(messages__address__customer=customer)
    named = blanking.recipients(customer.addresses.all()).values("message__ticket")
    rated = Entry.objects.filter(kind__in=RATED, by_kind="customer", by_id=customer.pk)
    elsewhere = Q(pk__in=named) | Q(pk__in=rated.values("ticket"))
    numbers = Ticket.objects.filter(theirs | takes_part | wrote | elsewhere)
    for number in sorted(set(numbers.values_list("pk", flat=True))):
        yield Ticket.objects.get(pk=number)

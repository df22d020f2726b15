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
from deskbell.tickets.actions.erase import erase
from deskbell.tickets.models import Entry, Ticket
from deskbell.work.jobs import enqueue, job

if TYPE_CHECKING:
    from collections.abc import Iterator

JOB = "erase_customer"


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
            if not _is_erased(ticket, customer):
                erase(ticket, customer, by=by)
        with transaction.atomic():
            customers.forget(customer)


def _all_of(customer: Customer) -> Iterator[Customer]:
    for merged in Customer.objects.filter(merged_into=customer):
        yield from _all_of(merged)
    yield customer


def _tickets_of(customer: Customer) -> Iterator[Ticket]:
    """Yield the tickets that are theirs, that they take part in, or on which they wrote."""
    theirs = Q(customer=customer)
    takes_part = Q(participants__address__customer=customer)
    wrote = Q(messages__address__customer=customer)
    numbers = Ticket.objects.filter(theirs | takes_part | wrote).values_list("pk", flat=True)
    for number in sorted(set(numbers)):
        yield Ticket.objects.get(pk=number)


def _is_erased(ticket: Ticket, customer: Customer) -> bool:
    """Whether they were forgotten on this ticket, and nothing of theirs came since."""
    last = (
        Entry.objects.filter(ticket=ticket, kind="customer.erased", data__customer_id=customer.pk)
        .order_by("-step")
        .first()
    )
    if last is None:
        return False
    came = Entry.objects.filter(ticket=ticket, step__gt=last.step, kind="message.received")
    return not came.exists()

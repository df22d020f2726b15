"""`bin/deskbell seed --tickets N`: fills an empty desk with N tickets, five messages each, to measure with.

True to replay, skewed as a real desk is, the same for the same seed.
"""

from __future__ import annotations

import multiprocessing
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from deskbell import clock
from deskbell.errors import Conflict
from deskbell.people.models import (
    Account,
    Address,
    Agent,
    Company,
    Customer,
    Department,
    Desk,
    Membership,
)
from deskbell.progress import Progress
from deskbell.seeding import load, plan, rows
from deskbell.seeding.plan import Plan
from deskbell.tickets.models import Tag, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER = "owner@desk.example"
# In the order in which they can be taken away.
PEOPLE: tuple[type[Model], ...] = (
    *(Membership, Agent, Account, Address, Customer, Company, Department),
    Tag,
)
FOLDED = 2000  # rows of people written together
TOPICS = ("zip", "tent", "refund", "delivery", "invoice", "size", "return", "warranty")


class NotEmpty(Conflict):
    """A desk that somebody uses is not filled with what nobody wrote."""

    code = "not_empty"
    template = _(
        "This desk holds tickets or people already. Seed another one: name its folder with --data."
    )


@dataclass(frozen=True)
class Owner:
    """Who may sign in afterwards."""

    email: str
    password: str


def seed(tickets: int, *, seed_number: int = 1, processes: int = 2) -> Owner:
    """Fill the desk; return who may sign in to it.

    tickets      how many, 1 or more
    seed_number  the same number and size make the same desk, but for the moment at which its history ends
    processes    how many make rows beside this one, which writes them; 0 makes them here
    Killed on the way, it is begun again by the next call.  Raises NotEmpty.
    """
    if not load.note().exists() and (Ticket.objects.exists() or Agent.objects.exists()):
        raise NotEmpty
    desk = Plan(tickets, seed_number, clock.now().replace(microsecond=0))
    password = secrets.token_urlsafe(12)
    load.begin(rows.TABLES)
    with transaction.atomic():
        _people(desk, password)
    progress = Progress(tickets, "tickets")
    for many, slice_ in _slices(desk, processes):
        load.write(slice_, rows.TABLES)
        progress.add(many)
    progress.end()
    load.end(rows.TABLES)
    return Owner(OWNER, password)


def _slices(desk: Plan, processes: int) -> Iterator[tuple[int, rows.Slice]]:
    many = -(-desk.size // rows.SLICE)
    orders = [rows.Order(desk, number, connection.vendor) for number in range(many)]
    if not processes:
        yield from map(rows.make, orders)
        return
    # Forked: they know Django already.  They touch no database, so the connection is the parent's alone.
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap(rows.make, orders)


def _people(desk: Plan, password: str) -> None:
    """Make who works there and who writes to it, with numbers from 1; an interrupted seed's are taken away first."""
    for model in PEOPLE:
        model._default_manager.all().delete()
    _workers(password)
    _customers(desk)
    Tag.objects.bulk_create(
        Tag(pk=number, name=name, key=name)
        for number in range(1, plan.TAGS + 1)
        for name in [f"{TOPICS[number % len(TOPICS)]} {number}"]
    )
    installed = Desk.get()
    installed.name, installed.set_up_at, installed.setup_token_hash = "Seeded desk", clock.now(), ""
    installed.save(update_fields=("name", "set_up_at", "setup_token_hash"))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in PEOPLE:
                load.advance_sequence(cursor, model._meta.db_table)


def _workers(password: str) -> None:
    owner = Account()
    owner.set_password(password)  # slow on purpose, so once
    Department.objects.bulk_create(
        Department(pk=number, name=f"Department {number}")
        for number in range(1, plan.DEPARTMENTS + 1)
    )
    numbers = range(1, plan.AGENTS + 1)
    Account.objects.bulk_create(
        Account(
            pk=number,
            email=OWNER if number == 1 else f"agent{number}@desk.example",
            name=f"Agent {number}",
            password=owner.password,
        )
        for number in numbers
    )
    Agent.objects.bulk_create(
        Agent(
            pk=number,
            account_id=number,
            name=f"Agent {number}",
            role=Agent.Role.OWNER if number == 1 else Agent.Role.AGENT,
        )
        for number in numbers
    )
    Membership.objects.bulk_create(
        Membership(agent_id=agent, department_id=department)
        for department in range(1, plan.DEPARTMENTS + 1)
        for agent in plan.agents_of(department)
    )


def _customers(desk: Plan) -> None:
    Company.objects.bulk_create(
        Company(pk=number, name=f"Company {number}") for number in range(1, desk.companies + 1)
    )
    numbers = range(1, desk.customers + 1)
    Customer.objects.bulk_create(
        (
            Customer(pk=number, name=f"Customer {number}", company_id=1 + number % desk.companies)
            for number in numbers
        ),
        batch_size=FOLDED,
    )
    Address.objects.bulk_create(
        (
            Address(
                pk=number,
                customer_id=number,
                value=rows.address_of(number),
                name=f"Customer {number}",
            )
            for number in numbers
        ),
        batch_size=FOLDED,
    )

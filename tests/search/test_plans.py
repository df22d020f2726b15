"""How the databases find the tickets on which something was said: by indexes, for each ticket that a list comes by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from deskbell.people.actors import Actor
from deskbell.people.models import Address, Agent
from deskbell.search.tickets import find
from deskbell.seeding import seed
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def owner() -> Actor:
    seed.seed(2000, processes=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Actor.agent(Agent.objects.get(role="owner"))


def test_what_was_said_is_looked_up_for_each_ticket_and_its_parts(owner: Actor) -> None:
    for query in ("has:file", "has:answer", "has:note", "has:outsider", "by:me"):
        read = _read(owner, query)
        assert read
        assert not [one for one in read if one[1] in {"tickets_message", "tickets_ticket"}], query


def test_a_customers_tickets_are_looked_up_by_customer_and_number(owner: Actor) -> None:
    part, into = Ticket.objects.filter(
        status="open", merged_into=None, customer__isnull=False
    ).order_by("id")[:2]
    actions.merge(part, into, by=owner)
    address = Address.objects.filter(kind="mail", customer=part.customer).latest("pk")
    assert into in find(owner, f"from:{address.value}")
    read = _read(owner, f"from:{address.value}")
    assert read
    assert not [one for one in read if one[1] == "tickets_ticket"]


def _read(owner: Actor, query: str) -> list[tuple[str, str]]:
    """Return how a list reads each table: the whole step as the database tells it, and which table it reads whole."""
    sql, params = (
        find(owner, query).order_by("-last_activity_at", "-id")[:50].query.sql_with_params()
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            [[told]] = cursor.fetchall()
            plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
            return [
                (str(node), node["Relation Name"] if node["Node Type"] == "Seq Scan" else "")
                for node in _nodes(plan)
                if "Relation Name" in node
            ]
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        steps = [row[-1] for row in cursor.fetchall()]
        names = {"near", "deeper", "U0", "U1", "tickets_ticket"}
        return [
            (step, "tickets_ticket" if _walks(step) else "")
            for step in steps
            if names & set(step.split())
        ]


def _walks(step: str) -> bool:
    """Whether SQLite reads a whole table; in the order of a list it does so only until the list is full."""
    return step.startswith("SCAN") and "t_activity" not in step


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)

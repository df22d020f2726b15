"""How the databases find what an agent has not read: by the index of it, however many tickets and notices there are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deskbell import clock
from deskbell.notices import reading
from deskbell.notices.models import Notice
from deskbell.people.actors import Actor
from deskbell.people.models import Agent
from deskbell.seeding import seed
from deskbell.tickets.models import Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TICKETS = 2000


@pytest.fixture
def told() -> list[Actor]:
    """The owner and an agent, who were told of everything, and have read nearly all of it."""
    seed.seed(TICKETS, processes=0)
    owner = Agent.objects.get(role="owner")
    agent = Agent.objects.filter(role="agent").earliest("id")
    now = clock.now()
    for one in (owner, agent):
        Notice.objects.bulk_create(
            Notice(
                agent=one,
                ticket=ticket,
                step=1,
                why="new",
                at=now,
                read_at=None if ticket.pk % 400 == 0 else now,
            )
            for ticket in Ticket.objects.only("pk")
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [Actor.agent(owner), Actor.agent(agent)]


def test_what_is_unread_comes_out_of_its_index(told: list[Actor]) -> None:
    for by in told:
        with CaptureQueriesContext(connection) as asked:
            reading.unread_of(by)
        [statement] = [one["sql"] for one in asked if "notices_notice" in one["sql"]]
        plan = _plan(statement)
        assert "notice_unread" in plan, plan
        assert "SCAN tickets" not in plan
        assert "Seq Scan on tickets" not in plan


def _plan(statement: str) -> str:
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {statement}")
        return "\n".join(str(row) for row in cursor.fetchall())

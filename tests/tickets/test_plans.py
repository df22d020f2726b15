"""How the databases find what lists show: by the index of each strand, never sorting or walking past all else.

A seeded desk is skewed as real ones are: most tickets are closed, few departments have most of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from deskbell import access
from deskbell.people.actors import Actor
from deskbell.people.models import Agent
from deskbell.seeding import seed
from deskbell.tickets import counting as counted
from deskbell.tickets import queries
from deskbell.tickets.models import Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TICKETS, LIMIT = 3000, 50
INDEXES = {"t_dept", "t_mine", "t_status", "t_thanked"}
Shown = Callable[[], object]
Statement = tuple[str, Any]


@pytest.fixture
def agents() -> list[Actor]:
    """The owner, the agent with the most tickets, and one of a department where little comes."""
    seed.seed(TICKETS, processes=0)
    working = Agent.objects.filter(role="agent").order_by("id")
    busiest = max(working, key=lambda one: Ticket.objects.filter(assignee=one).count())
    quiet = min(
        working, key=lambda one: access.visible(Actor.agent(one), Ticket.objects.all()).count()
    )
    return [Actor.agent(one) for one in (Agent.objects.get(role="owner"), busiest, quiet)]


def test_every_list_of_every_agent_comes_out_of_the_indexes(agents: list[Actor]) -> None:
    for agent in agents:
        for name, after, department in _lists(agent):
            show = partial(
                queries.inbox, agent, name, department_id=department, after=after, limit=LIMIT
            )
            strands = [one for one in _asked(show) if " AS strand" in one[0]]
            for statement in strands:
                _comes_out_of_the_indexes(statement)
            assert len(strands) == bool(queries.strands_of(agent, name, department))
            whole = queries.view(agent, name, department)
            assert show().rows == queries.page(whole, after=after, limit=LIMIT).rows
    with transaction.atomic():  # where nothing is kept
        [counting] = [one for one in _asked(counted.groups) if "GROUP BY" in one[0]]
    assert _index_of(counting) == {"t_counted"}

    unordered = queries.view(agents[0], "all").order_by("priority", "id")[:LIMIT]
    [whole_table] = _asked(partial(list, unordered))
    with pytest.raises(AssertionError):  # so a list that no index holds would be seen
        _comes_out_of_the_indexes(whole_table)


def _lists(agent: Actor) -> Iterator[tuple[str, str | None, int | None]]:
    """Yield every view from its top and from its middle, whole and in one department."""
    [department] = Ticket.objects.order_by("id").values_list("department_id", flat=True)[:1]
    for name in queries.VIEWS:
        yield name, None, None
        yield name, None, department
        things = queries.view(agent, name).order_by("-last_activity_at", "-id")
        if middle := things[things.count() // 2 :].first():
            yield name, queries.BY_ACTIVITY.cursor(middle), None


def _asked(show: Shown) -> list[Statement]:
    """Return the statements behind what `show` reads, with their values."""
    found: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        show()
    return found


def _comes_out_of_the_indexes(statement: Statement) -> None:
    if connection.vendor == "postgresql":
        _on_postgres(statement)
    else:
        _on_sqlite(statement)


def _on_sqlite(statement: Statement) -> None:
    """Each strand is one search of an index; a sort below it would read the whole strand first."""
    steps = _explained(statement)
    searches = [text for _id, _parent, text in steps if "tickets_ticket" in text]
    assert searches
    assert all(text.startswith("SEARCH tickets_ticket USING INDEX t_") for text in searches)
    assert {text.split()[4] for text in searches} <= INDEXES
    inside = {number for number, _parent, text in steps if text.startswith("CO-ROUTINE")}
    assert inside
    assert not [text for _id, parent, text in steps if parent in inside and "B-TREE" in text]


def _on_postgres(statement: Statement) -> None:
    """Each strand is read by an index in its order, which a planner that avoids sorts finds for few rows too."""
    nodes = list(_nodes(_plan(statement, without=("sort", "bitmapscan", "seqscan"))))
    reads = [node for node in nodes if node.get("Relation Name") == "tickets_ticket"]
    assert reads
    assert {node["Node Type"] for node in reads} == {"Index Scan"}
    assert {node["Index Name"] for node in reads} <= {*INDEXES, "t_activity"}
    sorts = [node for node in nodes if node["Node Type"] == "Sort"]
    assert not [node for node in sorts if _reads_the_table(node["Plans"][0])]


def _reads_the_table(node: dict[str, Any]) -> bool:
    return node.get("Relation Name") == "tickets_ticket"


def _index_of(statement: Statement) -> set[str]:
    """Return the indexes by which tickets are read, each from its beginning to its end."""
    if connection.vendor == "postgresql":
        nodes = _nodes(_plan(statement, without=("seqscan", "bitmapscan")))
        return {node["Index Name"] for node in nodes if "Index Name" in node}
    return {
        text.removeprefix("SCAN tickets_ticket USING ").split("INDEX ")[1]
        for _id, _parent, text in _explained(statement)
        if "tickets_ticket" in text
    }


def _explained(statement: Statement) -> list[tuple[int, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement[0]}", statement[1])
        return [(number, parent, text) for number, parent, _unused, text in cursor.fetchall()]


def _plan(statement: Statement, without: Sequence[str] = ()) -> dict[str, Any]:
    """Return how PostgreSQL would go about it; `without` are ways that it takes only where there is no other."""
    with transaction.atomic(), connection.cursor() as cursor:
        for way in without:
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement[0]}", statement[1])
        [[told]] = cursor.fetchall()
    plan: dict[str, Any] = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return plan


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def test_what_is_due_first_comes_out_of_its_index(agents: list[Actor]) -> None:
    for agent in agents:
        for name in ("inbox", "mine", "unassigned", "overdue", "open"):
            show = partial(queries.inbox_by_due, agent, name, limit=LIMIT)
            [statement] = [one for one in _asked(show) if "due_at IS NOT NULL" in one[0]]
            if connection.vendor == "postgresql":
                plan = _plan(statement, without=("sort", "bitmapscan", "seqscan"))
                reads = [one for one in _nodes(plan) if "Relation Name" in one]
                assert {one.get("Index Name") for one in reads} == {"t_due"}
            else:
                [step] = [text for _id, _parent, text in _explained(statement)]
                assert "INDEX t_due" in step

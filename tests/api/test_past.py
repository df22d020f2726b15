"""?at=: a ticket, a list and a timeline as they stood."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deskbell.clock import now
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from tests.api.conftest import Program
from tests.cast import Cast, by
from tests.desk import a_ticket

HOUR = timedelta(hours=1)


def codes(listed: dict[str, Any]) -> list[str]:
    return [ticket["code"] for ticket in listed["items"]]


@pytest.fixture
def ticket(cast: Cast, clock: time_machine.Traveller) -> Ticket:
    """A ticket that came at noon, was answered at two, tagged and moved at four, and closed at six."""
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(2 * HOUR)
    actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    clock.shift(2 * HOUR)
    actions.tag(ticket, by=by(cast.anna), add=["zip"])
    actions.describe(ticket, by=by(cast.anna), subject="The zip of a tent", description="Old.")
    actions.transfer(ticket, cast.billing, by=by(cast.anna), agent=cast.dora)
    actions.prioritise(ticket, 4, by=by(cast.anna))
    clock.shift(2 * HOUR)
    actions.close(ticket, by=by(cast.anna))
    clock.shift(HOUR)
    return ticket


def test_a_ticket_is_shown_as_it_stood(cast: Cast, anna: Program, ticket: Ticket) -> None:
    path = f"/tickets/{ticket.code}"
    new, answered, moved, closed = (
        anna.get(path, at=f"2026-03-02T{hour}:00:00Z") for hour in (13, 15, 17, 19)
    )
    assert (new["status"], new["assignee"], new["step"]) == ("new", None, 2)
    assert new["subject"] == "The zip came apart"
    assert (answered["status"], answered["assignee"]["name"]) == ("answered", "Bela Kerekes")
    assert (answered["tags"], answered["description"]) == ([], "")
    assert (moved["department"]["name"], moved["priority"], moved["tags"]) == (
        "Billing",
        4,
        ["zip"],
    )
    assert (moved["subject"], moved["description"]) == ("The zip of a tent", "Old.")
    assert (moved["status"], moved["closed_at"]) == ("answered", None)
    assert moved["customer"]["email"] == "emil@acme.example"
    assert closed == anna.get(path)
    assert anna.refused(404, "GET", path, at="2026-03-02T11:00:00Z")["code"] == "no_such_ticket"


def test_a_list_is_shown_as_it_stood(cast: Cast, anna: Program, ticket: Ticket) -> None:
    answered = "2026-03-02T15:00:00Z"
    [shown] = anna.get("/tickets", at=answered)["items"]
    assert shown == anna.get(f"/tickets/{ticket.code}", at=answered)
    for q, is_there in {
        "status:answered": True,
        "status:closed": False,
        "dept:support": True,
        "dept:billing": False,
        "assignee:bela@desk.example": True,
        "assignee:none": False,
        "from:emil@acme.example": True,
        "from:frida@acme.example": False,
        ticket.code: True,
        "tent": True,
        "stove": False,
    }.items():
        found = codes(anna.get("/tickets", at=answered, q=q))
        assert found == ([ticket.code] if is_there else []), q
    assert codes(anna.get("/tickets", at="2026-03-02T11:00:00Z")) == []
    assert codes(anna.get("/tickets", at="2026-03-02T19:00:00Z", q="status:closed")) == [
        ticket.code
    ]


def test_nobody_sees_in_the_past_what_they_may_not_see_today(
    cast: Cast, bela: Program, dora: Program, ticket: Ticket
) -> None:
    for at in ("2026-03-02T13:00:00Z", "2026-03-02T17:00:00Z"):
        assert codes(bela.get("/tickets", at=at)) == []
        bela.refused(404, "GET", f"/tickets/{ticket.code}", at=at)
        assert codes(dora.get("/tickets", at=at)) == [ticket.code]


def test_a_long_list_of_the_past_comes_page_by_page(
    cast: Cast, anna: Program, clock: time_machine.Traveller
) -> None:
    made = []
    for _ in range(5):
        made.append(a_ticket(cast.support, cast.emil).code)
        clock.shift(HOUR)
    at, seen, after = now().isoformat(), [], ""
    while True:
        part = anna.get("/tickets", at=at, after=after, limit=2)
        seen += codes(part)
        if (after := part["next"]) is None:
            break
    assert seen == made[::-1]
    anna.refused(422, "GET", "/tickets", at=at, after="nonsense")
    after = anna.get("/tickets", limit=2)["next"]
    anna.refused(422, "GET", "/tickets", at=at, after=after)
    anna.refused(422, "GET", "/tickets", at=at, sort="created")


@pytest.mark.parametrize("at", ["yesterday", "2026-03-02T13:00:00", "0", "0001-01-01T00:00:00Z"])
def test_what_is_no_moment_is_refused(cast: Cast, anna: Program, ticket: Ticket, at: str) -> None:
    for path in ("/tickets", f"/tickets/{ticket.code}", f"/tickets/{ticket.code}/timeline"):
        assert anna.refused(422, "GET", path, at=at)["errors"][0]["field"] == "at"


def test_a_timeline_ends_at_the_moment(cast: Cast, anna: Program, ticket: Ticket) -> None:
    path = f"/tickets/{ticket.code}/timeline"
    assert len(anna.get(path, at="2026-03-02T13:00:00Z")["items"]) == 2
    listed = anna.get(path, at="2026-03-02T15:00:00Z", limit=3)
    assert [one["kind"] for one in listed["items"]][-1] == "message.replied"
    rest = anna.get(path, at="2026-03-02T15:00:00Z", after=listed["next"])
    assert [one["kind"] for one in rest["items"]] == ["ticket.taken"]


def test_a_longer_list_of_the_past_costs_no_more_queries(
    cast: Cast, anna: Program, ticket: Ticket
) -> None:
    counts: list[int] = []
    for _ in range(2):
        for _ in range(3):
            other = a_ticket(cast.support, cast.frida)
            actions.tag(other, by=by(cast.bela), add=[f"tag {len(counts)}"])
            actions.follow(other, by=by(cast.bela))
            actions.describe(other, by=by(cast.bela), description="Of a tent.")
            actions.reply(other, Content("Look."), by=by(cast.bela))
        at = now().isoformat()
        anna.get("/tickets", at=at)
        with CaptureQueriesContext(connection) as queries:
            anna.get("/tickets", at=at)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14

"""What is due is seen: on the ticket with why, in the inbox, in the rail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deskbell.tickets import actions, counting, queries
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn
from tests.web.desk.pages import page_of

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _promised(cast: Cast, clock: time_machine.Traveller) -> None:
    """Support answers within an hour; it is noon."""
    cast.support.answer_within_minutes = 60
    cast.support.save()


def urgencies(page: str) -> list[str]:
    return re.findall(r'<time class="due"[^>]*data-due="(\w+)"', page)


def test_a_ticket_says_when_it_is_due_and_why(
    cast: Cast, bela: Client, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    page = page_of(bela, ticket)
    assert urgencies(page) == ["calm"]
    assert "Why this time?" in page
    assert "Support answers within 60 minutes, around the clock" in page
    moment = '<time datetime="2026-03-02T13:00:00.000Z" data-local="dated">2 Mar 2026 13:00</time>'
    assert f"The first answer is due {moment}" in page
    clock.shift(50 * MINUTE)
    assert urgencies(page_of(bela, ticket)) == ["soon"]
    clock.shift(20 * MINUTE)
    assert urgencies(page_of(bela, ticket)) == ["overdue"]
    actions.mark_answered(ticket, by=by(cast.bela))
    page = page_of(bela, ticket)
    assert urgencies(page) == []
    assert "The answer came late" in page


def test_what_rests_says_so(cast: Cast, bela: Client, clock: time_machine.Traveller) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(10 * MINUTE)
    actions.postpone(ticket, ticket.created_at + 5 * HOUR, by=by(cast.bela))
    page = page_of(bela, ticket)
    assert 'data-due="paused"' in page
    assert "the time in Postponed" in page


def test_rows_say_how_near_it_is_as_time_passes(
    cast: Cast, bela: Client, clock: time_machine.Traveller
) -> None:
    a_ticket(cast.support, cast.emil)
    seen = []
    for _ in range(4):
        seen += urgencies(bela.get("/").content.decode())
        clock.shift(25 * MINUTE)
    assert seen == ["calm", "calm", "soon", "overdue"]


def test_what_is_due_first_stands_first_and_all_else_follows_page_by_page(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    due = []
    for number in range(4):
        due.append(a_ticket(cast.support, cast.emil, subject=f"{number}").code)
        clock.shift(MINUTE)
    for code in due[:2]:  # these rest: nothing is due, and the last to be answered stirred last
        actions.mark_answered(Ticket.objects.get(code=code), by=by(cast.bela))
        clock.shift(MINUTE)
    found: list[str] = []
    after = None
    for _ in range(4):
        page = queries.inbox_by_due(by(cast.bela), "inbox", after=after, limit=1)
        found += [row.code for row in page.rows]
        after = page.next
    assert found == [due[2], due[3], due[1], due[0]] or found == [due[2], due[3], due[0], due[1]]
    assert after is None
    whole = queries.inbox_by_due(by(cast.bela), "inbox", limit=3)
    assert [row.code for row in whole.rows] == found[:3]
    last = queries.inbox_by_due(by(cast.bela), "inbox", after=whole.next, limit=3)
    assert [row.code for row in last.rows] == found[3:]


def test_the_inbox_sorted_by_due_has_headings_and_leads_on(
    cast: Cast, bela: Client, clock: time_machine.Traveller
) -> None:
    for number in range(53):
        a_ticket(cast.support, cast.emil, subject=f"Ticket {number}.")
        clock.shift(MINUTE)
    page = bela.get("/?sort=due").content.decode()
    assert re.findall(r'day__name">([^<]*)<', page) == ["Due soon", "Due later"]
    assert "Ticket 0." in page
    assert "Ticket 52." not in page
    more = page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    second = bela.get(f"/{more}").content.decode()
    assert "Ticket 52." in second
    assert re.findall(r'day__name">([^<]*)<', second) == []


def test_what_is_overdue_is_a_list_with_a_number_in_the_rail(
    cast: Cast, as_: SignIn, clock: time_machine.Traveller
) -> None:
    a_ticket(cast.support, cast.emil, subject="A zip")
    bela, dora = as_(cast.bela), as_(cast.dora)
    assert queries.counters(by(cast.bela)).views["overdue"] == 0
    clock.shift(HOUR)
    assert queries.counters(by(cast.bela)).views["overdue"] == 1, "nothing happened but time"
    assert queries.counters(by(cast.dora)).views["overdue"] == 0
    assert "A zip" in bela.get("/?view=overdue").content.decode()
    assert "A zip" not in dora.get("/?view=overdue").content.decode()
    assert bela.get("/?view=overdue&at=2026-03-02T12:00").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_nobody_counts_until_something_becomes_overdue(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    a_ticket(cast.support, cast.emil)
    first = counting.groups()
    clock.shift(59 * MINUTE)
    assert counting.groups() is first
    clock.shift(MINUTE)
    assert [group.overdue for group in counting.groups()] == [1]


def test_a_list_with_due_times_costs_no_further_query(cast: Cast, bela: Client) -> None:
    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as queries_asked:
            bela.get(address)
        return len(queries_asked)

    asked("/")
    before = asked("/")
    for number in range(5):
        a_ticket(cast.support, cast.emil, subject=f"{number}")
    assert asked("/") <= before
    assert asked("/?sort=due") <= before + 1

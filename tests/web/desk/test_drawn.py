"""Rows are kept as they were drawn, and never shown where they would be wrong."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import engines
from django.test import Client
from django.utils import timezone

from deskbell.people.actors import Actor
from deskbell.tickets import actions, queries
from deskbell.tickets.models import Ticket
from deskbell.web.desk import drawn
from tests.cast import Cast, by
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def row_of(ticket: Ticket) -> queries.Row:
    [row] = queries.rows_of(Actor("clock"), [ticket.code])
    return row


def draw(row: queries.Row, **how: object) -> str:
    return (
        engines["jinja2"]
        .from_string("{{ ticket_row(row, **how) }}")
        .render({"row": row, "how": how})
    )


def test_a_row_that_did_not_change_is_drawn_once(ticket: Ticket) -> None:
    vars(drawn)["_drawn"].cache_clear()
    assert draw(row_of(ticket)) == draw(row_of(ticket))
    kept = vars(drawn)["_drawn"].cache_info()
    assert (kept.misses, kept.hits) == (1, 1)


def test_a_row_tells_what_was_done_to_its_ticket(cast: Cast, ticket: Ticket) -> None:
    before = draw(row_of(ticket))
    assert "Assigned to nobody" in before
    actions.take(ticket, by=by(cast.bela))
    assert "Assigned to nobody" not in draw(row_of(ticket))
    cast.support.name = "Second line"
    cast.support.save()
    assert "Second line" in draw(row_of(ticket))


def test_a_row_tells_each_reader_their_own_time(cast: Cast) -> None:
    with time_machine.travel(NOON, tick=False):
        row = row_of(a_ticket(cast.support, cast.emil))
        with timezone.override(ZoneInfo("Europe/Budapest")):
            assert ">13:00</time>" in draw(row)
        assert ">12:00</time>" in draw(row)
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        assert ">2 Mar</time>" in draw(row)


def test_a_row_of_the_past_leads_into_the_past(ticket: Ticket) -> None:
    row = row_of(ticket)
    assert f'href="/tickets/{ticket.code}"' in draw(row)
    assert f"/tickets/{ticket.code}/history?at=2026" in draw(row, at=NOON)
    assert "data-belongs" in draw(row, belongs=True)
    assert "data-belongs" not in draw(row)


def test_forms_of_one_page_share_a_token_that_no_other_page_has(
    bela: Client, ticket: Ticket
) -> None:
    pages = [bela.get(f"/tickets/{ticket.code}").content.decode() for _ in range(2)]
    tokens = [re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page) for page in pages]
    assert len(tokens[0]) > 10
    assert [len(set(of_page)) for of_page in tokens] == [1, 1]
    assert tokens[0][0] != tokens[1][0]


def test_a_page_without_forms_gives_no_token(bela: Client, ticket: Ticket) -> None:
    assert "deskbell_csrf" not in bela.get("/tickets/rows?view=inbox&codes=").cookies
    assert "deskbell_csrf" in bela.get("/").cookies


def test_the_rail_counts_anew_and_marks_where_one_is(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    page = bela.get("/").content.decode()
    assert '<span class="rail__count" data-counter="view-mine"></span>' in page
    assert 'href="/" title="Inbox" aria-current="page"' in page
    actions.take(ticket, by=by(cast.bela))
    page = bela.get("/?view=mine").content.decode()
    assert '<span class="rail__count" data-counter="view-mine">1</span>' in page
    assert 'href="/?view=mine" title="Mine" aria-current="page"' in page
    assert 'href="/" title="Inbox" aria-current' not in page

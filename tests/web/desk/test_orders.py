"""The orders that a list may have: by activity, age, what is due, and importance."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import Traveller

from deskbell.saved_views.models import SavedView
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def four(clock: Traveller, cast: Cast) -> None:
    """Four tickets, an hour apart: A has the latest note, B is urgent, C is low, D lies in Billing."""
    first = a_ticket(cast.support, cast.emil, subject="A.")
    clock.shift(HOUR)
    for subject, priority in (("B.", 4), ("C.", 1)):
        ticket = a_ticket(cast.support, cast.emil, subject=subject)
        actions.prioritise(ticket, priority, by=by(cast.bela))
        clock.shift(HOUR)
    a_ticket(cast.billing, cast.frida, subject="D.")
    clock.shift(HOUR)
    actions.note(first, Content("The zip."), by=by(cast.bela))


def page_at(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def subjects(page: str) -> str:
    return "".join(re.findall(r'class="row__subject"[^>]*>\s*([A-Z])\.', page))


def headings(page: str) -> list[str]:
    return re.findall(r'day__name">([^<]*)<', page)


def chosen(page: str) -> list[str]:
    """Return the words of the order that the page says it has."""
    nav = page.split('aria-label="Order">')[1].partition("</nav>")[0]
    return re.findall(r'aria-current="true">([^<]*)<', nav)


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("sort", "word", "expected"),
    [
        ("", "Latest activity first", "ACB"),
        ("activity", "Oldest activity first", "BCA"),
        ("-created", "Newest first", "CBA"),
        ("created", "Oldest first", "ABC"),
        ("importance", "By priority, then what is due", "BAC"),
        ("luck", "Latest activity first", "ACB"),
        ("best", "Latest activity first", "ACB"),
    ],
)
def test_what_was_found_without_words_stands_in_the_order_that_one_chose(
    cast: Cast, as_: SignIn, sort: str, word: str, expected: str
) -> None:
    page = page_at(as_(cast.bela), f"/find?q=status:new&sort={sort}")
    assert (subjects(page), chosen(page)) == (expected, [word])
    assert "D." not in subjects(page), "Bela does not work in Billing"


@pytest.mark.usefixtures("four")
def test_headings_fit_the_order(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    assert headings(page_at(bela, "/find?q=status:new")) == ["Today"]
    by_priority = page_at(bela, "/find?q=status:new&sort=importance")
    assert headings(by_priority) == ["Urgent", "Normal", "Low"]


def test_an_order_leads_on_and_names_no_heading_twice(
    clock: Traveller, cast: Cast, as_: SignIn
) -> None:
    for number in range(53):
        a_ticket(cast.support, cast.emil, subject=f"Ticket {number}.")
        clock.shift(timedelta(minutes=1))
    bela = as_(cast.bela)
    first = page_at(bela, "/find?q=status:new&sort=created")
    assert "Ticket 0." in first
    assert "Ticket 52." not in first
    more = unescape(first.split('hx-get="')[1].split('"')[0])
    second = page_at(bela, f"/find{more}")
    assert "Ticket 52." in second
    assert "Ticket 0." not in second
    assert headings(second) == []
    assert chosen(second) == ["Oldest first"]
    # The cursor of one order is none of another.
    assert bela.get(f"/find{more.replace('created', 'due')}").status_code == 422


@pytest.mark.usefixtures("four")
def test_words_have_their_own_orders(cast: Cast, as_: SignIn) -> None:
    page = page_at(as_(cast.bela), "/find?q=zip&sort=best")
    assert chosen(page) == ["Best first"]
    assert "Oldest first" not in page.split("<main")[1]
    assert 'href="/views/new?q=zip"' in page


@pytest.mark.usefixtures("four")
def test_an_order_is_kept_when_one_narrows_and_when_one_saves(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    page = page_at(bela, "/find?q=status:new&sort=importance")
    assert '<input type="hidden" name="sort" value="importance">' in page
    asked = {"q": "status:new", "sort": "importance", "department": "support"}
    assert "sort=importance" in bela.get("/find/narrowed", asked)["Location"]
    assert 'href="/views/new?q=status%3Anew&amp;sort=importance"' in page
    form = page_at(bela, "/views/new?q=status%3Anew&sort=importance")
    assert '<option value="importance" selected>' in form
    assert '<option value="-activity" selected>' in page_at(bela, "/views/new?q=zip&sort=best")
    sent = {"name": "New", "query": "status:new", "audience": "mine", "sort": "importance"}
    bela.post("/views/new", sent)
    assert subjects(page_at(bela, f"/views/{SavedView.objects.get().pk}")) == "BAC"


@pytest.mark.usefixtures("four")
def test_an_order_costs_no_more_than_its_parts(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)

    def asked(sort: str) -> int:
        with CaptureQueriesContext(connection) as queries_asked:
            bela.get(f"/find?q=status:new&sort={sort}")
        return len(queries_asked)

    asked("")
    before = asked("")
    assert asked("created") == before
    assert asked("due") <= before + 1
    assert asked("importance") <= before + 7


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("sort", "word", "expected"),
    [
        ("", "Latest activity first", "ACB"),
        ("due", "Due first", "ACB"),
        ("created", "Oldest first", "ABC"),
        ("importance", "By priority, then what is due", "BAC"),
        ("luck", "Latest activity first", "ACB"),
    ],
)
def test_the_inbox_and_its_views_have_the_same_orders(
    cast: Cast, as_: SignIn, sort: str, word: str, expected: str
) -> None:
    bela = as_(cast.bela)
    for view in ("inbox", "unassigned", "new"):
        page = page_at(bela, f"/?view={view}&sort={sort}")
        assert (subjects(page), chosen(page)) == (expected, [word])
    page = page_at(bela, f"/?department={cast.support.pk}&sort={sort}")
    assert subjects(page) == expected
    assert bela.get(f"/?department={cast.billing.pk}&sort={sort}").status_code == 404


@pytest.mark.usefixtures("four")
def test_an_order_of_the_inbox_is_kept_when_one_saves(cast: Cast, as_: SignIn) -> None:
    page = page_at(as_(cast.bela), "/?view=new&sort=importance")
    assert 'href="/views/new?q=status%3Anew&amp;sort=importance"' in page
    assert headings(page) == ["Urgent", "Normal", "Low"]
    # What came meanwhile is asked for in the same order.
    assert 'href="/?view=new&amp;sort=importance" aria-live' in page


def test_what_has_ended_is_read_from_its_latest(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    for view in ("closed", "spam", "overdue"):
        assert 'aria-label="Order"' not in page_at(bela, f"/?view={view}&sort=importance")
    assert chosen(page_at(bela, "/?view=all&sort=importance")) == ["Latest activity first"]


def test_an_order_of_the_inbox_leads_on(clock: Traveller, cast: Cast, as_: SignIn) -> None:
    for number in range(53):
        a_ticket(cast.support, cast.emil, subject=f"Ticket {number}.")
        clock.shift(timedelta(minutes=1))
    bela = as_(cast.bela)
    first = page_at(bela, "/?sort=created")
    assert "Ticket 52." not in first
    more = unescape(first.split('hx-get="')[1].split('"')[0])
    second = page_at(bela, f"/{more}")
    assert "Ticket 52." in second
    assert headings(second) == []

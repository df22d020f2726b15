"""In a real browser: what came earlier on a long ticket is put in above what is read, which stays where it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Browser, Page, expect

from deskbell.live.sockets import Hub
from deskbell.tickets import thread
from deskbell.tickets.models import Entry, Ticket
from tests.cast import Cast, meet
from tests.desk import a_ticket, writes_again
from tests.live.test_live_page import of_agent, open_page
from tests.watched import watched
from tests.web.front_server import RunningFront, running
from tests.web.writing import words

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

SHOWN = "desk-thread > ol > li[id^=entry-]"
TOP = "id => document.getElementById(id).getBoundingClientRect().top"


@pytest.fixture
def cast() -> Cast:
    return meet()


@pytest.fixture
def long(cast: Cast) -> Ticket:
    ticket = a_ticket(cast.support, cast.emil)
    for number in range(38):
        writes_again(ticket, cast.emil, f"Word {number}.")
    return ticket


@pytest.fixture
def desk(long: Ticket, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningFront]:
    monkeypatch.setattr(thread, "MOST_ENTRIES", 20)
    monkeypatch.setattr(
        thread,
        "_own",
        lambda ticket, since: thread._newest(Entry.objects.filter(ticket=ticket, step__gt=since)),
    )
    with running(get_wsgi_application(), Hub) as started:
        yield started


@pytest.fixture
def page(desk: RunningFront, cast: Cast, long: Ticket, browser: Browser) -> Iterator[Page]:
    with of_agent(browser, desk, cast.bela) as context:
        yield watched(open_page(context, f"/tickets/{long.code}"))


@pytest.mark.parametrize("width", [1440, 390])
def test_who_reads_keeps_the_place_and_who_writes_the_words(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    expect(page.locator(SHOWN)).to_have_count(20)
    words(page).fill("Half a thought")
    first = page.locator(SHOWN).first.get_attribute("id")
    page.evaluate("document.querySelector('desk-thread').scroller.scrollTo(0, 0)")
    before = page.evaluate(TOP, first)
    page.get_by_role("link", name="Show what came earlier").click()
    expect(page.locator(SHOWN)).to_have_count(40)
    expect(page.locator(".ticket__thread")).to_be_focused()
    assert abs(page.evaluate(TOP, first) - before) < 2
    expect(page.locator("#earlier")).to_have_count(0)
    expect(page.locator(".entry--day")).to_have_count(1)
    expect(words(page)).to_have_text("Half a thought")


def test_what_comes_now_stands_at_the_end_and_on_no_earlier_page(
    cast: Cast, page: Page, long: Ticket
) -> None:
    page.get_by_role("link", name="Show what came earlier").click()
    expect(page.locator(SHOWN)).to_have_count(40)
    writes_again(long, cast.emil, "The very last.")
    expect(page.locator(SHOWN).last).to_contain_text("The very last.")
    above = long.entries.order_by("step")[20]
    page.goto(f"/tickets/{long.code}?before={above.pk}")
    expect(page.locator("html")).to_have_attribute("data-connection", "on")
    thread_shown = page.locator("desk-thread")
    expect(page.locator(SHOWN)).to_have_count(20)
    writes_again(long, cast.emil, "One more.")
    step = str(Ticket.objects.get(pk=long.pk).last_step)
    expect(thread_shown).to_have_attribute("data-step", step)
    expect(thread_shown).not_to_contain_text("One more.")
    page.get_by_role("link", name="Show what came last").click()
    expect(page.locator(SHOWN).last).to_contain_text("One more.")

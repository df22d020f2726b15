"""In a real browser: two pages share one socket, hear of changes without a reload, and catch up after a loss."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from typing_extensions import override

from deskbell.live.sockets import Hub
from deskbell.people.models import Agent
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from tests.cast import Cast, by, meet
from tests.desk import a_ticket
from tests.web.front_server import RunningFront, running
from tests.web.writing import words

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


class CountingHub(Hub):
    """Knows how many sockets were opened."""

    opened = 0

    @override
    async def __call__(self, *args: Any) -> None:
        type(self).opened += 1
        await super().__call__(*args)


@pytest.fixture
def cast() -> Cast:
    return meet()


@pytest.fixture
def desk(cast: Cast) -> Iterator[RunningFront]:
    CountingHub.opened = 0
    with running(get_wsgi_application(), CountingHub) as started:
        yield started


def of_agent(browser: Browser, desk: RunningFront, agent: Agent) -> BrowserContext:
    """Return a browser in which `agent` is signed in."""
    client = Client()
    client.force_login(agent.account)
    context = browser.new_context(base_url=f"http://127.0.0.1:{desk.port}")
    cookie = client.cookies["deskbell_session"].value
    url = f"http://127.0.0.1:{desk.port}"
    context.add_cookies([{"name": "deskbell_session", "value": cookie, "url": url}])
    return context


def open_page(context: BrowserContext, address: str) -> Page:
    """Return a page that is live."""
    page = context.new_page()
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("data-connection", "on")
    return page


def test_what_one_does_appears_at_the_other_without_a_reload_by_one_socket(
    desk: RunningFront, cast: Cast, browser: Browser
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    with of_agent(browser, desk, cast.bela) as context:
        page = open_page(context, f"/tickets/{ticket.code}")
        listed = open_page(context, "/")
        actions.note(ticket, Content("Ask the workshop."), by=by(cast.anna))
        expect(page.locator(".thread")).to_contain_text("Ask the workshop.")
        a_ticket(cast.support, cast.frida)
        expect(listed.locator(".inbox__fresh")).not_to_have_attribute("hidden", "")
        assert CountingHub.opened == 1


def test_a_page_that_lost_the_desk_says_so_and_catches_up(cast: Cast, browser: Browser) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    with running(get_wsgi_application(), Hub) as desk:
        context = of_agent(browser, desk, cast.bela)
        page = open_page(context, f"/tickets/{ticket.code}")
    expect(page.locator("html")).to_have_attribute("data-connection", "lost")
    actions.note(ticket, Content("Meanwhile."), by=by(cast.anna))
    with running(get_wsgi_application(), Hub, port=desk.port):
        expect(page.locator("html")).to_have_attribute("data-connection", "on", timeout=20_000)
        expect(page.locator(".thread")).to_contain_text("Meanwhile.")
        context.close()


def test_a_list_hears_what_came_while_its_page_was_on_the_way(
    desk: RunningFront, cast: Cast, browser: Browser
) -> None:
    a_ticket(cast.support, cast.emil)
    with of_agent(browser, desk, cast.bela) as context:
        page = context.new_page()
        # The page is drawn, then something happens, then its script comes.
        held: list[Route] = []
        page.route("**/live_page.*.js", lambda route: held.append(route))  # noqa: PLW0108  it must be a Python function
        page.goto("/", wait_until="commit")
        until(page, lambda: bool(held))
        a_ticket(cast.support, cast.frida)
        held[0].continue_()
        # It is counted as new, or, when the desk itself has just begun, the list is drawn again.
        expect(page.locator(".row, .inbox__fresh:not([hidden])")).to_have_count(2)


def test_others_hear_who_looks_and_who_types(
    desk: RunningFront, cast: Cast, browser: Browser
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    hears = (
        "document.addEventListener('deskbell:presence', (e) => (window.people = e.detail.people))"
    )
    with of_agent(browser, desk, cast.bela) as his, of_agent(browser, desk, cast.anna) as hers:
        his.add_init_script(hears)
        page = open_page(his, f"/tickets/{ticket.code}")
        other = open_page(hers, f"/tickets/{ticket.code}")
        both = [(cast.anna.name, False), (cast.bela.name, False)]
        until(page, lambda: people_at(page) == both)
        words(other).press_sequentially("De")
        until(page, lambda: people_at(page) == [(cast.anna.name, True), both[1]])
        other.close()
        until(page, lambda: people_at(page) == both[1:])


def people_at(page: Page) -> list[tuple[str, bool]]:
    people = page.evaluate("window.people") or []
    return [(person["name"], person["typing"]) for person in people]


def until(page: Page, holds: Callable[[], bool]) -> None:
    for _look in range(100):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came to be")

"""In a real browser: the bell rings in every page, sounds once, and is read by looking at the ticket."""

from collections.abc import Iterator

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deskbell.live.sockets import Hub
from deskbell.notices.models import Notice
from deskbell.notices.wishing import keep_wish
from deskbell.people.models import Agent
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by, meet
from tests.desk import a_ticket
from tests.watched import watched
from tests.web.front_server import RunningFront, running

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

# Writes down what the browser is asked to sound and show; both are real, and silent in a test.
RECORDS = """
window.sounded = []; window.shown = []; window.asked = 0;
const Sound = window.Audio;
window.Audio = function (address) { window.sounded.push(address); return new Sound(address); };
const Real = window.Notification;
window.Notification = class extends Real {
  constructor(title, options) { super(title, options); window.shown.push([title, options.body]); }
  static requestPermission() { window.asked += 1; return Real.requestPermission(); }
};
"""


@pytest.fixture
def cast() -> Cast:
    return meet()


@pytest.fixture
def desk(cast: Cast) -> Iterator[RunningFront]:
    with running(get_wsgi_application(), Hub) as started:
        yield started


def of_agent(browser: Browser, desk: RunningFront, agent: Agent) -> BrowserContext:
    """Return a browser in which `agent` is signed in, and which may show notices."""
    client = Client()
    client.force_login(agent.account)
    url = f"http://127.0.0.1:{desk.port}"
    context = browser.new_context(base_url=url)
    context.grant_permissions(["notifications"], origin=url)
    context.add_init_script(RECORDS)
    cookie = client.cookies["deskbell_session"].value
    context.add_cookies([{"name": "deskbell_session", "value": cookie, "url": url}])
    return context


def open_page(context: BrowserContext, address: str) -> Page:
    """Return a page that is live."""
    page = watched(context.new_page())
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("data-connection", "on")
    return page


def calls(cast: Cast, ticket: Ticket, words: str = "Bela?") -> None:
    """Let Anna call Bela in a note, and settle it."""
    actions.note(ticket, Content(words), by=by(cast.anna), mentions=[cast.bela])
    run_due()


def test_the_bell_rings_in_every_page_and_sounds_once(
    desk: RunningFront, cast: Cast, browser: Browser
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.anna))
    run_due()
    keep_wish(cast.bela, ways={"mention": ["sound", "browser"]}, gather_minutes=60, answer=False)
    with of_agent(browser, desk, cast.bela) as context:
        pages = [open_page(context, "/"), open_page(context, "/notices")]
        calls(cast, ticket)
        for page, title in zip(pages, ("Inbox", "Notices"), strict=True):
            expect(page.locator('.rail [data-counter="notices"]')).to_have_text("1")
            expect(page).to_have_title(f"(1) {title} · Lomnica Outdoor")
        expect(pages[0].locator(".row .dot")).to_have_count(1)
        pages[0].wait_for_timeout(300)
        sounded = [one for page in pages for one in page.evaluate("window.sounded")]
        shown = [one for page in pages for one in page.evaluate("window.shown")]
        assert len(sounded) == 1
        assert "/static/notice." in sounded[0]
        assert shown == [["Anna van der Meulen calls you in a note", "The zip came apart"]]
        calls(cast, ticket, "Still there?")
        expect(pages[0]).to_have_title("(2) Inbox · Lomnica Outdoor")
        pages[1].goto(f"/tickets/{ticket.code}")
        pages[0].bring_to_front()
        pages[0].reload()
        expect(pages[0]).to_have_title("Inbox · Lomnica Outdoor")


def test_what_happens_on_the_ticket_that_one_looks_at_is_read_at_once(
    desk: RunningFront, cast: Cast, browser: Browser
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    run_due()
    with of_agent(browser, desk, cast.bela) as context:
        page = open_page(context, f"/tickets/{ticket.code}")
        calls(cast, ticket)
        expect(page.locator(".thread")).to_contain_text("Bela?")
        for _look in range(100):
            if not Notice.objects.filter(agent=cast.bela, read_at=None).exists():
                break
            page.wait_for_timeout(50)
        assert not Notice.objects.filter(agent=cast.bela, read_at=None).exists()
        expect(page.locator('.rail [data-counter="notices"]')).to_have_text("")
        assert page.evaluate("window.shown") == []


def test_the_browser_is_asked_on_a_click_only(
    desk: RunningFront, cast: Cast, browser: Browser
) -> None:
    with of_agent(browser, desk, cast.bela) as context:
        context.clear_permissions()
        page = open_page(context, "/me/notices")
        permission = page.locator("notice-permission")
        expect(permission).not_to_contain_text("need scripts")
        assert page.evaluate("window.asked") == 0
        asks = permission.get_by_role("button", name="Let this browser show notices")
        if asks.is_visible():
            asks.click()
            assert page.evaluate("window.asked") == 1
        permission.get_by_role("button", name="Hear the sound").click()
        assert len(page.evaluate("window.sounded")) == 1


def test_wishes_are_kept_without_scripts(desk: RunningFront, cast: Cast, browser: Browser) -> None:
    client = Client()
    client.force_login(cast.bela.account)
    url = f"http://127.0.0.1:{desk.port}"
    with browser.new_context(base_url=url, java_script_enabled=False) as context:
        cookie = client.cookies["deskbell_session"].value
        context.add_cookies([{"name": "deskbell_session", "value": cookie, "url": url}])
        page = context.new_page()
        page.goto("/me/notices")
        group = page.get_by_role("group", name="A ticket of nobody's is new")
        group.get_by_label("In the page").uncheck()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("You are told so from now on.")).to_be_visible()
        expect(group.get_by_label("In the page")).not_to_be_checked()

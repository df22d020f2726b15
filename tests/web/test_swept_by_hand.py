"""In a real browser: tickets are picked by boxes and keys, swept, watched, and taken back by one key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Browser, Page, expect

from deskbell.live.sockets import Hub
from deskbell.sweeps import going
from deskbell.sweeps.models import Sweep
from deskbell.tickets.models import Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, meet
from tests.desk import a_ticket
from tests.live.test_live_page import of_agent, open_page
from tests.watched import watched
from tests.web.front_server import RunningFront, running

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def cast() -> Cast:
    return meet()


@pytest.fixture
def desk(cast: Cast) -> Iterator[RunningFront]:
    for number in range(6):
        a_ticket(cast.support, cast.emil, subject=f"Zip {number}.")
    with running(get_wsgi_application(), Hub) as started:
        yield started


@pytest.fixture
def page(desk: RunningFront, cast: Cast, browser: Browser) -> Iterator[Page]:
    """The inbox of Bela's: six tickets."""
    with of_agent(browser, desk, cast.bela) as context:
        yield watched(open_page(context, "/"))


def boxes(page: Page) -> list[bool]:
    """Return which rows are picked, from above."""
    found: list[bool] = page.eval_on_selector_all(".row__pick", "all => all.map(b => b.checked)")
    return found


def offered(page: Page) -> None:
    """Wait until what may be done is there."""
    expect(page.get_by_role("button", name="Resolve", exact=True)).to_be_visible()


def assignees() -> list[str]:
    names = Ticket.objects.order_by("-pk").values_list("assignee__name", flat=True)
    return [(name or "").split(" ")[0] for name in names]


def test_boxes_spans_keys_and_letting_go(page: Page) -> None:
    bar = page.locator("#picked")
    expect(bar).to_be_hidden()
    page.locator(".row__face").nth(1).click()
    expect(bar).to_be_visible()
    expect(page.locator(".picks__number")).to_have_text("1 picked")
    page.locator(".row__face").nth(3).click(modifiers=["Shift"])
    assert boxes(page) == [False, True, True, True, False, False]
    page.locator(".row__pick").nth(2).click(modifiers=["Shift"])
    assert boxes(page) == [False, True, False, False, False, False]
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert boxes(page).count(True) == 2
    page.keyboard.press("x")
    assert boxes(page).count(True) == 1
    page.keyboard.press("Control+a")
    assert boxes(page) == [True] * 6
    offered(page)
    whole = page.get_by_label("All 6 that match")
    expect(whole).to_be_visible()
    expect(whole).not_to_be_checked()
    page.keyboard.press("Control+a")
    expect(whole).to_be_checked()
    page.locator(".row__face").first.click()
    expect(whole).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("x")
    expect(page.locator(".query__input")).to_have_value("x")


def test_taken_by_a_key_watched_and_taken_back_by_another(page: Page, cast: Cast) -> None:
    for number in (0, 1, 2):
        page.locator(".row__face").nth(number).click()
    offered(page)
    page.keyboard.press("m")
    bar = page.locator(".rail__sweep")
    expect(bar.locator(".sweep__what")).to_have_text("Take: 3 tickets")
    expect(bar.locator(".sweep__percent")).to_have_text("0 %")
    sweep = Sweep.objects.get()
    going._one_more(sweep.pk)
    expect(bar.locator(".sweep__percent")).to_have_text("33 %")
    page.goto(page.url.rstrip("/") + "/me")  # it goes along
    expect(bar.locator(".sweep__percent")).to_have_text("33 %")
    run_due()
    expect(bar.locator(".sweep__came")).to_have_text("3 done")
    assert assignees() == ["Bela"] * 3 + [""] * 3
    page.goto(page.url.removesuffix("/me") + "/?view=mine")
    expect(page.locator(".row")).to_have_count(3)
    expect(page.locator("html")).to_have_attribute("data-connection", "on")
    page.keyboard.press("z")
    expect(bar.locator(".sweep__what")).to_have_text("Undo: 3 tickets")
    run_due()
    expect(bar.locator(".sweep__came")).to_have_text("3 done")
    assert assignees() == [""] * 6
    page.get_by_role("button", name="Put this away").first.click()
    expect(bar).to_have_count(0)


def test_all_that_match_asks_first(page: Page) -> None:
    page.locator(".row__face").first.click()
    offered(page)
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+a")
    page.keyboard.press("l")
    field = page.get_by_label("Tag", exact=True)
    expect(field).to_be_focused()
    page.keyboard.type("zips")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tag “zips”: 6 tickets?")).to_be_visible()
    assert _violations(page) == []
    page.get_by_role("button", name="Tag “zips”").click()
    expect(page.locator(".rail__sweep .sweep__what")).to_have_text("Tag “zips”: 6 tickets")
    run_due()
    assert Sweep.objects.get().done == 6


def test_the_palette_offers_what_may_be_done_to_what_is_picked(page: Page) -> None:
    page.locator(".row__face").first.click()
    offered(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("urgent")
    page.keyboard.press("Enter")
    expect(page.locator(".rail__sweep .sweep__what")).to_have_text(
        "Set the priority to Urgent: 1 ticket"
    )


def test_what_cannot_be_used_is_said_on_a_page_with_what_was_picked(page: Page) -> None:
    page.locator(".row__face").first.click()
    offered(page)
    page.keyboard.press("l")
    expect(page.get_by_label("Tag", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("A tag is a word or two")
    assert _violations(page) == []
    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.locator(".rail__sweep .sweep__what")).to_have_text("Take: 1 ticket")
    expect(page.locator("html")).to_have_attribute("data-connection", "on")
    run_due()
    expect(page.locator(".row").first.get_by_role("img", name="Bela Kerekes")).to_be_visible()


def test_a_row_that_is_drawn_anew_stays_picked(page: Page, cast: Cast) -> None:
    first = page.locator(".row").first
    page.locator(".row__face").first.click()
    from deskbell.tickets import actions
    from tests.cast import by

    actions.take(Ticket.objects.latest("pk"), by=by(cast.anna))
    expect(first.get_by_role("img", name="Anna van der Meulen")).to_be_visible()
    expect(first.locator(".row__pick")).to_be_checked()
    expect(page.locator(".picks__number")).to_have_text("1 picked")


def test_no_key_does_anything_while_nothing_is_picked(page: Page) -> None:
    page.locator(".row__face").first.click()
    offered(page)
    page.keyboard.press("Escape")
    for key in ("m", "s", "Delete", "!", "a", "t"):
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert not Sweep.objects.exists()
    expect(page.locator("#picked")).to_be_hidden()


def test_several_become_parts_of_one_of_them_which_is_offered(page: Page) -> None:
    for number in (0, 1, 2):
        page.locator(".row__face").nth(number).click()
    offered(page)
    page.locator("#picked summary[title=Merge]").click()
    field = page.locator("#sweep-into")
    expect(field).to_be_focused()
    intos = page.locator("#sweep-picked option")
    expect(intos).to_have_count(3)
    expect(intos.nth(2)).to_have_text("Zip 3.")
    code = intos.nth(2).get_attribute("value") or ""
    field.fill(code.lower())
    field.press("Enter")
    expect(page.locator(".rail__sweep .sweep__what")).to_have_text(f"Merge into {code}: 3 tickets")
    run_due()
    assert set(
        Ticket.objects.exclude(merged_into=None).values_list("merged_into__code", flat=True)
    ) == {code}
    expect(page.locator(".rail__sweep [data-undoes]")).to_be_visible()
    page.reload()
    expect(page.locator(".row")).to_have_count(4)


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_while_tickets_are_picked_and_swept(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.locator(".row__face").first.click()
    offered(page)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    found = _violations(page)
    for menu in page.locator("#picked details").all():
        menu.evaluate("box => (box.open = true)")
        found += _violations(page)
        menu.evaluate("box => (box.open = false)")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.locator("sweep-bar .sweep__what").first).to_be_attached()
    found += _violations(page)
    page.goto(page.url + f"sweeps/{Sweep.objects.get().pk}")
    found += _violations(page)
    assert found == []


def test_it_is_done_without_scripts(desk: RunningFront, cast: Cast, browser: Browser) -> None:
    with of_agent(browser, desk, cast.bela) as context:
        cookies = context.cookies()
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{desk.port}", java_script_enabled=False
    )
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/")
    expect(page.locator("#picked")).to_be_hidden()
    page.locator(".row__face").nth(0).click()
    page.locator(".row__face").nth(1).click()
    page.get_by_role("button", name="Go on with what is picked").click()
    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.locator(".rail__sweep .sweep__what")).to_have_text("Take: 2 tickets")
    run_due()
    page.reload()
    page.locator(".rail__sweep").get_by_role("button", name="Undo").click()
    run_due()
    assert assignees() == [""] * 6
    context.close()


def _violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in found]

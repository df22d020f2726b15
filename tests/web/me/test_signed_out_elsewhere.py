"""A page that stands open while its session is ended from another browser."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from docs import take_pictures as pictures
from tests.web.writing import words

pytestmark = pytest.mark.story

# The hub looks after sessions every few seconds, and the page asks once more before it believes it.
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str], Browser]]:
    data = tmp_path_factory.mktemp("elsewhere")
    pages = pictures.build(data)
    with pictures.served(data) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=pictures.CHROMIUM, args=["--no-sandbox"]
        )
        yield address, pages, browser
        browser.close()


def test_it_leads_to_the_door_and_leaves_what_is_being_written(
    desk: tuple[str, dict[str, str], Browser],
) -> None:
    address, pages, browser = desk
    idle = stands(pictures.signed_in(browser.new_context(), address), address)
    writing = stands(pictures.signed_in(browser.new_context(), address), address + pages["ticket"])
    words(writing).fill("Half a sentence")
    here = pictures.signed_in(browser.new_context(), address)
    here.goto(f"{address}/me/security")
    here.get_by_role("button", name="Sign out everywhere else").click()
    expect(here.get_by_text("You are signed out there.")).to_be_visible()

    idle.wait_for_url(re.compile("/sign-in"), timeout=PATIENCE_MS)
    expect(writing.locator("html")).to_have_attribute(
        "data-connection", "ended", timeout=PATIENCE_MS
    )
    expect(writing.locator("#text")).to_have_value("Half a sentence")


def test_who_signs_in_again_in_another_window_goes_on_where_they_wrote(
    desk: tuple[str, dict[str, str], Browser],
) -> None:
    address, pages, browser = desk
    context = browser.new_context()
    writing = stands(pictures.signed_in(context, address), address + pages["ticket"])
    words(writing).fill("Half a sentence")
    expect(writing.locator(".composer__saved")).to_contain_text("Kept")
    out_and_in_again(context.new_page(), address)

    with writing.expect_response(lambda one: one.url.endswith("/draft") and one.status == 200):
        words(writing).press_sequentially(" and the rest")
    expect(writing.locator(".composer__saved")).to_contain_text("Kept")


def test_what_is_pressed_there_is_done(desk: tuple[str, dict[str, str], Browser]) -> None:
    address, pages, browser = desk
    context = browser.new_context()
    page = stands(pictures.signed_in(context, address), address + pages["ticket"])
    out_and_in_again(context.new_page(), address)
    page.keyboard.press("m")
    expect(page.locator(".entry--line").last).to_contain_text("took it")


def test_who_signs_in_after_somebody_else_does_nothing_in_their_name(
    desk: tuple[str, dict[str, str], Browser],
) -> None:
    address, pages, browser = desk
    context = browser.new_context()
    annas = stands(pictures.signed_in(context, address), address + pages["ticket"])
    words(annas).fill("What Vanda wrote")
    expect(annas.locator(".composer__saved")).to_contain_text("Kept")
    out_and_in_again(context.new_page(), address, "tomas")
    with annas.expect_response(lambda one: one.url.endswith("/me/token")):
        words(annas).press_sequentially(" and writes")
    expect(annas.locator(".composer__saved")).to_contain_text("You are signed out")
    theirs = context.new_page()
    theirs.goto(address + pages["ticket"])
    stands(theirs, theirs.url)
    assert "What Vanda wrote" not in theirs.locator("#text").input_value()


def out_and_in_again(page: Page, address: str, who: str = "vanda") -> None:
    """Sign out in another window of the same browser, and in again, or let somebody else in."""
    page.goto(address)
    page.locator(".rail__me > summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/sign-in"))
    page.get_by_label("Mail address").fill(f"{who}@lomnica.example")
    page.get_by_label("Password").fill(pictures.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{address}/")


def stands(page: Page, where: str) -> Page:
    page.goto(where)
    expect(page.locator("html")).to_have_attribute("data-connection", "on")
    return page


def test_what_it_asks_by_itself_does_not_end_the_form_they_sign_in_with(
    desk: tuple[str, dict[str, str], Browser],
) -> None:
    address, _pages, browser = desk
    context = browser.new_context()
    page = stands(pictures.signed_in(context, address), address)
    context.clear_cookies()

    is_answered = page.evaluate(
        """async () => {
            const { asked } = await import("js/models/asked.js");
            return (await asked("/views/counters")).ok;
        }"""
    )

    assert not is_answered
    assert context.cookies() == []

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


def stands(page: Page, where: str) -> Page:
    page.goto(where)
    expect(page.locator("html")).to_have_attribute("data-connection", "on")
    return page

"""A customer's page under a person's hands: on a phone, by keyboard, without scripts, in a real browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page, ViewportSize, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from docs import take_pictures as pictures
from tests.web.test_axe import RULES

pytestmark = pytest.mark.story

PHONE = ViewportSize(width=390, height=844)


class Desk:
    """A believable desk that runs, its pages by name, and a browser."""

    def __init__(self, address: str, pages: dict[str, str], browser: Browser) -> None:
        self.address, self.pages, self.browser = address, pages, browser

    def open(self, name: str, *, scripts: bool = False) -> Page:
        """Open a customer's page on a phone."""
        context = self.browser.new_context(viewport=PHONE, java_script_enabled=scripts)
        page = context.new_page()
        page.goto(self.address + self.pages[name])
        return page


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data = tmp_path_factory.mktemp("portal")
    pages = pictures.build(data)
    with pictures.served(data) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=pictures.CHROMIUM, args=["--no-sandbox"]
        )
        yield Desk(address, pages, browser)
        browser.close()


def test_somebody_answers_from_their_phone_with_two_pictures(desk: Desk) -> None:
    page = desk.open("portal")
    page.get_by_role("link", name="Write to us").click()
    page.get_by_label("Your message").fill("שלום, here they are.\n\nBoth of them.")
    page.get_by_label("Files, if you have any").set_input_files(
        [
            FilePayload(name="pole one.png", mimeType="image/png", buffer=b"one" * 900_000),
            FilePayload(name="pole two.png", mimeType="image/png", buffer=b"two"),
        ]
    )
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Thank you, your message has reached us.")
    last = page.get_by_role("article").last
    expect(last).to_contain_text("Both of them.")
    expect(last.get_by_role("listitem")).to_have_count(2)
    with page.expect_download() as given:
        last.get_by_text("pole one.png").click()
    assert given.value.path().read_bytes() == b"one" * 900_000
    page.context.close()


def test_what_was_typed_survives_a_refusal_and_what_is_too_large(desk: Desk) -> None:
    page = desk.open("portal")
    page.get_by_label("Your message").fill("A long story.")
    page.get_by_label("Files, if you have any").set_input_files(
        [FilePayload(name=f"{n}.txt", mimeType="text/plain", buffer=b"x") for n in range(11)]
    )
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("These are too many files. Send 10 at once.")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("A long story.")
    page.get_by_label("Your message").fill("A longer story.")
    page.get_by_label("Files, if you have any").set_input_files(
        [FilePayload(name="film.mp4", mimeType="video/mp4", buffer=b"x" * 26_000_000)]
    )
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Together these are larger than 25 MB.")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("A longer story.")
    page.context.close()


def test_somebody_answers_the_question_and_rates_by_keyboard_alone(desk: Desk) -> None:
    page = desk.open("portal-asked")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.locator("summary:focus", has_text="You found this answer good").count():
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("Good, but slow.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You found this answer so-so")).to_be_visible()
    page.get_by_role("button", name="Yes, solved").press("Enter")
    expect(page.get_by_text("This is closed.").first).to_be_visible()
    good = page.get_by_role("group", name="How satisfied").get_by_label("Good")
    good.press("Space")
    page.get_by_role("region", name="Your opinion").get_by_role("button", name="Send").press(
        "Enter"
    )
    expect(page.get_by_text("Thank you, we read every word of it.")).to_be_visible()
    expect(page.get_by_role("group", name="How satisfied").get_by_label("Good")).to_be_checked()
    page.context.close()


def test_a_dead_link_leads_to_a_fresh_one(desk: Desk) -> None:
    page = desk.open("portal-gone")
    page.get_by_role("button", name="Mail me a fresh link").click()
    expect(page.get_by_role("heading")).to_have_text("A fresh link is on its way")
    page.context.close()


def test_what_unfolds_and_what_is_refused_passes_axe_by_day_and_by_night(desk: Desk) -> None:
    for theme in ("light", "dark"):
        context = desk.browser.new_context(
            viewport=PHONE, color_scheme="dark" if theme == "dark" else "light"
        )
        page = context.new_page()
        for direction in ("ltr", "rtl"):
            page.goto(desk.address + desk.pages["portal"])
            page.evaluate("dir => (document.documentElement.dir = dir)", direction)
            page.locator("details").evaluate_all("all => all.forEach(one => (one.open = true))")
            assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
            assert violations(page) == []
        page.get_by_role("button", name="Send", exact=True).last.click()
        expect(page.get_by_text("Write something before you send it.")).to_be_visible()
        assert violations(page) == []
        context.close()


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response
    assert found["passes"], "axe looked at nothing"
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]

"""Canned answers under a person's hands: the list at the caret, by keys, by mouse, with and without the editor."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from docs import take_pictures as pictures
from tests.web.writing import wipe, words

# The desk of these pages lies on SQLite in any run.
pytestmark = [pytest.mark.story, pytest.mark.once]


class Desk:
    """A believable desk that runs, and its owner's browser."""

    def __init__(self, address: str, pages: dict[str, str], context: BrowserContext) -> None:
        self.address, self.pages, self.context = address, pages, context
        self.page = pictures.signed_in(context, address)

    def write_on(self, name: str) -> Page:
        """Open a ticket with an empty composer whose editor has come."""
        self.page.goto(self.address + self.pages[name])
        expect(words(self.page)).to_be_visible()
        wipe(self.page)
        return self.page


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data = tmp_path_factory.mktemp("canned")
    pages = pictures.build(data)
    with pictures.served(data) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=pictures.CHROMIUM, args=["--no-sandbox"]
        )
        context = browser.new_context()
        pictures.hold_still(context)
        desk = Desk(address, pages, context)
        desk.page.on("pageerror", lambda error: pytest.fail(f"{desk.page.url}: {error}"))
        yield desk
        browser.close()


def offers(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Canned answers")


def test_a_slash_opens_a_list_that_narrows_and_enter_puts_the_answer_in(desk: Desk) -> None:
    page = desk.write_on("ticket")
    words(page).press_sequentially("Hello. /")
    expect(offers(page)).to_be_visible()
    expect(offers(page).get_by_role("option").first).to_contain_text("fits:")
    words(page).press_sequentially("re")
    expect(offers(page).get_by_role("option").first).to_contain_text("Return label")
    page.keyboard.press("Enter")
    expect(words(page).locator("strong")).to_have_text("return label")
    expect(words(page)).to_contain_text(re.compile(r"^Hello\..*Dear \w+"))
    expect(words(page)).not_to_contain_text("/re")
    expect(offers(page)).to_be_hidden()
    expect(page.locator(".composer .file")).to_contain_text("return-label.png")
    expect(page.locator("#text")).to_have_value(re.compile("here is your return label"))
    page.keyboard.type(" And more.")
    expect(words(page)).to_contain_text("we pay for it. And more.")


def test_it_is_sent_with_its_file_and_counted(desk: Desk) -> None:
    page = desk.write_on("html-letter")
    words(page).press_sequentially("/ret")
    expect(offers(page).get_by_role("option")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(words(page).locator("strong")).to_have_text("return label")
    expect(page.locator(".composer .file")).to_have_count(1)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".letter--answer", has_text="return-label.png")).to_have_count(1)
    page.goto(desk.address + "/canned-answers?q=label")
    expect(page.locator(".thing")).to_contain_text("sent once")


def test_arrows_choose_and_the_field_says_which(desk: Desk) -> None:
    page = desk.write_on("ticket")
    words(page).press_sequentially("/")
    expect(offers(page).get_by_role("option").nth(2)).to_be_visible()
    first = words(page).get_attribute("aria-activedescendant")
    page.keyboard.press("ArrowDown")
    second = words(page).get_attribute("aria-activedescendant")
    assert first != second
    expect(page.locator(f"#{second}")).to_have_attribute("aria-selected", "true")
    expect(page.locator("desk-canned [role=status]")).to_contain_text("Arrows choose")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]})
    assert [one["id"] for one in found.response["violations"]] == []
    page.keyboard.press("Escape")
    wipe(page)


def test_escape_leaves_what_was_typed_and_enter_ends_the_line_again(desk: Desk) -> None:
    page = desk.write_on("ticket")
    words(page).press_sequentially("Try /re")
    expect(offers(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(offers(page)).to_be_hidden()
    page.keyboard.type("start")
    page.wait_for_timeout(300)
    expect(offers(page)).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.type("now")
    expect(page.locator("#text")).to_have_value("Try /restart\nnow")


def test_a_slash_within_a_word_or_an_address_opens_nothing(desk: Desk) -> None:
    page = desk.write_on("ticket")
    words(page).press_sequentially("and/re https://re / re")
    page.wait_for_timeout(300)
    expect(offers(page)).to_have_count(0)


def test_the_button_opens_the_list_and_escape_leaves_nothing_of_it(desk: Desk) -> None:
    page = desk.write_on("ticket")
    page.get_by_role("button", name="Canned answer", exact=True).click()
    expect(offers(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#text")).to_have_value("")
    page.get_by_role("button", name="Canned answer", exact=True).click()
    offers(page).get_by_role("option", name="We are closed on Sunday").click()
    expect(page.locator("#text")).to_have_value("The shop is closed on Sunday.")


def test_a_note_takes_one_as_well(desk: Desk) -> None:
    page = desk.write_on("ticket")
    page.locator("label", has_text="Note").first.click()
    words(page).press_sequentially("/sun")
    expect(offers(page)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value("The shop is closed on Sunday.")


def test_a_mail_that_begins_a_ticket_is_filled_from_its_form(desk: Desk) -> None:
    page = desk.page
    page.goto(f"{desk.address}/tickets/new")
    expect(words(page)).to_be_visible()
    page.fill("[name=customer]", "gina@maker.example")
    page.fill("[name=name]", "Gina Day")
    words(page).press_sequentially("/ret")
    expect(offers(page)).to_be_visible()
    page.keyboard.press("Enter")
    expect(words(page)).to_contain_text("Dear Gina,")


def test_the_plain_field_takes_one_where_no_editor_comes(desk: Desk) -> None:
    page = desk.context.new_page()
    page.route("**/editor*.js", lambda route: route.abort())
    page.goto(desk.address + desk.pages["ticket"])
    page.wait_for_load_state("load")
    field = page.locator("#text")
    field.fill("")
    field.press_sequentially("Hello /sun")
    expect(offers(page)).to_be_visible()
    page.keyboard.press("Enter")
    expect(field).to_have_value("Hello The shop is closed on Sunday.")
    page.close()


def test_mirrored_and_on_a_phone_the_list_stays_on_the_page(desk: Desk) -> None:
    page = desk.write_on("ticket")
    for direction, width in (("rtl", 1200), ("ltr", 390)):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("(way) => (document.documentElement.dir = way)", direction)
        words(page).press_sequentially("A few words before it /")
        expect(offers(page)).to_be_visible()
        box = offers(page).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
        page.keyboard.press("Escape")
        wipe(page)
    page.set_viewport_size({"width": 1280, "height": 720})

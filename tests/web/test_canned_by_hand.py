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
from tests.watched import watched
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

    def with_nothing_written(self, name: str) -> Page:
        """Open a ticket on which the desk has kept no words: what fits is drawn for no other."""
        page = self.write_on(name)
        page.wait_for_timeout(1000)  # what was wiped away is on its way to the desk
        page.evaluate(FORGETS, self.pages[name])
        page.goto(self.address + self.pages[name])
        expect(words(page)).to_be_visible()
        expect(page.locator(".fitting__one").first).to_be_attached()
        return page


# What a hand does that drops what was begun, here and on the desk.
FORGETS = """async (ticket) => {
  const body = new FormData(document.querySelector(".composer"));
  body.set("_method", "DELETE");
  await fetch(`${ticket}/draft`, { method: "POST", body });
  localStorage.clear();
}"""


@pytest.fixture(autouse=True)
def _the_next_one_finds_the_window_as_it_was(desk: Desk) -> Iterator[None]:
    yield
    desk.page.unroute_all()
    desk.page.emulate_media(color_scheme="light")
    desk.page.set_viewport_size({"width": 1280, "height": 720})


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
        watched(desk.page)
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


def test_lines_of_an_answer_stand_under_each_other_once(desk: Desk) -> None:
    page = desk.write_on("ticket")
    words(page).press_sequentially("/pole")
    expect(offers(page).get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(words(page)).to_contain_text("Mind the others!")
    said = words(page).locator("p", has_text="Mind the others!").inner_text()
    assert said.strip().splitlines() == [
        "we send you another pole for your tent.",
        "Mind the others!",
    ]


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


def fitting(page: Page) -> Locator:
    return page.get_by_role("group", name="Canned answers that fit").get_by_role("button")


def test_what_fits_stands_in_the_empty_field_until_something_is_written(desk: Desk) -> None:
    page = desk.with_nothing_written("ticket")
    expect(fitting(page).first).to_be_visible()
    assert 1 <= fitting(page).count() <= 3
    expect(fitting(page).first).to_have_attribute("title", re.compile("^fits: "))
    before = words(page).bounding_box()
    words(page).press_sequentially("I")
    expect(fitting(page).first).to_be_hidden()
    assert words(page).bounding_box() == before
    wipe(page)
    page.locator("label", has_text="Note").first.click()
    expect(fitting(page).first).to_be_hidden()
    page.locator("label", has_text="Reply").first.click()
    expect(fitting(page).first).to_be_visible()


def test_one_press_puts_what_fits_in_and_the_caret_goes_on_behind_it(desk: Desk) -> None:
    page = desk.with_nothing_written("ticket")
    number = fitting(page).first.get_attribute("data-puts")
    fitting(page).first.dblclick()
    expect(words(page)).to_contain_text("Dear ")
    expect(fitting(page).first).to_be_hidden()
    expect(words(page)).to_be_focused()
    page.keyboard.type(" And more.")
    expect(page.locator("#text")).to_have_value(re.compile(r" And more\.$"))
    assert page.locator("#text").input_value().count("Dear ") == 1
    expect(page.locator(f'input[name=canned][value="{number}"]')).to_have_count(1)
    wipe(page)


def test_what_fits_is_reached_and_taken_by_keys(desk: Desk) -> None:
    page = desk.with_nothing_written("ticket")
    expect(fitting(page).first).to_be_visible()
    words(page).focus()
    page.keyboard.press("Tab")
    expect(fitting(page).first).to_be_focused()
    page.keyboard.press("Enter")
    expect(words(page)).to_contain_text("Dear ")
    expect(words(page)).to_be_focused()
    wipe(page)


def test_what_fits_is_put_into_the_plain_field_where_no_editor_comes(desk: Desk) -> None:
    desk.with_nothing_written("ticket")
    page = desk.context.new_page()
    page.route("**/editor*.js", lambda route: route.abort())
    page.goto(desk.address + desk.pages["ticket"])
    field = page.locator("#text")
    expect(fitting(page).first).to_be_visible()
    fitting(page).first.click()
    expect(field).to_have_value(re.compile("^Dear "))
    expect(field).to_be_focused()
    page.close()


def test_an_answer_that_cannot_be_put_in_says_so_and_what_fits_stays(desk: Desk) -> None:
    page = desk.with_nothing_written("ticket")
    page.route("**/canned-answers/*", lambda route: route.abort())
    fitting(page).first.click()
    expect(page.locator(".toast")).to_contain_text("could not be put in")
    expect(fitting(page).first).to_be_visible()


def test_what_fits_is_clean_for_axe_and_stays_in_the_field_at_any_width(desk: Desk) -> None:
    page = desk.with_nothing_written("ticket")
    for scheme, direction, width in (
        ("dark", "ltr", 1440),
        ("light", "rtl", 1024),
        ("light", "ltr", 390),
    ):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 800})
        desk.with_nothing_written("ticket")
        page.evaluate("(way) => (document.documentElement.dir = way)", direction)
        if width == 390:
            words(page).blur()
            expect(fitting(page).first).to_be_hidden()
        words(page).click(position={"x": 20, "y": 10})
        expect(fitting(page).first).to_be_visible()
        field = words(page).bounding_box()
        assert field
        for one in fitting(page).all():
            box = one.bounding_box()
            assert box
            assert field["x"] <= box["x"]
            assert box["x"] + box["width"] <= field["x"] + field["width"]
            assert field["y"] <= box["y"]
            assert box["y"] + box["height"] <= field["y"] + field["height"]
        found = Axe().run(
            page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]}
        )
        assert [one["id"] for one in found.response["violations"]] == []


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

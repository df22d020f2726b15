"""Where one writes, under a person's hands: where the caret goes, what is kept, and what goes again."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect, sync_playwright

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
        self.page = watched(pictures.signed_in(context, address))

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        expect(words(self.page)).to_be_visible()
        return self.page

    def open_a_ticket(self, name: str) -> Page:
        return self.open(self.pages[name])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data = tmp_path_factory.mktemp("composer")
    pages = pictures.build(data)
    with pictures.served(data) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=pictures.CHROMIUM, args=["--no-sandbox"]
        )
        context = browser.new_context(locale="en-GB")
        pictures.hold_still(context)
        yield Desk(address, pages, context)
        browser.close()


@pytest.mark.parametrize("key", ["", "Enter", "Space"])
def test_cc_and_bcc_take_the_caret_when_they_are_opened(desk: Desk, key: str) -> None:
    page = desk.open_a_ticket("postponed")
    opens = page.locator(".for-reply .composer__opens")
    if key:
        opens.press(key)
    else:
        opens.click()
    expect(page.locator("[name=cc]")).to_be_focused()
    page.keyboard.type("fs")
    expect(page.locator("[name=cc]")).to_have_value("fs")
    page.fill("[name=cc]", "")


def test_the_pencil_of_a_subject_leads_into_its_field(desk: Desk) -> None:
    page = desk.open_a_ticket("postponed")
    page.locator(".in-place__edit").press("Enter")
    expect(page.locator("#new-subject")).to_be_focused()


def test_the_time_of_keeping_is_told_like_all_other_times(desk: Desk) -> None:
    page = desk.open_a_ticket("postponed")
    words(page).fill("Dear Jan,")
    expect(page.locator(".composer__saved")).to_have_text(re.compile(r"^Kept \d?\d:\d\d$"))
    wipe(page)
    expect(page.locator(".composer__saved")).to_have_text("")


def test_the_pencil_stands_in_the_line_of_who_has_begun(desk: Desk) -> None:
    page = desk.open_a_ticket("postponed")
    words(page).fill("Dear Jan,")
    expect(page.locator(".composer__saved")).to_contain_text("Kept")
    assert desk.context.browser is not None
    tomas = pictures.signed_in(desk.context.browser.new_context(), desk.address, "tomas")
    tomas.goto(page.url)
    line = tomas.locator("#beginners > span")
    for width in (1280, 390):
        tomas.set_viewport_size({"width": width, "height": 800})
        whole, pencil = line.bounding_box(), line.locator(".icon").bounding_box()
        assert whole
        assert pencil
        assert whole["height"] < 1.5 * pencil["height"]
    tomas.context.close()
    wipe(page)
    expect(page.locator(".composer__saved")).to_have_text("")


def test_the_two_ways_in_stand_apart(desk: Desk) -> None:
    assert desk.context.browser is not None
    page = desk.context.browser.new_page()
    page.goto(f"{desk.address}/sign-in")
    password = page.get_by_role("button", name="Sign in", exact=True).bounding_box()
    passkey = page.get_by_role("button", name="Sign in with a passkey").bounding_box()
    assert password
    assert passkey
    assert passkey["y"] - (password["y"] + password["height"]) >= 8
    page.close()


@pytest.mark.parametrize("was_kept", [False, True])
@pytest.mark.parametrize("pause", [0, 350])
def test_a_mail_that_was_sent_while_it_was_being_kept_does_not_come_back(
    desk: Desk, pause: int, was_kept: bool
) -> None:
    page = desk.open("/tickets/new")
    if was_kept:
        words(page).press_sequentially("Dear Gina, ")
        expect(page.locator(".composer__saved")).to_contain_text("Kept")
    page.fill("[name=customer]", "gina@maker.example")
    page.fill("[name=subject]", "Your poles are here")
    words(page).press_sequentially("They wait at the counter.")
    page.wait_for_timeout(pause)
    page.get_by_role("button", name="Send and open the ticket").click()
    page.wait_for_url(re.compile(r"/tickets/[A-Z0-9-]+$"))
    for _time in range(2):
        desk.open("/tickets/new")
        page.wait_for_timeout(1000)
        expect(page.locator("[data-elsewhere]")).to_be_hidden()
        expect(page.locator("#text")).to_have_value("")
        expect(page.locator("[name=customer]")).to_have_value("")


@pytest.mark.parametrize("writes", ["an answer", "a first mail"])
def test_nothing_leaves_before_its_files_are_here(desk: Desk, tmp_path: Path, writes: str) -> None:
    slip = tmp_path / "slip.pdf"
    slip.write_bytes(b"%PDF")
    if writes == "an answer":
        page, send = desk.open_a_ticket("postponed"), "Send"
    else:
        page, send = desk.open("/tickets/new?another"), "Send and open the ticket"
        page.fill("[name=customer]", "gina@maker.example")
        page.fill("[name=subject]", "Your slip")
    under_way: list[Route] = []
    page.route("**/draft/files", lambda route: under_way.append(route))  # noqa: PLW0108
    words(page).press_sequentially("Here it comes.")
    page.locator("desk-files [type=file]").set_input_files(slip)
    before = page.url
    page.get_by_role("button", name=send, exact=True).click()
    expect(page.locator(".composer__file-state")).to_contain_text("Wait until")
    page.wait_for_timeout(500)
    expect(words(page)).to_have_text("Here it comes.")
    assert page.url == before
    under_way[0].continue_()
    expect(page.locator("desk-files li")).to_contain_text("slip.pdf")
    page.get_by_role("button", name=send, exact=True).click()
    message = page.locator(".letter", has_text="Here it comes.")
    expect(message.locator(".file")).to_contain_text("slip.pdf")
    page.unroute("**/draft/files")


def test_words_for_somebody_outside_come_back_as_no_answer(desk: Desk) -> None:
    page = desk.open_a_ticket("postponed")
    page.evaluate(
        """() => {
          const composer = document.querySelector("desk-composer");
          const form = { kind: "forward", text: "What does it cost us?", html: "" };
          const entry = { version: 0, at: 1, words: new URLSearchParams(form).toString() };
          const place = `${document.documentElement.dataset.agent}:${composer.dataset.ticket}`;
          localStorage.setItem(`deskbell:draft:${place}:crashed`, JSON.stringify(entry));
        }"""
    )
    page.reload()
    expect(words(page)).to_have_text("What does it cost us?")
    expect(page.get_by_role("radio", name="Note")).to_be_checked()
    drop(page)


def test_who_leaves_in_mid_word_and_comes_back_goes_on_with_it(desk: Desk) -> None:
    page = desk.open_a_ticket("postponed")
    words(page).press_sequentially("I look at")
    page.goto(f"{desk.address}/")  # before the desk was told: it is while the page goes away
    page.wait_for_timeout(500)
    page = desk.open_a_ticket("postponed")
    expect(words(page)).to_have_text("I look at")
    page.wait_for_timeout(500)
    words(page).press_sequentially(" the zip.")
    expect(page.locator(".composer__saved")).to_contain_text("Kept")
    expect(page.locator("[data-elsewhere]")).to_be_hidden()
    drop(page)


def test_who_sends_and_is_gone_in_the_same_moment_finds_no_draft_of_it(desk: Desk) -> None:
    page = desk.open_a_ticket("postponed")
    # What this browser keeps in the moment in which the answer of the desk is there, and nothing of it is shown yet.
    page.evaluate(
        """() => document.addEventListener("htmx:beforeSwap", () => {
          window.keeps = Object.values(localStorage).filter((one) => one.includes("gone."));
        }, { once: true })"""
    )
    words(page).press_sequentially("Sent, and gone.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".letter--answer", has_text="Sent, and gone.")).to_have_count(1)
    assert page.evaluate("window.keeps") == []


def test_more_than_a_browser_keeps_is_kept_by_the_desk(desk: Desk) -> None:
    page = desk.open_a_ticket("postponed")
    full = "throw new DOMException('full', 'QuotaExceededError')"
    page.evaluate(f"() => {{ Storage.prototype.setItem = () => {{ {full}; }}; }}")
    words(page).press_sequentially("A long letter.")
    expect(page.locator(".composer__saved")).to_contain_text("Kept")
    page.reload()
    expect(words(page)).to_have_text("A long letter.")
    drop(page)


def drop(page: Page) -> None:
    """Take all words away, and wait until the desk has dropped them as well."""
    with page.expect_response(lambda answer: answer.url.endswith("/draft")) as told:
        wipe(page)
    assert told.value.json() == {"version": 0}


def test_two_windows_write_to_two_customers(desk: Desk) -> None:
    page = desk.open("/tickets/new?another")
    page.fill("[name=subject]", "Poles for Gina")
    words(page).press_sequentially("They wait at the counter.")
    expect(page.locator(".composer__saved")).to_contain_text("Kept")
    other = desk.context.new_page()
    other.goto(f"{desk.address}/tickets/new?another")
    expect(words(other)).to_be_visible()
    other.fill("[name=subject]", "Boots for Hans")
    words(other).press_sequentially("They are resoled.")
    expect(other.locator(".composer__saved")).to_contain_text("Kept")
    words(page).press_sequentially(" Come by")
    with page.expect_response(lambda answer: answer.url.endswith("/draft")) as kept:
        words(page).press_sequentially(".")
    assert kept.value.json()["version"] > 1
    page.wait_for_timeout(1_000)  # or what was under way was an earlier key's
    expect(page.locator("[data-elsewhere]")).to_be_hidden()
    other.reload()
    other.get_by_role("link", name="Poles for Gina").click()
    expect(other.locator("[name=subject]")).to_have_value("Poles for Gina")
    expect(words(other)).to_have_text("They wait at the counter. Come by.")
    drop(other)
    other.goto(f"{desk.address}/tickets/new")
    expect(other.locator("[name=subject]")).to_have_value("Boots for Hans")
    drop(other)
    other.close()


@pytest.mark.parametrize("comes_to", ["/tickets/new", "/tickets/new?kind=call"])
def test_what_a_crash_kept_from_the_desk_is_found_where_mails_begin(
    desk: Desk, comes_to: str
) -> None:
    page = desk.open("/tickets/new?another")
    page.route("**/tickets/new/draft*", lambda route: route.abort())
    page.fill("[name=subject]", "Skins for Ida")
    words(page).press_sequentially("They are cut to length.")
    expect(page.locator(".composer__saved")).to_contain_text("No connection")
    page.unroute("**/tickets/new/draft*")
    page.evaluate("removeEventListener('pagehide', document.querySelector('desk-composer').left)")
    desk.open(comes_to)
    if "kind" in comes_to:
        page.get_by_role("link", name="Skins for Ida").click()
    expect(page.locator("[name=subject]")).to_have_value("Skins for Ida")
    expect(words(page)).to_have_text("They are cut to length.")
    drop(page)


def test_who_forwards_after_all_nothing_is_left_with_their_own_words(desk: Desk) -> None:
    page = desk.open_a_ticket("html-letter")
    handed_on = words(page).locator("blockquote td", has_text="Rysy rucksack")
    page.keyboard.press("f")
    expect(page.locator("[name=outside_to]")).to_be_focused()
    expect(handed_on).to_be_visible()
    page.get_by_role("button", name="Reply", exact=True).click()
    expect(page.get_by_role("radio", name="Reply")).to_be_checked()
    expect(words(page)).to_be_focused()
    expect(page.locator("#text")).to_have_value("")
    expect(page.locator(".composer .file")).to_have_count(0)

    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(handed_on).to_be_visible()
    words(page).focus()
    page.keyboard.type("Is it known?")
    expect(page.locator(".composer__saved")).to_contain_text("Kept")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.get_by_role("radio", name="Note")).to_be_checked()
    expect(words(page)).to_be_focused()
    expect(page.locator("#text")).to_have_value("Is it known?")
    expect(page.locator("[data-elsewhere]")).to_be_hidden()
    wipe(page)
    expect(page.locator(".composer__saved")).to_have_text("")


def test_what_is_asked_before_sending_goes_with_the_words_it_was_asked_of(desk: Desk) -> None:
    page = desk.open_a_ticket("postponed")
    words(page).fill("See the attached list.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".composer__asks")).to_be_visible()
    expect(page.get_by_role("button", name="Send anyway")).to_be_visible()
    wipe(page)
    expect(page.locator(".composer__asks")).to_have_count(0)
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    words(page).fill("See the attached list.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".composer__asks")).to_be_visible()
    wipe(page)
    expect(page.locator(".composer__saved")).to_have_text("")

"""The desk under a person's hands: keys, drafts, what came meanwhile, a form pressed twice."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from docs import take_pictures as pictures
from tests.watched import watched
from tests.web.writing import wipe, words

pytestmark = pytest.mark.story


class Desk:
    """A believable desk that runs, and a page of its owner."""

    def __init__(self, address: str, pages: dict[str, str], page: Page) -> None:
        self.address, self.pages, self.page = address, pages, page

    def open(self, name: str) -> Page:
        self.page.goto(self.address + self.pages[name])
        stands(self.page)
        return self.page

    def open_a_fresh_ticket(self) -> Page:
        """Log a call, and open its ticket: what is done to it is in nobody's way."""
        self.page.goto(f"{self.address}/tickets/new?kind=call")
        stands(self.page)
        self.page.fill("[name=customer]", "hana@lomnica-club.example")
        self.page.fill("[name=subject]", "The zip came apart")
        words(self.page).fill("She called.")
        self.page.get_by_role("button", name="Open the ticket").click()
        self.page.wait_for_url(re.compile(r"/tickets/[A-Z0-9-]+$"))
        stands(self.page)
        return self.page


def stands(page: Page) -> None:
    """Wait for the modules of a page that is new: they have taken their places when it says that it is connected."""
    expect(page.locator("html")).to_have_attribute("data-connection", "on")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data = tmp_path_factory.mktemp("hand")
    pages = pictures.build(data)
    with pictures.served(data) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=pictures.CHROMIUM, args=["--no-sandbox"]
        )
        page = watched(pictures.signed_in(browser.new_context(), address))
        yield Desk(address, pages, page)
        browser.close()


def test_the_list_is_walked_by_keys(desk: Desk) -> None:
    page = desk.open("inbox")
    page.evaluate("sessionStorage.clear()")  # nobody was here before
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator(".row__subject").nth(1)
    expect(second).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator(".row__subject").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".ticket__subject")).to_be_visible()
    stands(page)
    page.keyboard.press("u")
    expect(page.locator(".inbox__title")).to_be_visible()
    stands(page)
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(page.locator(".inbox__title")).to_have_text("Mine")
    stands(page)
    page.keyboard.press("/")
    expect(page.locator(".query__input")).to_be_focused()
    page.keyboard.type("jk")
    expect(page.locator(".query__input")).to_have_value("jk")


def test_a_query_is_completed_while_it_is_typed(desk: Desk) -> None:
    page = desk.open("inbox")
    page.keyboard.press("/")
    page.keyboard.type("stat")
    offers = page.get_by_role("listbox", name="What may be meant")
    expect(offers.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Tab")
    field = page.locator(".query__input")
    expect(field).to_have_value("status:")
    expect(offers.get_by_role("option")).to_have_count(8)
    page.keyboard.type("ope")
    expect(offers.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("status:open ")
    expect(offers).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/find"))
    stands(page)
    expect(page.locator(".row").first).to_be_visible()
    expect(page.locator("[data-counter=found]")).to_have_text(re.compile(r"^\d+$"))


def test_what_was_opened_last_is_one_key_away(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    code = page.url.rsplit("/", 1)[1]
    desk.open("inbox")
    page.keyboard.press("/")
    offers = page.get_by_role("listbox", name="Opened last")
    expect(offers.get_by_role("option").first).to_contain_text(code)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/tickets/{code}$"))
    stands(page)


def test_enter_in_a_field_above_the_words_sends_nothing(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    page.keyboard.press("f")
    to = page.locator("[name=outside_to]")
    expect(to).to_be_visible()
    to.fill("werk2@lieferant.example")
    to.press("Enter")
    expect(words(page)).to_be_focused()
    expect(page.locator(".letter--forward")).to_have_count(0)
    desk.page.goto(f"{desk.address}/tickets/new")
    stands(page)
    page.fill("[name=subject]", "Half a subject")
    page.press("[name=subject]", "Enter")
    expect(words(page)).to_be_focused()
    expect(page).to_have_url(re.compile(r"/tickets/new"))


def test_messages_only_loses_neither_the_place_nor_the_words(desk: Desk) -> None:
    page = desk.open("ticket")
    letters, lines = page.locator(".entry--letter"), page.locator(".entry--line[id]")
    everything = page.get_by_role("button", name="Everything")
    only = page.get_by_role("button", name="Messages only")
    expect(everything).to_have_attribute("aria-pressed", "true")
    words(page).fill("I look at the zip first.")
    thread = page.locator(".ticket__thread")
    thread.evaluate("thread => thread.scrollTo(0, thread.scrollHeight / 3)")
    tops = "all => all.map(one => Math.round(one.getBoundingClientRect().top))"
    before = letters.evaluate_all(tops)
    top = thread.bounding_box()
    assert top
    only.focus()
    page.keyboard.press("Enter")
    expect(only).to_have_attribute("aria-pressed", "true")
    assert not any(lines.evaluate_all("all => all.map(one => one.checkVisibility())"))
    assert all(letters.evaluate_all("all => all.map(one => one.checkVisibility())"))
    # Where there is room to scroll, the letter that was read stands where it stood.
    assert set(before) & set(letters.evaluate_all(tops)) or thread.evaluate("t => !t.scrollTop")
    expect(words(page)).to_have_text("I look at the zip first.")
    stands_only = desk.open_a_fresh_ticket()
    expect(stands_only.locator("html")).to_have_attribute("data-thread", "messages")
    here = stands_only.url
    colleague = page.context.new_page()
    colleague.goto(here)
    stands(colleague)
    words(colleague).fill("She is in a hurry.")
    colleague.keyboard.press("Control+Enter")
    expect(stands_only.get_by_text("She is in a hurry.")).to_be_visible()
    colleague.get_by_role("button", name="Resolve", exact=True).click()
    resolved = stands_only.locator(".entry--line[id]", has_text="resolved the ticket")
    expect(resolved).to_have_count(1)
    expect(resolved).to_be_hidden()
    stands_only.get_by_role("button", name="Everything").click()
    expect(resolved).to_be_visible()
    # A head that comes anew leaves the focus on what was pressed.
    # By a key: for a second, a click on what stands where Resolve was does nothing.
    colleague.get_by_role("button", name="Reopen", exact=True).press("Enter")
    expect(stands_only.get_by_role("button", name="Resolve", exact=True)).to_be_visible()
    expect(stands_only.get_by_role("button", name="Everything")).to_be_focused()
    colleague.close()
    stands_only.reload()
    stands(stands_only)
    expect(resolved).to_be_visible()


def test_a_question_mark_shows_all_keys(desk: Desk) -> None:
    page = desk.open("inbox")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_a_dictated_word_presses_nothing_where_keys_of_one_letter_are_off(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    ticket = page.url
    page.keyboard.press("?")
    page.get_by_role("link", name="Switch keys of one letter off").click()
    page.get_by_label("Keys of one letter").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Keys of one letter")).not_to_be_checked()
    page.goto(ticket)
    stands(page)
    before = page.locator(".ticket__head").inner_text()
    page.keyboard.type("resolve them! ?/")
    page.keyboard.press("Delete")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(words(page)).not_to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    stands(page)
    assert page.locator(".ticket__head").inner_text() == before
    desk.open("inbox")
    page.keyboard.type("jx")
    expect(page.locator(".row__pick:checked")).to_have_count(0)
    page.keyboard.press("Control+a")
    expect(page.locator("#picked")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#picked")).to_be_hidden()
    # The others of this desk live by their keys.
    page.goto(f"{desk.address}/me")
    page.get_by_label("Keys of one letter").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Keys of one letter")).to_be_checked()
    desk.open("inbox")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_what_was_typed_survives_a_reload_and_is_forgotten_when_sent(desk: Desk) -> None:
    page = desk.open("html-letter")
    page.keyboard.press("n")
    page.keyboard.type("Two of each are in stock.")
    page.reload()
    expect(page.locator("#text")).to_have_value("Two of each are in stock.")
    expect(page.get_by_role("radio", name="Note")).to_be_checked()
    words(page).press("Control+Enter")
    expect(page.locator(".letter--note", has_text="Two of each are in stock.")).to_have_count(1)
    expect(page.locator("#text")).to_have_value("")
    page.reload()
    expect(page.locator("#text")).to_have_value("")


def test_pressing_send_twice_sends_once(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    words(page).fill("Only once, please.")
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.locator(".letter--answer")).to_have_count(1)
    page.reload()
    expect(page.locator(".letter--answer")).to_have_count(1)


def test_a_colleague_who_wrote_meanwhile_is_seen_before_the_answer_leaves(desk: Desk) -> None:
    page = desk.open("ticket")
    words(page).fill("We pay for it.")
    browser = page.context.browser
    assert browser is not None
    tomas = pictures.signed_in(browser.new_context(), desk.address, "tomas")
    tomas.goto(page.url)
    expect(page.locator("desk-presence")).to_contain_text("Tomáš Novotný: also here")
    tomas.locator("label", has_text="Note").click()
    words(tomas).fill("The courier is booked.")
    expect(page.locator("desk-presence")).to_contain_text("Tomáš Novotný: writing")
    tomas.get_by_role("button", name="Keep the note").click()
    expect(page.locator(".thread")).to_contain_text("The courier is booked.")
    tomas.context.close()

    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Something came while you were writing.")).to_be_visible()
    expect(page.locator("#text")).to_have_value("We pay for it.")
    expect(page.locator(".letter--answer", has_text="We pay for it.")).to_have_count(0)
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator(".letter--answer", has_text="We pay for it.")).to_have_count(1)
    expect(page.locator("#text")).to_have_value("")


def test_taking_and_resolving_by_keys_without_a_reload(desk: Desk) -> None:
    page = desk.open("ticket")
    page.evaluate("window.isTheSamePage = true")
    page.locator(".ticket__thread").focus()
    page.keyboard.press("m")
    expect(page.locator(".ticket__facts")).to_contain_text("Vanda Ozoliņa")
    page.locator(".ticket__thread").focus()
    page.keyboard.press("s")
    expect(page.locator(".ticket__facts [data-status=resolved]")).to_be_visible()
    page.locator(".ticket__thread").focus()
    page.keyboard.press("o")
    expect(page.locator(".ticket__facts [data-status=open]")).to_be_visible()
    assert page.evaluate("window.isTheSamePage")


def test_the_way_back_and_the_numbers_of_the_rail_follow_what_is_done(desk: Desk) -> None:
    page = desk.open("inbox")
    page.goto(f"{desk.address}/?view=unassigned")
    page.locator(".row__subject").first.click()
    page.wait_for_url("**/tickets/*")
    stands(page)
    mine = page.locator('.rail [data-counter="view-mine"]')
    before = int(mine.inner_text() or 0)
    page.locator(".ticket__thread").focus()
    page.keyboard.press("m")
    expect(page.locator(".ticket__facts")).to_contain_text("Vanda Ozoliņa")
    expect(mine).to_have_text(str(before + 1))
    expect(page.locator("[data-back]")).to_have_attribute("href", "/?view=unassigned")
    page.reload()
    expect(page.locator("[data-back]")).to_have_attribute("href", "/?view=unassigned")


def test_words_go_on_as_a_note_when_the_ticket_closes_under_them(desk: Desk) -> None:
    page = desk.open("inbox")
    page.goto(f"{desk.address}/?view=unassigned")
    page.locator(".row__subject").last.click()
    page.wait_for_url("**/tickets/*")
    stands(page)
    words(page).fill("Half a sentence")
    other = page.context.new_page()
    other.goto(f"{page.url}/closure")
    other.get_by_role("button", name="Close the ticket").click()
    other.wait_for_url(page.url)
    other.close()
    expect(page.get_by_role("button", name="Send", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Keep the note")).to_be_visible()
    expect(page.locator("#text")).to_have_value("Half a sentence")
    expect(words(page)).to_be_focused()


def test_a_second_click_does_not_undo_the_first(desk: Desk) -> None:
    page = desk.open("inbox")
    page.goto(f"{desk.address}/?view=mine")
    page.goto(desk.address + desk.pages["ticket"])
    tools = page.locator(".ticket__tools")
    place = tools.get_by_role("button", name="Resolve", exact=True).bounding_box()
    assert place
    x, y = place["x"] + place["width"] - 20, place["y"] + place["height"] / 2
    page.mouse.click(x, y)
    expect(page.locator(".ticket__facts [data-status=resolved]")).to_be_visible()
    page.mouse.click(x, y)
    page.wait_for_timeout(1_100)
    expect(page.locator(".ticket__facts [data-status=resolved]")).to_be_visible()
    page.mouse.click(x, y)
    expect(page.locator(".ticket__facts [data-status=open]")).to_be_visible()


def test_a_letter_in_colours_has_the_height_of_its_words(desk: Desk) -> None:
    page = desk.open("html-letter")
    frame = page.locator(".letter__frame").first
    frame.scroll_into_view_if_needed()
    expect(page.frame_locator(".letter__frame").first.locator("table").first).to_be_visible()
    assert 200 < (frame.bounding_box() or {"height": 0})["height"] < 500
    held = page.frame_locator(".letter__frame").first.locator("img")
    expect(held).not_to_have_attribute("src", re.compile("."))
    page.get_by_role("link", name="Show them").click()
    expect(page.locator(".letter__pictures")).to_have_text("Pictures from elsewhere are shown.")
    expect(page.frame_locator(".letter__frame").first.locator("img")).to_have_attribute(
        "src", re.compile("^https://alpinklub.example/")
    )


def test_pictures_from_elsewhere_come_by_a_key_and_are_told_nothing(desk: Desk) -> None:
    page = desk.open("html-letter")
    asked: list[dict[str, str]] = []

    def answer(route: Route) -> None:
        asked.append(route.request.headers)
        route.fulfill(status=404)

    page.route("https://alpinklub.example/**", answer)
    sentence = page.locator(".letter__pictures")
    expect(sentence).to_contain_text("tells alpinklub.example that the letter was read")
    page.locator(".letter__frame").first.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    assert asked == []
    page.get_by_role("link", name="Show them").focus()
    page.keyboard.press("Enter")
    expect(sentence.locator("span")).to_be_focused()
    expect(sentence).to_have_text("Pictures from elsewhere are shown.")
    page.wait_for_timeout(300)
    assert len(asked) == 1
    assert "referer" not in asked[0]
    page.unroute("https://alpinklub.example/**")


def test_what_a_letter_repeats_is_one_key_away(desk: Desk) -> None:
    page = desk.open("html-letter")
    expect(page.locator(".letter__quoted")).to_be_hidden()
    page.locator(".letter__quote summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".letter__quoted")).to_contain_text("Which colours would you like?")


def test_a_menu_closes_by_escape_and_by_a_click_beside_it(desk: Desk) -> None:
    page = desk.open("ticket")
    menu = page.locator("details.menu-box").filter(has_text="Who is responsible?")
    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    menu.locator("summary").click()
    page.mouse.click(700, 500)
    expect(menu).not_to_have_attribute("open", "")


def test_a_z_right_behind_an_act_takes_back_that_act(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()  # which is theirs already
    expect(page.locator(".entry--line").last).to_contain_text("took it")
    page.keyboard.press("s")
    page.keyboard.press("z")
    expect(page.locator(".entry[data-undone]").last).to_contain_text("resolved the ticket")
    expect(page.locator(".entry[data-undone]")).to_have_count(1)


def test_what_is_typed_while_a_forward_is_begun_presses_no_key(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    page.evaluate("document.querySelector('.ticket__thread').focus()")
    # So slow a desk that the next letters come before its answer.
    session = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 300, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", slow)
    page.keyboard.press("f")
    for letter in "s!":
        page.keyboard.press(letter)
    expect(page.locator("[name=outside_to]")).to_be_visible()
    session.detach()
    page.reload()
    expect(page.get_by_text("resolved the ticket")).to_have_count(0)
    expect(page.get_by_text("This ticket is spam.")).to_have_count(0)


def test_what_is_done_by_keys_is_undone_by_z(desk: Desk) -> None:
    page = desk.open("html-letter")
    page.evaluate("window.isTheSamePage = true")
    pill = page.locator(".ticket__facts .status--pill")
    before = pill.inner_text()
    page.keyboard.press("!")
    expect(pill).to_have_text("Spam")
    expect(page.get_by_text("This ticket is spam.")).to_be_visible()
    page.keyboard.press("z")
    expect(pill).to_have_text(before)
    expect(page.locator(".entry[data-undone]").last).to_contain_text("taken back")
    page.keyboard.press("p")
    page.get_by_role("button", name="Tomorrow morning").first.click()
    expect(pill).to_have_text("Postponed")
    page.keyboard.press("z")
    expect(pill).to_have_text(before)
    page.keyboard.press("Delete")
    expect(page.get_by_text("This ticket was deleted.")).to_be_visible()
    expect(page.locator(".entry").last).to_contain_text("deleted")
    page.keyboard.press("z")
    expect(page.get_by_text("This ticket was deleted.")).to_be_hidden()
    assert page.evaluate("window.isTheSamePage")


def test_a_tag_is_added_by_a_key_and_the_subject_changed_in_place(desk: Desk) -> None:
    page = desk.open("html-letter")
    page.keyboard.press("l")
    expect(page.locator("#tag")).to_be_focused()
    page.keyboard.type("colours")
    page.keyboard.press("Enter")
    expect(page.locator(".side__tags")).to_contain_text("colours")
    page.get_by_role("button", name="Take the tag colours away").click()
    expect(page.locator(".side__tags")).to_have_count(0)
    page.locator(".in-place__edit").click()
    page.fill("#new-subject", "Two of each")
    page.keyboard.press("Enter")
    expect(page.locator(".ticket__subject")).to_have_text("Two of each")


def test_a_moment_in_a_sentence_is_told_in_the_zone_of_all_others(desk: Desk) -> None:
    browser = desk.page.context.browser
    assert browser is not None
    told = {}
    for zone in ("UTC", "Asia/Tokyo"):
        context = browser.new_context(timezone_id=zone, locale="en-GB")
        page = pictures.signed_in(context, desk.address)
        page.goto(desk.address + desk.pages["postponed"])
        stands(page)
        times = page.locator("time[data-local=dated]")
        told[zone] = (times.first.get_attribute("datetime"), times.first.inner_text())
        context.close()
    assert told["UTC"][0] == told["Asia/Tokyo"][0]
    assert told["UTC"][1] != told["Asia/Tokyo"][1]


def test_what_has_just_become_overdue_is_due_now(desk: Desk) -> None:
    page = desk.open("inbox")
    words = page.evaluate(
        """async (languages) => {
            const { DueCountdown } = await import("js/models/due_countdown.js");
            const left = (language) => [0, 59_000, 60_000].map((late) => new DueCountdown(language, 0, NaN).left(late));
            return languages.flatMap(left);
        }""",
        ["en", "hu"],
    )
    assert words == ["now", "now", "\u22121m", "most", "most", "\u22121 p"]


def test_a_moment_is_typed_in_the_zone_in_which_the_page_tells_the_time(desk: Desk) -> None:
    browser = desk.page.context.browser
    assert browser is not None
    context = browser.new_context(timezone_id="Asia/Tokyo", locale="en-GB")
    page = pictures.signed_in(context, desk.address)
    page.goto(desk.address + desk.pages["html-letter"])
    stands(page)
    page.keyboard.press("p")
    page.fill("#when", "2030-05-06T09:30")
    page.locator("form.menu__form button").click()
    until = page.locator(".ticket__facts time")
    expect(until).to_have_attribute("datetime", "2030-05-06T00:30:00.000Z")
    expect(until).to_contain_text("9:30")
    page.keyboard.press("z")
    expect(until).to_have_count(0)
    context.close()


def test_the_slider_goes_back_in_time_without_a_reload(desk: Desk) -> None:
    page = desk.open("postponed")
    page.keyboard.press("h")
    slider = page.locator("#step")
    expect(slider).to_be_focused()
    page.evaluate("window.isTheSamePage = true")
    expect(page.locator("#then [data-status=postponed]")).to_be_visible()
    page.keyboard.press("Home")
    expect(page.locator("#past-step")).to_contain_text("opened the ticket")
    expect(page.locator("#then [data-status=new]")).to_be_visible()
    expect(page.locator("#then .letter")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#then .letter")).to_have_count(1)
    expect(slider).to_be_focused()
    page.wait_for_url("**/history?step=2")
    assert page.evaluate("window.isTheSamePage")
    page.get_by_role("link", name="The step after").click()
    page.wait_for_url("**/history?step=3")
    page.keyboard.press("u")
    expect(page.locator(".ticket__subject")).to_be_visible()


@pytest.mark.parametrize("field", ["with looks", "plain"])
def test_a_colleague_is_called_by_an_at_sign(desk: Desk, field: str) -> None:
    page = desk.page
    if field == "plain":  # the editor does not come
        page.route("**/editor*.js", lambda route: route.abort())
    desk.open("html-letter")
    page.keyboard.press("n")
    if field == "with looks":
        expect(page.locator(".composer__rich [role=textbox]")).to_be_focused()
    page.keyboard.type("Please look @")
    call = page.locator(".composer__call")
    expect(call).to_have_attribute("open", "")
    # What is typed goes on in the note, and narrows the list: no letter is a shortcut here.
    page.keyboard.type("meul")
    expect(call.get_by_role("checkbox", name="Anna van der Meulen")).to_be_visible()
    expect(call.get_by_role("checkbox", name="Bela Kerekes")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value("Please look @Anna van der Meulen ")
    expect(page.locator(".composer__called")).to_have_text("(1)")
    expect(call).not_to_have_attribute("open", "")
    page.keyboard.type("or @")
    page.keyboard.press("ArrowDown")
    expect(call.get_by_role("checkbox").first).to_be_focused()
    page.keyboard.press("s")  # which would resolve the ticket elsewhere
    page.keyboard.press("Escape")
    expect(page.get_by_role("radio", name="Note")).to_be_checked()
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator(".thread")).to_contain_text("called Anna van der Meulen")
    expect(page.locator("#text")).to_have_value("")
    page.unroute_all()


def test_words_taken_out_by_another_vanish_here_and_what_is_typed_stays(desk: Desk) -> None:
    page = desk.open("ticket")
    words(page).fill("Half a sentence")
    expect(page.locator(".thread")).to_contain_text("thirty scouts")
    other = page.context.new_page()
    other.goto(f"{page.url}/redaction")
    other.fill("#passage", "thirty scouts")
    other.get_by_role("button", name="Take them out for good").click()
    other.wait_for_url(page.url)
    other.close()
    expect(page.locator(".thread")).not_to_contain_text("thirty scouts")
    expect(page.locator(".thread")).to_contain_text("a group of █████ arrives")
    expect(page.locator("#text")).to_have_value("Half a sentence")
    wipe(page)


def test_a_ticket_that_was_removed_for_good_is_not_left_on_screen(desk: Desk) -> None:
    page = desk.open("deleted")
    expect(page.locator(".thread")).to_contain_text("Click.")
    other = page.context.new_page()
    other.goto(f"{page.url}/purge")
    other.get_by_role("button", name="Remove it for good").click()
    other.wait_for_url(f"{desk.address}/?done=*")
    other.close()
    expect(page.locator(".thread")).not_to_contain_text("Click.")
    expect(page.locator(".thread")).to_contain_text("This ticket is not here any more")


def test_everything_is_done_without_scripts(desk: Desk) -> None:
    browser = desk.page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    page = pictures.signed_in(context, desk.address)
    page.goto(desk.address + desk.pages["html-letter"])
    page.get_by_label("More", exact=True).first.click()
    page.get_by_role("button", name="Spam", exact=False).first.click()
    expect(page.get_by_text("This ticket is spam.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("This ticket is spam.")).to_be_hidden()
    page.get_by_label("Postpone", exact=True).click()
    page.get_by_role("button", name="In an hour").first.click()
    expect(page.locator(".ticket__facts [data-status=postponed]")).to_be_visible()
    page.get_by_role("button", name="Fetch back").click()
    expect(page.get_by_role("button", name="Fetch back")).to_have_count(0)
    context.close()


def test_what_was_typed_in_another_window_is_told_before_it_is_written_over(desk: Desk) -> None:
    page = desk.open("ticket")
    words(page).fill("Of the first window.")
    expect(page.locator(".composer__saved")).to_contain_text("Kept")
    other = page.context.new_page()
    other.goto(page.url)
    expect(words(other)).to_contain_text("Of the first window.")
    words(other).fill("Of the second.")
    expect(other.locator(".composer__saved")).to_contain_text("Kept")
    words(page).fill("Of the first again.")
    expect(page.get_by_text("This was changed in another window of yours.")).to_be_visible()
    page.get_by_role("button", name="Take what was written there").click()
    expect(words(page)).to_have_text("Of the second.")
    other.close()
    wipe(page)
    expect(page.locator(".composer__saved")).to_have_text("")


def test_what_is_typed_without_a_network_is_kept_and_goes_on_afterwards(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    page.context.set_offline(True)
    words(page).fill("In the tunnel.")
    expect(page.locator(".composer__saved")).to_contain_text("No connection")
    page.context.set_offline(False)
    page.reload()  # whether the desk has heard of it or not
    expect(words(page)).to_have_text("In the tunnel.")
    words(page).fill("In the tunnel, and out.")
    expect(page.locator(".composer__saved")).to_contain_text("Kept")
    wipe(page)
    expect(page.locator(".composer__saved")).to_have_text("")


def test_an_answer_is_written_with_looks_by_keys_alone(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    words(page).click()
    page.keyboard.type("First line")
    page.keyboard.press("Enter")
    page.keyboard.type("second line")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+b")
    page.keyboard.type("Bold")
    page.keyboard.press("Control+b")
    page.keyboard.type(" and a ")
    page.keyboard.press("Control+k")
    page.keyboard.type("lomnica.example/zips")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value(
        "First line\nsecond line\n\nBold and a lomnica.example/zips"
    )
    html = page.locator("[name=html]").input_value()
    assert html.startswith("<p>First line<br>second line</p><p><strong>Bold</strong> and a <a ")
    assert 'href="https://lomnica.example/zips"' in html
    page.keyboard.press("Control+Enter")
    expect(page.locator("[name=html]")).to_have_value("")
    frame = page.frame_locator(".letter--answer iframe").last
    expect(frame.locator("strong")).to_have_text("Bold")


def test_a_file_is_attached_and_a_picture_pasted_where_it_belongs(
    desk: Desk, tmp_path: Path
) -> None:
    page = desk.open_a_fresh_ticket()
    slip = tmp_path / "packing slip.pdf"
    slip.write_bytes(b"%PDF-1.4 nothing")
    page.set_input_files("[name=files]", slip)
    expect(page.locator(".composer__file-list")).to_contain_text("packing slip.pdf")
    words(page).fill("See: ")
    page.evaluate(PASTE_A_PICTURE)
    expect(words(page).locator("img[alt='shot.png']")).to_be_visible()
    expect(page.locator(".composer__saved")).to_contain_text("Kept")
    page.reload()
    expect(page.locator(".composer__file-list")).to_contain_text("packing slip.pdf")
    expect(words(page).locator("img[alt='shot.png']")).to_be_visible()
    words(page).press("Control+Enter")
    expect(page.locator("[name=file]")).to_have_count(0)
    answer = page.locator(".letter--answer").last
    expect(answer.locator(".file")).to_contain_text("packing slip.pdf")
    picture = answer.frame_locator("iframe").locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.naturalWidth") == 60


PASTE_A_PICTURE = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 60, height: 30 });
  canvas.getContext("2d").fillRect(0, 0, 60, 30);
  const picture = await new Promise((done) => canvas.toBlob(done));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([picture], "shot.png", { type: "image/png" }));
  const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.querySelector(".composer__rich .composer__text").dispatchEvent(paste);
}"""


def test_words_of_a_letter_are_looked_at_as_often_as_one_likes_and_then_kept(desk: Desk) -> None:
    page = desk.open("our-letter")
    shown = page.frame_locator(".preview")
    for greeting in ("Hello {name},", "Dear {name|customer},"):
        page.get_by_label("Your words").fill(f"{greeting}\n\n{{answer}}")
        page.get_by_role("button", name="Preview").press("Enter")
        expect(shown.locator(".previews__text")).to_contain_text(
            f"{greeting.partition(' ')[0]} Emma Example,"
        )
        letter = shown.frame_locator(".previews__letter >> nth=0")
        expect(letter.locator("body")).to_contain_text("Emma Example,")
    page.get_by_label("Your words").fill("{answers}")
    page.get_by_role("button", name="Preview").press("Enter")
    expect(shown.get_by_role("alert")).to_contain_text("in place of {answers}; there are {answer}")
    page.get_by_label("Your words").fill("Dear {name},\n\n{answer}")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("It is kept.")).to_be_visible()
    page.get_by_role("button", name="Take these words away").press("Enter")
    expect(page.get_by_label("Your words")).to_have_value("")


def test_a_letter_is_forwarded_by_keys_alone_and_looks_different(desk: Desk) -> None:
    page = desk.open("html-letter")
    page.keyboard.press("f")
    to = page.locator("[name=outside_to]")
    expect(to).to_be_focused()
    page.keyboard.type("zips@maker.example")
    expect(words(page).locator("blockquote td", has_text="Rysy rucksack")).to_be_visible()
    words(page).focus()
    page.keyboard.type("Is it known?")
    page.keyboard.press("Control+Enter")
    aside = page.locator(".letter--aside").last
    expect(aside).to_contain_text("Forwarded, the customer does not see it")
    frame = aside.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text("Is it known?")
    expect(frame.locator("blockquote td", has_text="Rysy rucksack")).to_be_visible()
    expect(page.get_by_role("radio", name="Reply")).to_be_checked()
    expect(page.locator("#text")).to_have_value("")


def test_a_forward_to_nobody_is_refused_and_goes_on_in_the_same_window(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    page.keyboard.press("f")
    to = page.locator("[name=outside_to]")
    expect(to).to_be_focused()
    words(page).focus()
    page.keyboard.type("Is it known?")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Say whom it is forwarded to").first).to_be_visible()
    expect(to).to_be_focused()
    with page.expect_response(lambda answer: answer.url.endswith("/draft")) as kept:
        page.keyboard.type("zips@maker.example")
    assert kept.value.status == 200
    expect(page.locator("[data-elsewhere]")).to_be_hidden()
    expect(words(page)).to_contain_text("Is it known?")


def test_who_turns_a_note_into_an_answer_is_told(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    page.keyboard.press("n")
    words(page).press_sequentially("Careful.")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.get_by_role("radio", name="Reply")).to_be_checked()
    expect(page.locator(".toast")).to_contain_text("What you wrote as a note would now be sent")
    wipe(page)


def test_a_moment_that_is_past_is_chosen_anew_where_it_was_chosen(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    words(page).fill("On Monday, then.")
    page.get_by_label("Send, and then …").click()
    page.get_by_label("Day and time").last.fill("2020-01-01T10:00")
    page.get_by_role("button", name="Send then").click()
    expect(page.get_by_text("Choose a moment that lies ahead").first).to_be_visible()
    expect(page.get_by_role("button", name="Send then")).to_be_visible()
    expect(page.get_by_text("Let it rest until", exact=True)).to_be_hidden()


def test_who_comes_back_to_a_list_walks_on_from_where_they_were(desk: Desk) -> None:
    page = desk.open("inbox")
    page.evaluate("sessionStorage.clear()")
    for _row in range(3):
        page.keyboard.press("j")
    third = page.locator(".row__subject").nth(2)
    expect(third).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/tickets/"))
    stands(page)
    page.keyboard.press("u")
    page.wait_for_url(f"{desk.address}/")
    stands(page)
    page.keyboard.press("j")
    expect(page.locator(".row__subject").nth(3)).to_be_focused()


def test_what_was_forwarded_is_left_for_an_answer_and_the_customers_words_are_quoted(
    desk: Desk,
) -> None:
    page = desk.open("postponed")
    words(page).fill("Dear Jan,")
    page.get_by_role("button", name="Quote", exact=True).last.click()
    expect(words(page).locator("blockquote")).to_contain_text("show the new sleeping bags")
    expect(words(page)).to_contain_text("Dear Jan,")
    expect(page.get_by_role("radio", name="Reply")).to_be_checked()
    wipe(page)
    expect(page.locator(".composer__saved")).to_have_text("")
    aside = page.locator(".letter--aside", has_text="On Thursday")
    aside.hover()
    aside.locator("summary").click()
    aside.get_by_role("button", name="Answer them …").click()
    expect(page.locator("[name=outside_to]")).to_have_value(
        "Hedvika of the mill <orders@mill.example>"
    )
    expect(words(page)).to_be_focused()
    page.keyboard.type("Thursday is fine.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".letter--aside")).to_have_count(3)


def test_a_quote_stands_where_the_caret_was_and_one_writes_on_below_it(desk: Desk) -> None:
    page = desk.open("postponed")
    words(page).click()
    page.keyboard.type("Dear Jan, the rest")
    for _ in range(len(" the rest")):
        page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Quote", exact=True).last.click()
    expect(words(page).locator("blockquote")).to_contain_text("show the new sleeping bags")
    expect(words(page)).to_be_focused()
    page.keyboard.type("Here they are.")
    told = words(page).inner_text()
    places = [told.index(one) for one in ("Dear Jan,", "sleeping bags", "Here they", "the rest")]
    assert places == sorted(places), told
    expect(page.get_by_role("radio", name="Reply")).to_be_checked()
    page.keyboard.press("Control+z")
    wipe(page)
    expect(page.locator(".composer__saved")).to_have_text("")


def test_a_quote_stands_where_the_caret_was_in_plain_words_too(desk: Desk) -> None:
    page = desk.page
    page.route("**/django-prose-editor*/**", lambda route: route.abort())
    desk.open("postponed")
    field = page.locator("#text")
    field.fill("Dear Jan,\n\nthe rest")
    field.evaluate("one => one.setSelectionRange(9, 9)")
    page.get_by_role("button", name="Quote", exact=True).last.click()
    expect(field).to_have_value(
        re.compile(r"^Dear Jan,\n\nOn .*:\n> .*\n\n\n\nthe rest$", re.DOTALL)
    )
    expect(field).to_be_focused()
    page.unroute("**/django-prose-editor*/**")
    field.fill("")
    expect(page.locator(".composer__saved")).to_have_text("")


def test_forwarding_works_without_scripts(desk: Desk) -> None:
    browser = desk.page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False)
    page = pictures.signed_in(context, desk.address)
    page.goto(desk.address + desk.pages["rated"])
    page.get_by_role("button", name="Forward", exact=True).click()
    expect(page.locator("[name=outside_to]")).to_be_focused()
    page.locator("[name=outside_to]").fill("zips@maker.example")
    written = page.locator("#text").input_value()
    assert "From: " in written
    page.locator("#text").fill(f"Is it known?\n{written}")
    page.get_by_role("button", name="Forward", exact=True).last.click()
    expect(page.locator(".letter--aside")).to_contain_text("Is it known?")
    context.close()


def test_an_answer_counts_down_and_is_fetched_back_by_a_key(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    page.evaluate("window.isTheSamePage = true")
    words(page).fill("Oh, too early.")
    page.get_by_role("button", name="Send", exact=True).click()
    count = page.locator(".ticket__leaves")
    expect(count).to_have_text(re.compile(r"Leaves in \d+s"))
    expect(page.locator(".toasts")).to_contain_text("z takes it back")
    said = page.locator(".toasts .for-ears").count()
    first = count.inner_text()
    expect(count).not_to_have_text(first)
    assert page.locator(".toasts .for-ears").count() <= said, "it is said once"
    page.locator(".ticket__thread").focus()
    page.keyboard.press("z")
    expect(words(page)).to_have_text("Oh, too early.")
    expect(count).to_have_count(0)
    expect(page.locator(".toasts")).to_contain_text("Taken back.")
    expect(page.locator(".toasts")).not_to_contain_text("Sent.")
    assert page.evaluate("window.isTheSamePage")
    wipe(page)
    expect(page.locator(".composer__saved")).not_to_contain_text("Kept")


def test_an_answer_is_sent_later_and_changed_by_keys_alone(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    words(page).fill("Good morning.")
    page.get_by_label("Send, and then").focus()
    page.keyboard.press("Enter")
    page.locator("#later-at").fill("2190-01-01T08:00")
    page.locator("#later-at").press("Enter")
    expect(page.get_by_text("Choose a moment within the next ten years.")).to_be_visible()
    expect(page.locator("#text")).to_have_value("Good morning.")
    page.locator("[name=later][value=tomorrow]").press("Enter")
    expect(page.locator("#leaving")).to_contain_text("Your answer leaves")
    expect(page.locator("#text")).to_have_value("")
    page.locator("#leaving").get_by_role("button", name="Change").press("Enter")
    expect(page.locator("#leaving")).to_have_count(0)
    expect(words(page)).to_have_text("Good morning.")
    assert page.locator("#later-at").input_value().endswith("T08:00")
    wipe(page)


def test_ctrl_enter_presses_the_button_that_it_names(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    pill = page.locator(".ticket__facts .status--pill")
    page.keyboard.press("s")
    expect(pill).to_have_text("Resolved")
    words(page).fill("One more word.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".letter--answer", has_text="One more word.")).to_have_count(1)
    expect(pill).to_have_text("Resolved")


def test_a_forgotten_file_is_asked_about_once_by_hand(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    words(page).fill("The bill is attached.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("You write of a file, and none goes along.")).to_be_visible()
    expect(page.locator("#text")).to_have_value("The bill is attached.")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator(".letter--answer", has_text="The bill is attached.")).to_have_count(1)


def test_the_palette_does_what_the_page_can_do(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="A ticket, a customer, a view")
    expect(field).to_be_focused()
    page.keyboard.type("resolve sil")
    chosen = page.locator("#palette [aria-selected=true]")
    expect(chosen).to_contain_text("Resolve silently")
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator(".ticket__facts .status--pill")).to_have_text("Resolved")
    page.keyboard.press("Control+k")
    page.keyboard.type("a tag")
    page.keyboard.press("Enter")
    expect(page.locator("#tag")).to_be_focused()
    page.keyboard.press("Escape")
    words(page).click()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_hidden()  # a link, in the words of a letter
    page.keyboard.press("Escape")


@pytest.mark.parametrize("place", ["ticket", "/notices", "/canned-answers", "/settings"])
def test_a_slash_finds_from_where_there_is_no_field_for_it(desk: Desk, place: str) -> None:
    page = desk.page
    page.goto(desk.address + desk.pages.get(place, place))
    stands(page)
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="A ticket, a customer, a view")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    page.keyboard.type("/")
    expect(field).to_have_value("/")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_a_slash_leads_to_the_field_for_queries_where_there_is_one_and_is_typed_in_any_other(
    desk: Desk,
) -> None:
    page = desk.open("inbox")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Find tickets")).to_be_focused()
    page = desk.open_a_fresh_ticket()
    words(page).click()
    page.keyboard.type("either/or")
    expect(words(page)).to_have_text("either/or")
    expect(page.locator("#palette")).to_be_hidden()


def test_the_palette_leads_to_views_tickets_and_customers(desk: Desk) -> None:
    page = desk.open("inbox")
    page.keyboard.press("Control+k")
    page.keyboard.type("unass")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Unassigned")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("view=unassigned"))
    stands(page)
    page.get_by_role("button", name="Find anything").first.click()
    page.keyboard.type("jan-willem")
    customer = page.get_by_role("group", name="Customers").get_by_role("option")
    expect(customer).to_contain_text("Jan-Willem Breukelaar")
    while "Urgent" not in page.locator("#palette [aria-selected=true]").inner_text():
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/tickets/[A-Z0-9-]+$"))
    expect(page.locator("#subject")).to_contain_text("Urgent")
    stands(page)
    page.keyboard.press("Control+k")
    expect(
        page.get_by_role("group", name="Opened last").get_by_role("option").first
    ).to_contain_text("Urgent")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def press(page: Page, *names: str) -> None:
    """Press keys one after the other; what is no name of a key is typed."""
    for name in names:
        if name.startswith("“"):
            page.keyboard.type(name.strip("“”"))
        else:
            page.keyboard.press(name)


def opens_the_first_by_keys(page: Page, list_: str) -> None:
    expect(page.locator(".inbox__title")).to_have_text(list_)
    stands(page)
    press(page, "j", "Enter")
    page.wait_for_url("**/tickets/*")
    stands(page)


def test_an_hour_of_work_is_done_by_keys_alone(desk: Desk) -> None:
    page = desk.open("inbox")
    press(page, "Control+k", "“unassigned”", "Enter")
    opens_the_first_by_keys(page, "Unassigned")
    takes_and_answers_by_keys(page)
    press(page, "Escape", "u")
    opens_the_first_by_keys(page, "Unassigned")
    sees_to_it_by_keys(page)
    press(page, "w")
    page.wait_for_url("**/tickets/new*")
    stands(page)
    press(page, "Control+k", "“inbox”", "Enter")
    expect(page.locator(".inbox__title")).to_have_text("Inbox")
    stands(page)
    press(page, "/", "“tag:”")
    expect(page.get_by_role("option").first).to_be_visible()
    press(page, '“"by keys"”', "Enter")
    expect(page.locator(".row__subject")).to_have_count(1)
    stands(page)
    press(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("#keys")).to_be_hidden()


def takes_and_answers_by_keys(page: Page) -> None:
    press(page, "m")
    expect(page.locator(".ticket__facts")).to_contain_text("Vanda Ozoliņa")
    press(page, "r")
    expect(words(page)).to_be_focused()
    press(page, "“Good morning, we look into it.”", "Control+Enter")
    expect(page.locator(".ticket__facts .status--pill")).to_have_text("Answered")
    expect(page.locator(".letter--answer").last).to_contain_text("we look into it")


def sees_to_it_by_keys(page: Page) -> None:
    """A note, a tag, a rest that is taken back, somebody responsible, the end, and open again after all."""
    pill = page.locator(".ticket__facts .status--pill")
    press(page, "n")
    expect(words(page)).to_be_focused()
    press(page, "“Please look at this.”", "Control+Enter")
    expect(page.locator(".letter--note").last).to_contain_text("Please look at this.")
    press(page, "Escape", "l", "“by keys”", "Enter")
    expect(page.locator(".side__tags")).to_contain_text("by keys")
    press(page, "Escape", "p", "ArrowDown", "Enter")
    expect(pill).to_have_text("Postponed")
    press(page, "z")
    expect(pill).not_to_have_text("Postponed")
    press(page, "a", "ArrowDown", "Enter")
    expect(page.locator("summary[data-key=a]")).not_to_contain_text("Nobody")
    press(page, "s")
    expect(pill).to_have_text("Resolved")
    press(page, "o")
    expect(pill).to_have_text("Open")


def test_whoever_writes_on_while_an_answer_is_slow_goes_on_writing(desk: Desk) -> None:
    page = desk.open_a_fresh_ticket()

    def comes_late(route: Route) -> None:
        answer = route.fetch()
        page.wait_for_timeout(1_000)
        route.fulfill(response=answer)

    page.route("**/following", comes_late)
    with page.expect_response("**/following"):
        page.get_by_role("button", name="Follow it").click()
        press(page, "r")
        expect(words(page)).to_be_focused()
        press(page, "“Good morning,”")
    page.wait_for_timeout(500)
    expect(words(page)).to_be_focused()
    press(page, "“ so it goes on.”")
    expect(words(page)).to_have_text("Good morning, so it goes on.")
    page.unroute("**/following")

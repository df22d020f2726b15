"""A letter walks through the desk, as people see it: real browsers, real SMTP on both ends, both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.fakes.relay import Arrived
from tests.stories.running import PASSWORD, RunningDesk, a_running_desk, letter, until
from tests.watched import watched
from tests.web.writing import words

pytestmark = pytest.mark.story

# A held answer leaves after ten seconds.
SOON_MS = 15_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with a_running_desk(tmp_path_factory.mktemp("walk")) as running:
        yield running


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk that Anna and Bela work at already."""
    with a_running_desk(tmp_path_factory.mktemp("staffed")) as running:
        running.hire_owner()
        hire_bela(running)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-background-networking", "--disable-quic"],
        )
        yield chromium
        chromium.close()


def somebody(browser: Browser, *, scripts: bool = True) -> Page:
    """Return a page of somebody's own browser; what its scripts complain of fails the test."""
    page = browser.new_context(java_script_enabled=scripts).new_page()
    page.set_default_timeout(SOON_MS)
    return watched(page)


def sign_in(page: Page, desk: RunningDesk, email: str) -> None:
    page.goto(f"{desk.url}/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.locator(".inbox__title")).to_be_visible()


def open_ticket(page: Page, subject: str) -> None:
    """Look at the inbox until it holds this ticket, and open it."""
    link = page.get_by_role("link", name=subject)
    until(lambda: page.reload() and link.count(), f"{subject!r} in the list")
    link.click()


def status_of(page: Page) -> str:
    return page.locator(".ticket__facts [data-status]").first.get_attribute("data-status") or ""


def words_in(arrived: Arrived) -> str:
    """Return the plain text of a letter that arrived."""
    body = arrived.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def arrived_with(desk: RunningDesk, said: str, count: int = 1) -> list[Arrived]:
    """Wait until so many letters that say this have arrived, and return them."""

    def found() -> list[Arrived]:
        return [one for one in desk.relay.letters if said in words_in(one)]

    until(lambda: len(found()) >= count, f"{count} with {said!r}", 40)
    return found()


def own_the_desk(page: Page, desk: RunningDesk) -> None:
    """Let Anna be the first, by the address that the terminal showed."""
    page.goto(desk.setup_address)
    for name, value in {
        "name": "Anna van der Meulen",
        "email": "anna@desk.example",
        "password": PASSWORD,
        "team": "Lomnica Outdoor",
    }.items():
        page.fill(f"[name={name}]", value)
    page.press("[name=team]", "Enter")
    expect(page.locator("body")).to_contain_text("Lomnica Outdoor")


def hire_bela(desk: RunningDesk) -> None:
    desk.run(
        *("agent", "add", "--email", "bela@desk.example", "--name", "Bela Kerekes"),
        *("--role", "agent", "--password-stdin"),
        given=f"{PASSWORD}\n",
    )


def links_of_the_question(arrived: list[Arrived]) -> dict[str, str]:
    """Return the addresses behind yes and no of the first question among these letters."""
    found = next(
        links for one in arrived if (links := re.findall(r"http\S+/solved/\S+", words_in(one)))
    )
    return {link.split("answer=")[1]: link for link in found}


def test_a_letter_walks_through_the_desk(desk: RunningDesk, browser: Browser) -> None:
    anna, bela, emil = (
        somebody(browser),
        somebody(browser),
        somebody(browser, scripts=False),
    )
    own_the_desk(anna, desk)
    hire_bela(desk)
    sign_in(bela, desk, "bela@desk.example")
    anna.goto(desk.url)

    # A letter comes in; both see it without a reload.
    desk.mail(
        letter("Hello,\n\nthe zip came apart. What now?\n\nEmil", subject="The zip came apart")
    )
    for page in (anna, bela):
        told = page.get_by_text("The zip came apart").or_(page.get_by_text("1 new"))
        expect(told.first).to_be_visible()
    bela.goto(desk.url)
    bela.get_by_role("link", name="The zip came apart").click()
    expect(bela.locator(".thread")).to_contain_text("the zip came apart. What now?")
    assert status_of(bela) == "new"
    anna.goto(bela.url)

    # Bela answers; Anna sees it within a moment, without a reload.
    words(bela).fill("Send it in, we will replace it.")
    words(bela).press("Control+Enter")
    expect(anna.locator(".thread")).to_contain_text("Send it in, we will replace it.")
    expect(anna.locator(".ticket__facts [data-status=answered]")).to_be_visible()

    # It leaves by SMTP, and the customer answers back into the same ticket.
    [answer] = arrived_with(desk, "Send it in")
    assert answer.rcpt == ("emil@acme.example",)
    desk.mail(
        letter(
            f"I did.\n\nOn Monday Bela wrote:\n> {words_in(answer).splitlines()[0]}",
            subject=f"Re: {answer.message['Subject']}",
            answers=answer.message_id,
        )
    )
    expect(bela.locator(".thread")).to_contain_text("I did.")
    expect(bela.locator(".ticket__facts [data-status=open]")).to_be_visible()

    # Bela resolves; Emil is asked, and says no.
    bela.get_by_role("button", name="Resolve", exact=True).click()
    expect(bela.locator(".ticket__facts [data-status=resolved]")).to_be_visible()
    first = links_of_the_question(arrived_with(desk, "/solved/"))
    emil.goto(first["no"])
    assert status_of(bela) == "resolved", "looking at the question answers nothing"
    emil.fill("[name=comment]", "The new one does not close.")
    emil.get_by_role("button", name="Not yet").click()
    expect(bela.locator(".thread")).to_contain_text("The new one does not close.")
    expect(bela.locator(".ticket__facts [data-status=open]")).to_be_visible()

    # Once more, and yes; the old link is void by then.
    words(bela).fill("Here is another one.")
    bela.get_by_role("button", name="Send and resolve").click()
    second = links_of_the_question(arrived_with(desk, "/solved/", 2)[1:])
    emil.goto(second["yes"])
    emil.get_by_role("button", name="Yes, solved").click()
    expect(bela.locator(".ticket__facts [data-status=closed]")).to_be_visible()
    emil.goto(first["yes"])
    expect(emil.get_by_role("button")).to_have_count(0)

    # Every step stands in the timeline, and the ticket replays to its row.
    bela.reload()
    for sentence in (
        "Emil Novák opened the ticket",
        "Bela Kerekes took it",
        "Bela Kerekes resolved the ticket",
        "The customer is asked whether it is solved",
        "Emil Novák said that it is not solved",
        "Emil Novák said that it is solved",
    ):
        expect(bela.locator(".thread")).to_contain_text(sentence)
    desk.check()


def test_after_a_lost_connection_the_page_catches_up(
    staffed: RunningDesk, browser: Browser
) -> None:
    bela = somebody(browser)
    sign_in(bela, staffed, "bela@desk.example")
    staffed.mail(letter("First.", subject="Through a tunnel"))
    open_ticket(bela, "Through a tunnel")
    code = bela.locator(".ticket__code .code").inner_text()
    staffed.kill("front")
    staffed.child("front")
    until(lambda: _speaks(staffed, letter("Second.", subject=f"Re: [{code}]")), "the door")
    expect(bela.locator(".thread")).to_contain_text("Second.", timeout=30_000)


def test_a_desk_without_scripts_still_answers(staffed: RunningDesk, browser: Browser) -> None:
    staffed.mail(letter("Plain.", subject="No scripts here"))
    bela = somebody(browser, scripts=False)
    sign_in(bela, staffed, "bela@desk.example")
    open_ticket(bela, "No scripts here")
    bela.fill("textarea[name=text]", "Answered without a script.")
    bela.get_by_role("button", name="Send", exact=True).click()
    expect(bela.locator(".thread")).to_contain_text("Answered without a script.")
    assert status_of(bela) == "answered"


def _speaks(desk: RunningDesk, mail: object) -> bool:
    try:
        desk.mail(mail)  # type: ignore[arg-type]
    except OSError:
        return False
    return True

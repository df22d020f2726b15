"""Anna lets the desk fetch a mail box: in a real browser, from a real Dovecot, by the real worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.channels.mail.fetch.desk import a_letter
from tests.fakes.dovecot import PASSWORD as OF_THE_BOX
from tests.fakes.dovecot import PROGRAM, Dovecot
from tests.stories.running import PASSWORD, RunningDesk, a_running_desk

pytestmark = [pytest.mark.story, pytest.mark.skipif(not PROGRAM, reason="no dovecot")]

# Whoever listens is up within ten seconds; without one it is looked every minute.
LONG_MS = 100_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with a_running_desk(tmp_path_factory.mktemp("fetch")) as running:
        running.hire_owner()
        yield running


def test_from_nothing_to_the_first_fetched_ticket(desk: RunningDesk) -> None:
    with Dovecot() as server, sync_playwright() as playwright:
        server.deliver("help@desk.example", a_letter("It lay there before"))
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = chromium.new_page()
        page.set_default_timeout(20_000)
        page.goto(f"{desk.url}/sign-in")
        page.fill("[name=email]", "anna@desk.example")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        expect(page.locator(".inbox__title")).to_be_visible()

        page.goto(f"{desk.url}/settings/mailboxes/new")
        page.fill("[name=address]", "help@desk.example")
        page.get_by_role("button", name="Connect").click()

        page.fill("[name=host]", "127.0.0.1")
        page.fill("[name=port]", str(server.imap))
        page.select_option("[name=tls]", "none")
        page.fill("[name=password]", OF_THE_BOX)
        page.get_by_role("button", name="Save and test").click()
        expect(page.get_by_text("1 letter lies there.")).to_be_visible()

        page.select_option("[name=begin]", "all")
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_text("How it goes")).to_be_visible()
        page.goto(f"{desk.url}/")
        expect(page.get_by_text("It lay there before").first).to_be_visible(timeout=LONG_MS)

        server.deliver("help@desk.example", a_letter("It came just now"))
        expect(
            page.get_by_text("It came just now").or_(page.get_by_text("1 new")).first
        ).to_be_visible(timeout=LONG_MS)
        chromium.close()

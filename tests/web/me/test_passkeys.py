"""A passkey in a real browser, with an authenticator that Chromium plays."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from docs import take_pictures as pictures

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("passkeys")
    pictures.build(data)
    with pictures.served(data) as served:
        # Passkeys belong to a name; an IP address is none.
        yield served.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=pictures.CHROMIUM, args=["--no-sandbox"]
        )
        yield started
        started.close()


def with_a_device(context: BrowserContext, page: Page) -> None:
    """Give a page a device that holds passkeys and knows its owner."""
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_made_and_signs_in_alone_and_as_the_second_step(
    address: str, browser: Browser
) -> None:
    context = browser.new_context()
    page = pictures.signed_in(context, address, "vanda")
    with_a_device(context, page)
    page.goto(f"{address}/me/security")
    page.get_by_label("A passkey of this device").fill("My laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("My laptop")).to_be_visible()

    context.clear_cookies()
    page.goto(f"{address}/sign-in?next=/me/security")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{address}/me/security")

    context.clear_cookies()
    page.goto(f"{address}/sign-in")
    page.get_by_label("Mail address").fill("vanda@lomnica.example")
    page.get_by_label("Password").fill(pictures.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="The second step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url(f"{address}/")

    # Whoever takes it away signs in by password alone again.
    page.goto(f"{address}/me/security")
    page.get_by_role("button", name="Remove My laptop").click()
    expect(page.get_by_text("It counts no more.")).to_be_visible()
    context.close()


def test_a_device_without_a_passkey_of_ours_opens_nothing(address: str, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    with_a_device(context, page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The browser gave no passkey")
    context.close()

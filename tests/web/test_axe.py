"""axe finds nothing on any page: of the desk as it stands on a busy morning, wide and narrow, by day and by night."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from docs import take_pictures as pictures

# The desk of these pages lies on SQLite in any run.
pytestmark = [pytest.mark.story, pytest.mark.once]

RULES: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
}


class Served:
    """A believable desk that runs, and its pages worth looking at, by name."""

    def __init__(self, address: str, pages: dict[str, str], browser: Browser) -> None:
        self.address, self.pages, self.browser = address, pages, browser


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("axe")
    pages = pictures.build(data)
    with pictures.served(data) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=pictures.CHROMIUM, args=["--no-sandbox"]
        )
        yield Served(address, pages, browser)
        browser.close()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_axe_finds_nothing(desk: Served, width: int, theme: str) -> None:
    context = desk.browser.new_context(
        viewport=ViewportSize(width=width, height=pictures.SIZES[width]),
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    # By night only the colours differ.
    rules = (
        {"runOnly": {"type": "rule", "values": ["color-contrast"]}} if theme == "dark" else RULES
    )
    found = dict(_violations(desk, context, rules))
    context.close()
    assert found == {}


def test_nothing_is_wider_than_a_phone(desk: Served) -> None:
    context = desk.browser.new_context(viewport={"width": 390, "height": 844})
    pictures.hold_still(context)
    page = pictures.signed_in(context, desk.address)
    wide = []
    for name, path in desk.pages.items():
        page.goto(desk.address + path)
        if page.evaluate("document.scrollingElement.scrollWidth > innerWidth"):
            wide.append(name)
    context.close()
    assert wide == []


def test_what_is_mirrored_finds_nothing_either(desk: Served) -> None:
    context = desk.browser.new_context(viewport={"width": 1440, "height": 900})
    pictures.hold_still(context)
    page = pictures.signed_in(context, desk.address)
    for name in ("inbox", "ticket", "postponed", "history", "inbox-then", "portal", "portal-asked"):
        page.goto(desk.address + desk.pages[name])
        page.evaluate("document.documentElement.dir = 'rtl'")
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), name
        assert list(_on(page)) == []
    context.close()


@pytest.mark.parametrize("name", ["postponed", "survivor"])
def test_what_opens_finds_nothing_either(desk: Served, name: str) -> None:
    context = desk.browser.new_context(viewport={"width": 1440, "height": 900})
    pictures.hold_still(context)
    page = pictures.signed_in(context, desk.address)
    page.goto(desk.address + desk.pages[name])
    page.evaluate("document.fonts.ready")  # an opened box stands where the widths of words put it
    boxes = page.locator("#main details").count()
    assert boxes > 5
    found = []
    for number in range(boxes):
        page.evaluate(
            "(n) => document.querySelectorAll('#main details').forEach((box, i) => (box.open = i === n))",
            number,
        )
        found += list(_on(page))
    context.close()
    assert found == []


def _violations(
    desk: Served, context: BrowserContext, rules: dict[str, Any]
) -> Iterator[tuple[str, list[str]]]:
    pictures.hold_still(context)
    door = context.new_page()
    door.goto(f"{desk.address}/sign-in")
    if found := list(_on(door, rules)):
        yield "sign-in", found
    page = pictures.signed_in(context, desk.address)
    for name, path in desk.pages.items():
        page.goto(desk.address + path)
        page.wait_for_load_state("load")
        if found := list(_on(page, rules)):
            yield name, found
    page.goto(desk.address + desk.pages["ticket"])
    page.wait_for_function("Boolean(customElements.get('desk-palette'))")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette [role=group]")
    if found := list(_on(page, rules)):
        yield "palette", found


def _on(page: Page, rules: dict[str, Any] = RULES) -> Iterator[str]:
    result = Axe().run(page, options=rules)
    assert result.response["passes"], "axe looked at nothing"
    for violation in result.response["violations"]:
        where = [node["html"][:160] for node in violation["nodes"][:3]]
        yield f"{violation['id']}: {violation['help']} {json.dumps(where)}"

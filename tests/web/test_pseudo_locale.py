"""Every page in a language that is a third longer and runs from right to left."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages import mofile
from babel.messages.catalog import Catalog
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from docs import take_pictures as pictures
from docs import translate

# The desk of these pages lies on SQLite in any run.
pytestmark = [pytest.mark.story, pytest.mark.once]

# Pages of the customer's, and of nobody, speak their own language.
NOT_OURS = re.compile(r"^/(portal|solved)")
# What is said in these is always ours, never somebody's name.
OURS = ".field__label, legend, .sheet__title, .button--main, .menu__title, .rail__title"


def pseudo(text: str) -> str:
    """Return a text a third longer, in brackets that show where it ends; what it is filled with stays."""
    bare = text.strip("\n")
    before, after = text[: len(text) - len(text.lstrip("\n"))], text[len(text.rstrip("\n")) :]
    longer = " ".join(["~~~~~~~"] * max(1, len(bare) // 24))
    return f"{before}⟦{bare} {longer}⟧{after}" if bare else text


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Catalog(locale="ar")
    for message in translate.collected():
        if not message.id:
            continue
        if isinstance(message.id, str):
            made.add(message.id, pseudo(message.id), context=message.context)
        else:
            forms = tuple(pseudo(message.id[1]) for _ in range(made.num_plurals))
            made.add(message.id, forms, context=message.context)
    folder = tmp_path_factory.mktemp("pseudo")
    path = folder / "ar" / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        mofile.write_mo(file, made)
    return folder


class Desk:
    """The believable desk in the pseudo-language, and its pages by name."""

    def __init__(self, address: str, pages: dict[str, str], browser: Browser) -> None:
        self.address, self.pages, self.browser = address, pages, browser

    def page(self, width: int) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": pictures.SIZES[width]}
        )
        pictures.hold_still(context)
        return pictures.signed_in(context, self.address)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, catalogue: Path) -> Iterator[Desk]:
    data = tmp_path_factory.mktemp("desk")
    pages = pictures.build(data)
    settings = {
        "DJANGO_SETTINGS_MODULE": "tests.pseudo.settings",
        "DESKBELL_PSEUDO": str(catalogue),
    }
    with pictures.served(data, settings) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=pictures.CHROMIUM, args=["--no-sandbox"]
        )
        started = Desk(address, pages, browser)
        page = started.page(1440)
        page.goto(f"{address}/me")
        page.get_by_label("Language").select_option("ar")
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/me?kept=profile")
        page.context.close()
        yield started
        browser.close()


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_every_page_turns_around_and_fits(desk: Desk, width: int) -> None:
    page = desk.page(width)
    wrong = []
    for name, path in desk.pages.items():
        if NOT_OURS.match(path):
            continue
        page.goto(desk.address + path)
        if page.evaluate("document.documentElement.dir") != "rtl":
            wrong.append((name, "does not turn around"))
        if page.evaluate("document.scrollingElement.scrollWidth > innerWidth"):
            wrong.append((name, "is wider than the window"))
        said = page.locator(OURS).all_inner_texts()
        wrong += [(name, text) for text in said if _is_left_out(text)]
    page.context.close()
    assert wrong == []


def test_axe_finds_nothing(desk: Desk) -> None:
    page = desk.page(1440)
    found = []
    for name, path in desk.pages.items():
        if NOT_OURS.match(path):
            continue
        page.goto(desk.address + path)
        result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag22aa"]})
        found += [(name, one["id"]) for one in result.response["violations"]]
    page.context.close()
    assert found == []


def _is_left_out(text: str) -> bool:
    """Whether words stand there that no catalogue knew; names of people and things are theirs."""
    return bool(re.search(r"[A-Za-z]{2}", text)) and "⟦" not in text and text not in NAMES


# Titles of pages that are somebody's or something's name.
NAMES = frozenset(
    {
        "Jan-Willem Breukelaar",
        "account number",
        "Bela Kerekes",
        "Wholesale",
        "Tomáš Novotný",
        "support@lomnica.example",
    }
)

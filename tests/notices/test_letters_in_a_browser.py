"""Every letter as mail programs show it: on a phone, a tablet and a desk, by day and by night, and as text.

Chromium stands in for them.  Nothing is fetched, nothing is wider than the window, axe finds nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from playwright.sync_api import Browser, Page, sync_playwright

from deskbell.channels.mail.models import Delivery
from deskbell.clock import now
from deskbell.notices import letters
from deskbell.notices.examples import example
from deskbell.notices.models import Notice
from deskbell.notices.rendering import FOLDER, Words
from deskbell.people.wording import PLACES
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.work.run import run_due
from docs.take_pictures import CHROMIUM
from tests.cast import Cast, by
from tests.desk import a_ticket

pytestmark = [pytest.mark.story, pytest.mark.once, pytest.mark.django_db]

RULES: dict[str, Any] = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}

RICH = (
    "<h2>Your zip</h2><p>Send it <strong>in</strong>, as <a href='https://lomnica.example/in'>we say"
    " here</a>:</p><ul><li>one</li><li><em>two</em></li></ul><blockquote>It came apart.</blockquote>"
    f"<pre><code>{'a long line of code ' * 12}</code></pre><p>{'W' * 120}</p><hr>"
    "<p><img alt='The zip' src='cid:zip@desk' width='1400' height='300'></p>"
)
LONG = f"https://lomnica.example/{'very-long/' * 20}end"


@pytest.fixture
def words(cast: Cast) -> dict[str, Words]:
    """Every letter by its name, with what makes letters wide."""
    names = {"team": "Lomnica Outdoor", "department": "Support", "agent": "Bela Kerekes"}
    signature = f"Béla\n{LONG}"
    found = {one: example(one, {}, signature=signature, **names) for one in PLACES}
    own = {
        "answer": f"Dear {{name}},\n\n{{answer}}\n\n> {LONG}",
        "signature": "{signature}\n{team}",
        **dict.fromkeys(("acknowledgement", "ask_if_solved", "portal"), f"Look: {LONG}"),
    }
    found |= {f"{one}, own": example(one, own, signature="", **names) for one in PLACES}
    ticket = a_ticket(cast.support, cast.emil, subject="W" * 120)
    message = actions.reply(ticket, Content("Send it in.", html=RICH), by=by(cast.bela))
    found["rich answer"] = letters.answer(message, "Lomnica Outdoor", LONG)
    message.subject = "Fwd: The zip"
    found["forward"] = letters.forward(message, "Lomnica Outdoor")
    with translation.override("hu"):
        found["Hungarian"] = example("ask_if_solved", {}, signature="", **names)
    actions.note(ticket, Content(f"Look: {LONG}"), by=by(cast.anna), mentions=(cast.bela,))
    run_due()
    found["notice"] = letters.of_notices(_notices(cast, ticket.pk), "reply")
    found["not taken"] = letters.not_taken(cast.bela.account, 7, f"Because of {LONG}", ticket.code)
    for purpose in (Delivery.Purpose.INVITATION, Delivery.Purpose.NEW_PASSWORD):
        found[str(purpose)] = letters.to_account(purpose, cast.bela.account, "Lomnica Outdoor")
    endings = [
        letters.Ending(f"{'help' * 15}@desk.example", is_over=over, at=now(), box=1, provider=of)
        for over, of in ((False, ""), (True, ""), (False, "microsoft"))
    ]
    found["permission ends"] = letters.permission_ends(cast.bela.account, endings)
    found["probe"] = letters.probe(f"{'help' * 15}@desk.example")
    return found


def _notices(cast: Cast, ticket_id: int) -> list[Notice]:
    return list(Notice.objects.filter(ticket=ticket_id).select_related("ticket__subject", "agent"))


def test_every_letter_there_is_is_looked_at(words: dict[str, Words]) -> None:
    folders = {one.name for one in FOLDER.iterdir() if one.is_dir()}
    looked_at = {one.replace(" ", "_") for one in words} & folders
    assert looked_at == folders


def test_the_text_of_a_letter_is_whole(words: dict[str, Words]) -> None:
    for name, one in words.items():
        lines = one.text.splitlines()
        assert [line for line in lines if line != line.rstrip() and line != "-- "] == [], name
        assert "\n\n\n" not in one.text, name
        assert one.text == one.text.strip("\n") + "\n", name
        # What the buttons lead to stands in the text as well.
        for address in re.findall(r'href="(https?://[^"]+)"', one.html):
            is_told = address.replace("&amp;", "&") in one.text
            assert is_told or address == "https://lomnica.example/in", (name, address)


def test_every_letter_fits_every_window(words: dict[str, Words]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        found = list(_looked_at(browser, words))
        browser.close()
    assert found == []


def _looked_at(browser: Browser, words: dict[str, Words]) -> Iterator[str]:
    for width in (320, 600, 1200):
        for theme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": 800},
                color_scheme="dark" if theme == "dark" else "light",
            )
            asked: list[str] = []
            context.route("**/*", lambda route, asked=asked: _refuse(route, asked))
            page = context.new_page()
            for name, one in words.items():
                page.set_content(one.html, wait_until="load")
                # The letter leaves the ground to the program; axe takes it for white until it is told.
                page.add_style_tag(content="html { background: Canvas }")
                yield from (f"{name} {width} {theme}: {what}" for what in _wrong_with(page, width))
            yield from (f"{width} {theme} asked for {address}" for address in asked)
            context.close()


def _refuse(route: Any, asked: list[str]) -> None:
    if not route.request.url.startswith("cid:"):
        asked.append(route.request.url)
    route.abort()


def _wrong_with(page: Page, width: int) -> Iterator[str]:
    if page.evaluate("document.scrollingElement.scrollWidth") > width:
        yield "wider than the window"
    if page.evaluate("[...document.links].some((link) => !link.textContent.trim())"):
        yield "a link without words"
    if page.evaluate("document.querySelectorAll('table, script, link, [onclick]').length"):
        yield "something that no letter needs"
    widest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('p, div')].map((one) => one.offsetWidth))"
    )
    if widest > 600:
        yield "lines longer than anybody reads"
    for violation in Axe().run(page, options=RULES).response["violations"]:
        yield f"{violation['id']} {json.dumps([one['html'][:120] for one in violation['nodes'][:2]])}"

"""What strangers' HTML tries in tests/mails/attacks.txt: in a real browser nothing of it runs, nothing is fetched."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Dialog, sync_playwright
from selectolax.lexbor import LexborHTMLParser
from typing_extensions import override

from deskbell.channels.mail import safe_html
from deskbell.web.csp import HEADER
from deskbell.web.desk.frames import document, policy

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from docs import take_pictures as pictures

ATTACKS = [
    line
    for line in (Path(__file__).parents[2] / "mails/attacks.txt").read_text().split("\n")
    if line and not line.startswith("# ")
]


class Stranger(ThreadingHTTPServer):
    """The stranger's server: it shows each attack in its own page, and remembers what else it is asked for.

    /raw/3      the third attack as it came        /clean/3  cleaned, but under no policy
    /framed/3   as it came, under our policy       /shown/3  as we show it: cleaned, and under our policy
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[tuple[str, str]] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def attack(self, way: str, number: int) -> str:
        # Under another name than the page: what is asked of it is not of the page's own place.
        here = f"localhost:{self.server_port}/asked/{way}/{number}"
        return ATTACKS[number].replace("HERE", here)

    def page(self, way: str, number: int) -> str:
        html = self.attack(way, number)
        cleaned = safe_html.clean(html) if way in ("clean", "shown") else html
        return document(cleaned, pictures=False)


class _Answer(BaseHTTPRequestHandler):
    server: Stranger

    def do_GET(self) -> None:
        asked = re.fullmatch(r"/(raw|clean|framed|shown)/(\d+)", self.path)
        every = re.fullmatch(r"/all/(\w+)", self.path)
        if asked:
            return self._answer(self.server.page(asked[1], int(asked[2])), framed=asked[1])
        if every:
            frames = (
                f'<iframe src="/{every[1]}/{number}"></iframe>' for number in range(len(ATTACKS))
            )
            return self._answer("".join(frames), framed="")
        if not self.path.startswith(("/static/", "/favicon")):
            self.server.asked.append((self.path, self.headers.get("Sec-Fetch-Dest", "")))
        return self._answer("", framed="")

    def do_POST(self) -> None:
        self.do_GET()

    def _answer(self, body: str, *, framed: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Access-Control-Allow-Origin", "*")
        if framed in ("framed", "shown"):
            self.send_header(HEADER, policy(pictures=False))
        self.end_headers()
        self.wfile.write(body.encode())

    @override
    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def stranger() -> Iterator[Stranger]:
    server = Stranger()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=pictures.CHROMIUM, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


def asked_of(stranger: Stranger, browser: Browser, way: str) -> list[tuple[str, str]]:
    """Return what the stranger is asked for while all attacks are shown this way, and what pops up."""
    stranger.asked.clear()
    page = browser.new_page()

    def note(dialog: Dialog) -> None:
        stranger.asked.append((dialog.message, "dialog"))
        dialog.dismiss()

    page.on("dialog", note)
    page.goto(f"http://{stranger.address}/all/{way}")
    page.wait_for_timeout(1_500)
    page.close()
    return list(stranger.asked)


@pytest.mark.story
@pytest.mark.once
def test_nothing_of_an_attack_runs_or_is_fetched(stranger: Stranger, browser: Browser) -> None:
    raw = {
        path.split("/")[3] for path, _ in asked_of(stranger, browser, "raw") if "/asked/" in path
    }
    assert len(raw) > 90, "without our care the attacks succeed"

    assert asked_of(stranger, browser, "clean") == []
    assert asked_of(stranger, browser, "shown") == []


@pytest.mark.story
@pytest.mark.once
def test_the_frame_alone_holds_what_the_sanitiser_would_let_through(
    stranger: Stranger, browser: Browser
) -> None:
    asked = asked_of(stranger, browser, "framed")
    # A page may lead itself elsewhere, by which it leaves the frame's policy but gets no rights of ours.
    fetched = {where for path, where in asked if path.startswith("/asked/")}
    assert fetched <= {"iframe", "document"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_harmless_and_stays_so_when_it_is_read_again(attack: str) -> None:
    once = safe_html.clean(attack)
    assert safe_html.clean(once) == once
    assert_harmless(once)
    # What a browser writes of what it read says the same when it is read again.
    again = LexborHTMLParser(once)
    assert safe_html.inner(LexborHTMLParser(safe_html.inner(again))) == safe_html.inner(again)


@given(st.lists(st.sampled_from(ATTACKS), max_size=4).flatmap(st.permutations))
def test_attacks_together_are_harmless_too(attacks: list[str]) -> None:
    html = "".join(attacks)
    once = safe_html.clean(html)
    assert safe_html.clean(once) == once
    assert_harmless(once)


def assert_harmless(html: str) -> None:
    body = LexborHTMLParser(html).body
    assert body is not None
    for element in body.css("*"):
        if element.tag == "body":
            continue
        assert element.tag in safe_html.TAGS
        for name, given_value in element.attributes.items():
            value = (given_value or "").strip().lower()
            assert name in {*safe_html.ATTRIBUTES[element.tag or ""], "rel"}
            assert name not in ("id", "name", "class")
            assert not name.startswith("on")
            if name == "href":
                assert value.startswith(("http://", "https://", "mailto:", "tel:"))
            if name == "src":
                assert value.startswith(("cid:", "/files/", "data:image/"))
            if name == "style":
                assert not re.search(r"url|expression|import|position|\\|image", value)

"""Makes the pictures of the documents, and pictures of every page at three widths in both themes.

    bin/pictures                  docs/pictures/*.png, for the README and the guide for agents
    bin/pictures --all FOLDER     every page at 1440, 1024 and 390, light and dark, into FOLDER

The desk in them is a small believable one, made through the actions in a data folder of its own that is
gone afterwards; a real front serves it and a real browser looks at it.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
PASSWORD = "brass bell on the counter"  # docs/believable.py sets it
CHROMIUM = "/usr/bin/chromium"
SIZES = {1440: 900, 1024: 800, 390: 844}
START_SECONDS = 30


def main() -> int:
    """Build the desk, serve it, look at it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page, every width")
    folder: Path | None = parser.parse_args().all
    with tempfile.TemporaryDirectory(prefix="deskbell-pictures-") as data:
        pages = build(Path(data))
        with served(Path(data)) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            if folder is None:
                for_the_docs(browser, address, pages)
            else:
                every_page(browser, address, pages, folder)
            browser.close()
    return 0


def build(data: Path) -> dict[str, str]:
    """Make the desk in the data folder; return the pages worth looking at, by name."""
    script = ROOT / "docs" / "believable.py"
    made = subprocess.run(
        [sys.executable, str(script), str(data)],
        cwd=ROOT,
        env=_nothing_of_the_callers(),
        check=True,
        stdout=subprocess.PIPE,
    )
    pages: dict[str, str] = json.loads(made.stdout)
    return pages


@contextmanager
def served(data: Path, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """Run the front on a free port over `data`, and give its address.

    settings  further variables of its environment
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "deskbell.cli", "web", "--data", str(data)]
    with subprocess.Popen(
        [*command, "--http", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env=_nothing_of_the_callers() | dict(settings),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as front:
        try:
            _wait_for(f"{address}/sign-in")
            yield address
        finally:
            front.terminate()


def _nothing_of_the_callers() -> dict[str, str]:
    """Return the environment without the caller's own desk or the tests' settings.

    What makes the desk and what serves it must have the same: links are signed with its own key.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        and not name.startswith("DESKBELL_")
    }


# What the README and the guide for agents show.
IN_THE_DOCS = (
    "inbox",
    "found",
    "sweep",
    "ticket",
    "canned-answer",
    "new-ticket",
    "customer",
    "portal",
    "wishes",
    "my-security",
    "masking",
)


def for_the_docs(browser: Browser, address: str, pages: dict[str, str]) -> None:
    """Take the pictures that the README and docs/agents show."""
    PICTURES.mkdir(exist_ok=True)
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", locale="en-GB"
    )
    hold_still(context)
    page = signed_in(context, address)
    for name in IN_THE_DOCS:
        _look(page, address + pages[name])
        page.screenshot(path=PICTURES / f"{name}.png")
        print(PICTURES / f"{name}.png")


def every_page(browser: Browser, address: str, pages: dict[str, str], folder: Path) -> None:
    """Take a picture of every page at every width in both themes."""
    folder.mkdir(parents=True, exist_ok=True)
    for width, height in SIZES.items():
        for theme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if theme == "dark" else "light",
                locale="en-GB",
            )
            hold_still(context)
            door = context.new_page()
            _look(door, f"{address}/sign-in")
            door.screenshot(path=folder / f"sign-in-{width}-{theme}.png")
            page = signed_in(context, address)
            for name, path in pages.items():
                _look(page, address + path)
                page.screenshot(path=folder / f"{name}-{width}-{theme}.png")
            context.close()


def signed_in(context: BrowserContext, address: str, who: str = "vanda") -> Page:
    """Return a page of an agent of the believable desk who has signed in; Vanda owns it."""
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_label("Mail address").fill(f"{who}@lomnica.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{address}/")
    return page


def hold_still(context: BrowserContext) -> None:
    """Take the live line away: a page that draws itself anew cannot be looked at in peace."""
    context.route(
        "**/live_page*.js",
        lambda route: route.fulfill(content_type="text/javascript", body=""),
    )


def _look(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(250)


def _wait_for(address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            with urlopen(address, timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())

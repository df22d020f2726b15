"""Where a person writes in a real browser: the editor that stands over the field once it has come."""

from playwright.sync_api import Locator, Page


def words(page: Page) -> Locator:
    """Return the editor of the composer; whoever waits for it waits until it is there."""
    return page.locator(".composer__rich .composer__text")


def wipe(page: Page) -> None:
    """Take away all that is written, as a hand does.

    Not `fill("")`: it selects behind the editor's back, and presses Delete before the editor has heard of it.
    """
    words(page).press("Control+a")
    words(page).press("Delete")

"""Where a person writes in a real browser: the editor that stands over the field once it has come."""

from playwright.sync_api import Locator, Page


def words(page: Page) -> Locator:
    """Return the editor of the composer; whoever waits for it waits until it is there."""
    return page.locator(".composer__rich .composer__text")

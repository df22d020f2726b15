"""Pages whose scripts are listened to: what they complain of fails the test that it happened in.

An exception in the listener itself would end Playwright, and with it every test that comes after.  Playwright tells of
complaints while it is used: one that comes after a test's last step is the next one's.
"""

from playwright.sync_api import Page

complaints: list[str] = []


def watched(page: Page) -> Page:
    """Return `page`; what its scripts complain of is a failure of the test that runs."""
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    return page

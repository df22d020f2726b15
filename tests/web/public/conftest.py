"""For tests of customers' pages: a browser without an account, and the way to somebody's page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from deskbell import clock
from deskbell.notices import portal_links
from deskbell.notices.portal_links import Place
from deskbell.people.models import Address
from deskbell.tickets.models import Ticket


@pytest.fixture
def customer() -> Client:
    """Somebody's browser, with no account; it insists on CSRF as ours do."""
    return Client(enforce_csrf_checks=True)


def page_of(ticket: Ticket, address: Address) -> str:
    """Return the path of somebody's page, as a letter of this moment would have it."""
    return portal_links.path(Place(ticket.pk, address.pk, clock.now()))


def read(browser: Client, path: str) -> str:
    """Return a page that is there."""
    response = browser.get(path)
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


def press(browser: Client, path: str, **fields: object) -> str:
    """Send a form of the page as a browser does, and return the page that follows."""
    response = send(browser, path, **fields)
    assert response.status_code == 303, response.content.decode()
    return read(browser, response.headers["Location"])


def send(browser: Client, path: str, **fields: object) -> Any:
    """Send a form of the page and return the bare answer to it."""
    return browser.post(path, fields, headers={"origin": "null"})

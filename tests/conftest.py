"""What holds for every test: the network ends at this machine, the clock can be held, and the
data folder is this run's own.  The whole suite runs once per database; DATABASE_URL says which.
"""

import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest
import time_machine
from django.conf import settings
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, expect, sync_playwright

from deskbell.search.check import check_documents
from deskbell.tickets.check import check_tickets
from tests.cast import Cast, meet
from tests.watched import complaints

# No test fails by the clock; hypothesis would, after 200 ms.
hypothesis_settings.register_profile("desk", deadline=None)
hypothesis_settings.load_profile("desk")
# Nor does a browser on a busy machine answer within Playwright's five seconds every time.
expect.set_options(timeout=20_000)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Noon of a Monday, standing still: `clock.shift(timedelta(days=4))` moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(db: None) -> Cast:
    """Everybody, in a desk that is set up."""
    return meet()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium beside a front that runs in the test's own process."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in the test's thread, which Django takes for a mistake.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def _every_ticket_replays_to_its_row(request: pytest.FixtureRequest) -> Iterator[None]:
    """The first invariant, after every test that touched the database; and that what was said is found."""
    marker = request.node.get_closest_marker("django_db")
    touches = marker is not None or {"db", "transactional_db"} & set(request.fixturenames)
    if touches:
        is_transactional = "transactional_db" in request.fixturenames or (
            marker is not None and marker.kwargs.get("transaction", False)
        )
        request.getfixturevalue("transactional_db" if is_transactional else "db")
    yield
    if touches:
        assert [problem for _, found in check_tickets() for problem in found] == []
        assert list(check_documents()) == []


@pytest.fixture(autouse=True)
def _no_script_complains() -> Iterator[None]:
    """What the scripts of a watched page complain of, a failure of the test that they did it in."""
    yield
    said = list(complaints)
    complaints.clear()
    assert said == []


@pytest.fixture(autouse=True, scope="session")
def _network_ends_here() -> Iterator[None]:
    """Refuse connections and look-ups that would leave the machine."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex, getaddrinfo = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_the_outside(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_the_outside(address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_the_outside((host,))
        return getaddrinfo(host, *args, **kwargs)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
    yield
    patch.undo()


class LeftTheMachine(AssertionError):
    """A test tried to reach something outside."""


def _refuse_the_outside(address: Any) -> None:
    if not isinstance(address, tuple):  # a Unix socket
        return
    host = address[0]
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost"):
        return
    try:
        inside = ip_address(host).is_loopback or ip_address(host).is_unspecified
    except ValueError:
        inside = False
    if not inside:
        raise LeftTheMachine(f"a test wanted to reach {host}")


def pytest_sessionfinish() -> None:
    shutil.rmtree(settings.DATA, ignore_errors=True)

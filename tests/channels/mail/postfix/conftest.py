"""A desk beside a real Postfix; a Dovecot knows the passwords, and takes what is left lying."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import override_settings

from tests.channels.mail.door import an_open_door
from tests.fakes.dovecot import PROGRAM, Dovecot
from tests.fakes.postfix import MISSING, Postfix
from tests.fakes.relay import Relay


@dataclass(frozen=True)
class Servers:
    """Both, for all tests of a run."""

    postfix: Postfix
    dovecot: Dovecot | None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave these out where there is no Postfix; bin/test installs it, or says that they are left out."""
    if MISSING:
        for item in items:
            if "postfix" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Both run for all tests, for they take a second to start."""
    with ExitStack() as stack:
        dovecot = stack.enter_context(Dovecot()) if PROGRAM else None
        postfix = Postfix(
            sasl=dovecot.sasl if dovecot else 0,
            maildirs=dovecot.folder / "mail" if dovecot else None,
            pipe_user=_who_reaches_the_database(),
        )
        yield Servers(stack.enter_context(postfix), dovecot)


@pytest.fixture
def server(servers: Servers) -> Iterator[Postfix]:
    """Postfix with an empty queue."""
    servers.postfix.forget()
    yield servers.postfix
    servers.postfix.forget()


@pytest.fixture
def dovecot(servers: Servers) -> Dovecot:
    """Dovecot; without it a test is left out."""
    if servers.dovecot is None:
        pytest.skip("no dovecot")
    return servers.dovecot


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """The data folder of this test's desk alone."""
    folder = tmp_path / "desk"
    folder.mkdir()
    with override_settings(DATA=folder):
        yield folder


@pytest.fixture
def door(server: Postfix, data: Path) -> Iterator[None]:
    """The desk takes letters, where Postfix brings them."""
    with an_open_door(server.desk):
        yield


@pytest.fixture
def world(server: Postfix) -> Iterator[Relay]:
    """Everybody else's mail server."""
    with Relay(port=server.world) as relay:
        yield relay


def _who_reaches_the_database() -> str:
    """Return as whom the pipe runs: the socket of bin/with-postgres lies in a folder that is closed to others."""
    folder = parse_qs(urlsplit(os.environ.get("DATABASE_URL", "")).query).get("host", [""])[0]
    return Path(folder).owner() if folder.startswith("/") else "nobody"

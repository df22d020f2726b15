"""A desk with a mail box whose letters lie on a Dovecot of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from tests.channels.mail.fetch.desk import Box
from tests.fakes.dovecot import PROGRAM, Dovecot


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave these out where there is no Dovecot; bin/test installs it, or says that they are left out."""
    if not PROGRAM:
        for item in items:
            if "fetch" in item.path.parts:
                item.add_marker(pytest.mark.skip(reason="no dovecot"))


@pytest.fixture(scope="session")
def server() -> Iterator[Dovecot]:
    """Dovecot; one for all tests, for it takes a second to end.  Each mail box has a user of its own."""
    with Dovecot() as server:
        yield server


@pytest.fixture
def box(db: None, server: Dovecot, tmp_path: Path) -> Iterator[Box]:
    """help@desk.example of Support, whose letters lie there; nothing is fetched yet."""
    with override_settings(DATA=tmp_path / "desk"):
        yield Box(server)

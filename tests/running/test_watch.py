"""The certificate is looked at as a browser would, with a short patience; the disk once a day."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.test import override_settings

from deskbell import clock as desk_clock
from deskbell.running import watch
from tests.fakes.certificate import self_signed


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(tmp_path: Path) -> Iterator[None]:
    with override_settings(DATA=tmp_path):
        yield


@contextmanager
def served() -> Iterator[int]:
    """Serve TLS with a certificate that nobody trusts; yield the port."""
    context = self_signed("127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    line, _peer = listener.accept()
                    with line, suppress(OSError):
                        context.wrap_socket(line, server_side=True).close()

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_certificate_that_nobody_trusts_is_told_with_its_end() -> None:
    with served() as port, override_settings(DESK_URL=f"https://127.0.0.1:{port}"):
        watch.look_at_certificate()
        found = watch.certificate()
    assert found is not None
    assert found.expires_at is not None
    assert timedelta(0) < found.expires_at - desk_clock.now() < timedelta(days=2)
    assert "self" in found.problem


def test_where_nothing_is_served_the_reason_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with override_settings(DESK_URL=f"https://127.0.0.1:{port}"):
        watch.look_at_certificate()
        found = watch.certificate()
    assert found is not None
    assert (found.expires_at, found.problem) == (None, "Connection refused")


def test_what_was_found_elsewhere_says_nothing_of_here() -> None:
    with served() as port, override_settings(DESK_URL=f"https://127.0.0.1:{port}"):
        watch.look_at_certificate()
    with override_settings(DESK_URL="https://desk.example"):
        assert watch.certificate() is None
    with override_settings(DESK_URL="http://desk.example"):
        watch.look_at_certificate()
        assert watch.certificate() is None
    assert not watch._certificate_file().exists()


def test_a_broken_note_is_no_note() -> None:
    watch._certificate_file().write_text("{")
    watch._disk_file().write_text('{"free": 3}')
    assert watch.certificate() is None
    assert watch.shrinks_by_bytes() is None


def test_how_fast_the_disk_fills_is_seen_after_some_days(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 100_000
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    for _day in range(40):
        watch._look_at_disk()
        watch._look_at_disk()
        clock.shift(timedelta(days=1))
        free -= 1_000
    assert watch.shrinks_by_bytes() == 1_000
    assert len(watch._looks()) == watch.DAYS_KEPT

"""A letter is here within a moment where the server tells of it; and nothing depends on that."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from deskbell.channels.mail.fetch import listening, look
from deskbell.channels.mail.models import Source
from deskbell.work.models import Job
from tests.channels.mail.fetch.desk import Box, a_letter
from tests.fakes.dovecot import Dovecot

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_letter_brings_a_look_at_once(box: Box) -> None:
    box.start()
    Job.objects.all().delete()
    with listener() as stopping:
        wait_until(lambda: Source.objects.exclude(listened_until=None).exists())
        wait_until(lambda: Job.objects.filter(name="fetch_letters").exists())
        time.sleep(0.5)
        Job.objects.all().delete()

        box.deliver(a_letter())
        wait_until(lambda: Job.objects.filter(name="fetch_letters").exists())

        ended = time.monotonic()
        stopping.set()
    assert time.monotonic() - ended < 4.5, "SIGTERM leaves five seconds"
    assert Source.objects.get().listened_until is None


def test_where_the_server_tells_nothing_nobody_is_called_the_listener(box: Box) -> None:
    with Dovecot(without=("IDLE",)) as mute:
        box.server = mute
        box.enter()
        box.start()
        with listener():
            wait_until(lambda: Source.objects.exclude(listener="").exists())
            wait_until(lambda: Source.objects.filter(listened_until=None).exists())


def test_a_server_that_hangs_up_is_noticed_at_once_and_heard_again(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "FIRST_REST_SECONDS", 0.5)
    with Dovecot() as own:
        box.server = own
        box.enter()
        box.start()
        with listener():
            wait_until(lambda: Source.objects.exclude(listened_until=None).exists())
            time.sleep(0.5)
            Job.objects.all().delete()
            own.stop()
            wait_until(lambda: Job.objects.filter(name="fetch_letters").exists())
            own.start()
            time.sleep(0.5)
            Job.objects.all().delete()
            wait_until(lambda: Source.objects.exclude(listened_until=None).exists())
            box.deliver(a_letter())
            wait_until(lambda: Job.objects.filter(name="fetch_letters").exists())


def test_of_several_folders_the_inbox_is_heard_and_all_are_looked_into_every_minute(
    box: Box,
) -> None:
    box.server.make_folder(box.user, "Temp")
    box.start(folders=["Temp", "INBOX"])
    with listener():
        wait_until(lambda: Source.objects.exclude(listened_until=None).exists())
        time.sleep(0.5)
        Job.objects.all().delete()
        box.deliver(a_letter())
        wait_until(lambda: Job.objects.filter(name="fetch_letters").exists())
        source = box.look()
        assert source.last_look_at is not None
        assert source.next_look_at is not None
        assert source.next_look_at - source.last_look_at == look.UNLISTENED


def test_one_listens_for_all_workers(box: Box) -> None:
    box.start()
    assert listening._claimed("one", []) == [box.source.pk]
    assert listening._claimed("other", []) == []


def test_whoever_waits_needs_no_thread_beside(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.start()
    with listener():
        wait_until(lambda: Source.objects.exclude(listened_until=None).exists())
        time.sleep(0.5)
        monkeypatch.setattr(threading, "Timer", lambda *_: pytest.fail("a timer, while waiting"))
        time.sleep(1.5)
        monkeypatch.undo()
        assert Source.objects.get().listened_until is not None


@contextmanager
def listener() -> Iterator[threading.Event]:
    """Let one listen as in a worker."""
    stopping = threading.Event()

    def run() -> None:
        try:
            listening.listen(stopping)
        finally:
            connection.close()  # as the worker does

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield stopping
    finally:
        stopping.set()
        thread.join(10)
    assert not thread.is_alive()


def wait_until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until it holds."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)

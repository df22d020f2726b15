"""The bell rings after a commit, and only then."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from deskbell import clock
from deskbell.work.models import Tick
from deskbell.work.signal import Watch, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def watch() -> Iterator[Watch]:
    listening = Watch()
    yield listening
    listening.close()


def test_a_commit_rings_once(watch: Watch) -> None:
    assert not watch.wait(0.1)
    with transaction.atomic():
        write("one")
        assert not watch.wait(0.1)  # nothing is committed yet
    assert watch.wait(5)
    assert not watch.wait(0.1)


def test_what_is_rolled_back_rings_nobody(watch: Watch) -> None:
    with transaction.atomic():
        write("none")
        transaction.set_rollback(True)
    assert not watch.wait(0.1)


def test_who_waits_already_is_woken(watch: Watch) -> None:
    def later() -> None:
        with transaction.atomic():
            write("later")
        connection.close()

    thread = threading.Timer(0.1, later)
    thread.start()
    assert watch.wait(10)
    thread.join()


def write(name: str) -> None:
    Tick.objects.create(name=name, last_run=clock.now())
    tell()

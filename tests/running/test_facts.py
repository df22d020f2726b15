"""Facts are gathered from a real desk: its rows, its folder, its clocks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from deskbell import clock as desk_clock
from deskbell.channels.mail import letters
from deskbell.channels.mail.models import Delivery, Letter
from deskbell.running import facts, health
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.work import timetable
from deskbell.work.jobs import enqueue
from deskbell.work.models import Job, Tick
from tests.cast import Cast, by, meet
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db

LETTER = b"From: emil@acme.example\nMessage-ID: <%d@acme.example>\n\nThe zip came apart.\n"


@pytest.fixture
def cast(db: None, tmp_path: Path) -> Iterator[Cast]:
    with override_settings(DATA=tmp_path):
        yield meet()


def test_letters_and_deliveries_are_counted(cast: Cast) -> None:
    first = letters.keep(LETTER % 1, source="smtp")
    letters.keep(LETTER % 2, source="smtp")
    Letter.objects.filter(pk=first.pk).update(state=Letter.State.PARKED)
    ticket = a_ticket(cast.support, cast.emil)
    actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    found = facts.gather()
    assert (found.mail_in.parked, found.mail_in.last_at) == (
        1,
        Letter.objects.latest("id").received_at,
    )
    assert found.mail_in.waiting_since == Letter.objects.latest("id").received_at
    assert (found.mail_out.waiting, found.mail_out.held_up) == (1, 0)
    now = desk_clock.now()
    Delivery.objects.update(state=Delivery.State.DEFERRED, reason="timed_out", first_at=now)
    assert facts.gather().mail_out.held_up_since == now
    Delivery.objects.update(state=Delivery.State.FAILED)
    assert facts.gather().mail_out.failed == 1
    Delivery.objects.update(first_at=now - timedelta(days=8))
    assert facts.gather().mail_out.failed == 0


def test_a_worker_is_seen_by_the_timetable_that_it_keeps(cast: Cast) -> None:
    assert facts.gather().jobs.worker_seen_at is None
    timetable.tick()
    found = facts.gather().jobs
    assert found.worker_seen_at == Tick.objects.latest("last_run").last_run
    assert found.oldest_due_at == Job.objects.earliest("run_at").run_at
    Job.objects.update(state=Job.PARKED)
    enqueue("settle", key="1", run_at=desk_clock.now() + timedelta(hours=1), ticket_id=1)
    found = facts.gather().jobs
    assert (found.oldest_due_at, found.parked) == (None, len(timetable.TIMETABLE))


def test_a_desk_that_nobody_serves_is_told_apart(cast: Cast) -> None:
    assert not facts.gather(is_served=False).jobs.is_served
    assert facts.gather().jobs.is_served


def test_a_clock_that_was_set_back_is_seen(cast: Cast) -> None:
    a_ticket(cast.support, cast.emil)
    assert facts.gather().clocks.files_ahead < timedelta(seconds=5)
    with time_machine.travel(desk_clock.now() - timedelta(days=2), tick=False):
        found = facts.gather()
        assert found.clocks.newest_at is not None
        assert found.clocks.newest_at - found.now > timedelta(days=1)
        assert found.clocks.files_ahead > timedelta(days=1)
        [line] = [line for line in health.judge(found) if line.part == "clock"]
        assert line.state == health.WRONG
        if connection.vendor == "postgresql":
            assert "clock of the database" in " ".join(line.sentences)


def test_disk_and_version_are_those_of_this_machine(cast: Cast) -> None:
    found = facts.gather()
    assert 0 < found.disk.free_bytes < found.disk.total_bytes
    assert found.version.size_bytes > 10_000
    assert (
        found.version.engine == {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
    )
    assert list(settings.DATA.glob(".clock-*")) == []


def test_a_disk_that_takes_no_file_any_more_keeps_nobody_from_being_told(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_how: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", full)
    assert facts.gather().clocks.files_ahead == timedelta()


def test_the_number_of_queries_is_always_the_same(cast: Cast) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            facts.gather()
        return len(queries)

    before = asked()
    for number in range(5):
        letters.keep(LETTER % number, source="smtp")
        a_ticket(cast.support, cast.emil)
    assert asked() == before <= 20

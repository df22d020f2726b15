"""A backup is made every night, once, and what failed is made up for; the newest seven are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.test import override_settings

from deskbell.backups import archive, shelf
from deskbell.people.models import Desk
from deskbell.running import nightly
from tests.cast import Cast, meet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(clock: time_machine.Traveller, tmp_path: Path) -> Iterator[Cast]:
    with override_settings(DATA=tmp_path):
        yield meet()


def nights() -> list[shelf.Kept]:
    return [one for one in shelf.kept() if one.why == shelf.NIGHTLY]


def test_a_new_desk_waits_for_its_first_night(cast: Cast, clock: time_machine.Traveller) -> None:
    now = datetime.now(UTC)
    assert not nightly.is_due(now)
    assert not nightly.is_due(now + timedelta(hours=12, minutes=59))
    assert nightly.is_due(now + timedelta(hours=13))
    Desk.objects.update(set_up_at=None)
    assert not nightly.is_due(now + timedelta(days=9))


def test_each_night_gets_one_and_seven_are_kept(cast: Cast, clock: time_machine.Traveller) -> None:
    for _night in range(9):
        clock.shift(timedelta(days=1))
        assert nightly.is_due(datetime.now(UTC))
        assert nightly.make_it()
        assert not nightly.is_due(datetime.now(UTC))
    assert len(nights()) == 7
    assert archive.look(nights()[0].path).why == "nightly"


def test_one_that_failed_is_told_and_made_up_for(
    cast: Cast, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    clock.shift(timedelta(days=1))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_room)
        assert not nightly.make_it()
    failure = shelf.last_failure()
    assert failure is not None
    assert "No space left on device" in failure.sentence
    assert nightly.is_due(datetime.now(UTC))
    assert nightly.make_it()
    assert shelf.last_failure() is None


def test_it_can_be_switched_off(cast: Cast, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(days=1))
    nightly.switch(on=False)
    assert not nightly.is_due(datetime.now(UTC))
    nightly.switch(on=True)
    assert nightly.is_due(datetime.now(UTC))


def test_it_is_made_by_a_process_of_its_own_on_this_very_desk(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests' settings name their own folder; the product's read it from the environment.
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "deskbell.settings")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    process = nightly.begin()
    # What it finds there is no desk, and it says so in the right place.
    assert process.wait(60) == 1
    failure = shelf.last_failure()
    assert failure is not None
    assert "database" in failure.sentence
    assert shelf.folder() == settings.DATA / "backups"


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        (datetime(2026, 3, 29, tzinfo=UTC), "01:30"),  # half past two there is none
        (datetime(2026, 10, 25, tzinfo=UTC), "00:30"),  # it is there twice
        (datetime(2026, 6, 1, tzinfo=UTC), "00:30"),
    ],
)
def test_a_night_begins_once_also_when_clocks_are_changed(day: datetime, begins: str) -> None:
    zone, half_past_two = ZoneInfo("Europe/Budapest"), time(2, 30)
    began = {
        nightly.last_night(day + timedelta(minutes=minute), zone, half_past_two)
        for minute in range(24 * 60)
    }
    [this] = [night for night in began if night >= day]
    assert f"{this:%H:%M}" == begins
    assert len(began) == 2, "the night before, and this one"


def test_the_night_is_that_of_the_desk(cast: Cast, clock: time_machine.Traveller) -> None:
    Desk.objects.update(time_zone="Asia/Tokyo")  # nine hours ahead: one o'clock there is 16:00
    noon = datetime.now(UTC)
    assert not nightly.is_due(noon + timedelta(hours=3, minutes=59))
    assert nightly.is_due(noon + timedelta(hours=4))

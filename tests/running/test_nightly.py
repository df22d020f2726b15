"""A backup is made every night, once, and what failed is made up for; the newest seven are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

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

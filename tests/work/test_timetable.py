"""What happens by the clock happens once a tick, whoever looks, and is caught up once after a stop."""

from datetime import timedelta

import pytest
import time_machine
from django.utils.module_loading import import_string

from deskbell import clock as desk_clock
from deskbell.security.models import Session
from deskbell.security.sessions import SessionStore
from deskbell.work.jobs import run_due
from deskbell.work.models import Job
from deskbell.work.timetable import TIMETABLE, Line, tick

pytestmark = pytest.mark.django_db

HOURLY = (Line("hourly", timedelta(hours=1), "tests.work.test_timetable.ring"),)
rung: list[None] = []


def ring() -> None:
    """What the line of these tests does."""
    rung.append(None)


def test_a_line_runs_once_a_tick_however_many_workers_look(clock: time_machine.Traveller) -> None:
    assert tick(HOURLY) == tick(HOURLY) == desk_clock.now() + timedelta(hours=1)
    assert Job.objects.count() == 1
    clock.shift(timedelta(minutes=59))
    tick(HOURLY)
    assert Job.objects.count() == 1
    assert run_due() == 1
    clock.shift(timedelta(minutes=1))
    tick(HOURLY)
    assert run_due() == 1


def test_a_desk_that_stood_still_for_a_week_catches_up_once(clock: time_machine.Traveller) -> None:
    tick(HOURLY)
    run_due()
    clock.shift(timedelta(days=7))
    tick(HOURLY)
    tick(HOURLY)
    assert run_due() == 1


def test_a_clock_that_was_set_back_stops_nothing(clock: time_machine.Traveller) -> None:
    tick(HOURLY)
    run_due()
    clock.shift(timedelta(days=-365))
    tick(HOURLY)
    assert run_due() == 1


def test_what_is_to_be_forgotten_has_its_line() -> None:
    forgotten = {line.function for line in TIMETABLE if line.function.endswith(".forget_old")}
    assert "deskbell.security.throttle.forget_old" in forgotten


def test_every_line_names_a_function() -> None:
    for line in TIMETABLE:
        assert callable(import_string(line.function))
    assert len({line.name for line in TIMETABLE}) == len(TIMETABLE)


def test_sessions_that_ran_out_are_cleared(clock: time_machine.Traveller) -> None:
    session = SessionStore()
    session.set_expiry(timedelta(hours=1))
    session.save()
    clock.shift(timedelta(hours=2))
    tick()
    run_due()
    assert not Session.objects.exists()

"""A newer version is started on older data: backed up, upgraded, and with a way back, whatever happens on the way."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.running import RunningDesk, a_running_desk, another_place_for, letter, until

pytestmark = pytest.mark.story

DJANGO = ("--settings", "deskbell.settings")
# Reaches the middle of the upgrade, and is killed there.
KILLED_ON_THE_WAY = """
import os, signal
os.environ["DJANGO_SETTINGS_MODULE"] = "deskbell.settings"
from importlib import import_module
from deskbell import prepare
prepare.settings_ready()
from django.db.migrations import RunPython
migration = import_module("deskbell.security.migrations.0003_second_factor").Migration
kill = RunPython(lambda *_: os.kill(os.getpid(), signal.SIGKILL))
migration.operations = [*migration.operations, kill]
prepare.database_ready()
"""


@pytest.fixture
def older_desk(tmp_path: Path) -> Iterator[RunningDesk]:
    """A desk that has ended, with one ticket, and with data as an older version had them."""
    with a_running_desk(tmp_path / "desk") as desk:
        desk.hire_owner()
        desk.mail(letter("It came apart.", subject="The zip"))
        until(desk.tickets, "the ticket")
        desk.stop()
        desk.run_module("django", "migrate", "security", "zero", *DJANGO)
        yield desk
        desk.start()


def backups(desk: RunningDesk) -> list[Path]:
    return sorted((desk.data / "backups").glob("before-upgrade-*.tar.gz"))


def lacking(desk: RunningDesk) -> str:
    return desk.run_module("django", "showmigrations", "security", *DJANGO)


def test_the_way_forward_and_the_way_back(older_desk: RunningDesk, tmp_path: Path) -> None:
    older_desk.start()
    assert "[X] 0003_second_factor" in lacking(older_desk)
    [made] = backups(older_desk)
    older_desk.stop()
    with another_place_for(older_desk, tmp_path / "before") as before:
        before.run("restore", str(made))
        assert "[ ] 0003_second_factor" in lacking(before), "it is as it was before the upgrade"
        assert "1 ticket looked at, 0 problems" in before.check()


def test_an_upgrade_that_is_killed_on_the_way_leaves_the_data_as_they_were(
    older_desk: RunningDesk,
) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", KILLED_ON_THE_WAY],
        env=older_desk.environment,
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    assert "[ ] 0003_second_factor" in lacking(older_desk)
    assert len(backups(older_desk)) == 1
    older_desk.start()
    assert "[X] 0003_second_factor" in lacking(older_desk)
    older_desk.stop()


def test_an_older_version_does_not_run_on_data_of_a_newer_one(older_desk: RunningDesk) -> None:
    newer = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "from django.db.migrations.recorder import MigrationRecorder as Recorder\n"
        "Recorder(connection).record_{what}('tickets', '0999_newer')\n"
    )
    environment = {**older_desk.environment, "DJANGO_SETTINGS_MODULE": "deskbell.settings"}

    def record(what: str) -> None:
        words = [sys.executable, "-P", "-c", newer.format(what=what)]
        subprocess.run(words, env=environment, check=True)

    record("applied")
    words = [sys.executable, "-P", "-m", "deskbell.cli", "serve", "--http", older_desk.http]
    refused = subprocess.run(
        [*words, "--smtp", older_desk.smtp],
        env=older_desk.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 78
    assert refused.stderr.startswith("A newer Deskbell has run on this desk (tickets.0999_newer)")
    record("unapplied")

"""A desk is brought up to date before it runs, and what was there is kept first."""

import sqlite3
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from deskbell import prepare

ON_SQLITE = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has pg_dump")


def backups() -> set[Path]:
    return set((settings.DATA / "backups").glob("before-migration-*.sqlite3"))


@pytest.fixture
def a_database_of_an_older_version() -> None:
    """Take the newest migration of the sessions back; it is small and nobody depends on it."""
    MigrationExecutor(connection).migrate([("sessions", None)])


@pytest.mark.django_db(transaction=True)
def test_a_current_database_is_left_alone() -> None:
    before = backups()
    prepare.ready()
    assert prepare._lacking() == []
    assert backups() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("a_database_of_an_older_version")
def test_an_older_database_is_migrated() -> None:
    assert prepare._lacking() == ["sessions.0001_initial"]
    prepare.ready()
    assert prepare._lacking() == []


@ON_SQLITE
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("a_database_of_an_older_version")
def test_a_backup_is_made_before_and_holds_what_was_there() -> None:
    assert connection.vendor == "sqlite"
    before = backups()
    prepare.ready()
    (made,) = backups() - before
    assert made.stat().st_mode & 0o077 == 0
    copy = sqlite3.connect(made)
    try:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = copy.execute("SELECT 1 FROM django_migrations WHERE app = 'sessions'").fetchall()
        assert rows == []
    finally:
        copy.close()


@pytest.mark.django_db
def test_a_problem_is_told_in_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    from deskbell import checks, environment

    problem = environment.Problem("deskbell.E999", "It rains.", "Wait.")
    monkeypatch.setattr(settings.ENVIRONMENT, "problems", [problem])
    assert checks.settings_are_usable()
    with pytest.raises(prepare.NotReady, match=r"deskbell.E999 It rains. Wait."):
        prepare.ready()


@pytest.mark.django_db(transaction=True)
def test_a_desk_whose_seed_was_interrupted_runs_only_to_be_seeded_anew() -> None:
    note = settings.DATA / prepare.SEED_NOTE
    note.write_text("[]")
    try:
        with pytest.raises(prepare.NotReady, match="seed once more"):
            prepare.ready()
        prepare.ready(half_seeded=True)
    finally:
        note.unlink()

"""A desk is brought up to date before it runs: a backup first, then all of it or nothing; there is a way back."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from deskbell import prepare
from deskbell.backups import archive, make, restore
from deskbell.backups.errors import BackupFailed


def backups() -> set[Path]:
    return set((settings.DATA / "backups").glob("before-upgrade-*.tar.gz"))


@pytest.fixture
def a_database_of_an_older_version() -> Iterator[None]:
    """Take the newest migrations of the API and the sessions back; they are small and nobody depends on them."""
    for app in ("security", "api"):
        MigrationExecutor(connection).migrate([(app, None)])
    yield
    call_command("migrate", verbosity=0)


# What an older database lacks then.
OLDER = [
    "api.0001_initial",
    "security.0001_failures",
    "security.0002_sessions",
    "security.0003_second_factor",
]


@pytest.fixture
def a_version_that_fails() -> Iterator[None]:
    """Let the migration of the sessions fail when it has made its table."""

    def fail(_apps: object, _editor: object) -> None:
        raise ValueError("it rains")

    migration: Any = import_module("deskbell.security.migrations.0003_second_factor").Migration
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migration, "operations", [*migration.operations, RunPython(fail)])
        yield


def tables() -> set[str]:
    return set(connection.introspection.table_names())


@pytest.mark.django_db(transaction=True)
def test_a_current_database_is_left_alone() -> None:
    before = backups()
    prepare.ready()
    assert prepare._lacking() == []
    assert backups() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("a_database_of_an_older_version")
def test_an_older_database_is_migrated() -> None:
    assert prepare._lacking() == OLDER
    prepare.ready()
    assert prepare._lacking() == []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("a_database_of_an_older_version")
def test_a_backup_is_made_before_and_holds_what_was_there() -> None:
    before = backups()
    prepare.ready()
    (made,) = backups() - before
    manifest = archive.look(made)
    assert manifest.why == "before-upgrade"
    assert "security" not in manifest.migrations
    assert "people" in manifest.migrations
    with tarfile.open(made) as tar:
        assert "data/secret-key" in tar.getnames()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("a_database_of_an_older_version", "a_version_that_fails")
def test_an_upgrade_that_fails_leaves_everything_as_it_was() -> None:
    before, saved = tables(), backups()
    with pytest.raises(prepare.NotReady) as failed:
        prepare.ready()
    (made,) = backups() - saved
    assert "failed: it rains. The desk is as it was before" in str(failed.value)
    assert str(made) in str(failed.value)
    assert tables() == before, "the migration that went well is taken back with the one that failed"
    assert prepare._lacking() == OLDER


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("a_database_of_an_older_version")
def test_an_upgrade_that_cannot_be_backed_up_is_refused_unless_it_is_told_to_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(**_how: object) -> None:
        raise BackupFailed("pg_dump is not installed.")

    monkeypatch.setattr(make, "back_up", refuse)
    with pytest.raises(prepare.NotReady, match=r"pg_dump is not installed\..*--without-backup"):
        prepare.ready()
    assert prepare._lacking() == OLDER
    prepare.database_ready(backup=False)
    assert prepare._lacking() == []


@pytest.mark.django_db(transaction=True)
def test_an_older_version_refuses_the_data_of_a_newer_one() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("tickets", "0999_from_the_future")
    try:
        with pytest.raises(prepare.NotReady, match="A newer Deskbell has run on this desk") as told:
            prepare.ready()
        assert "tickets.0999_from_the_future" in str(told.value)
    finally:
        recorder.record_unapplied("tickets", "0999_from_the_future")
    prepare.ready()


@pytest.mark.django_db(transaction=True)
def test_half_a_desk_does_not_run() -> None:
    half = settings.DATA / restore.UNDER_WAY
    half.mkdir()
    try:
        with pytest.raises(prepare.NotReady, match="was interrupted"):
            prepare.ready()
    finally:
        half.rmdir()


def test_every_migration_can_be_taken_back_with_all_others() -> None:
    apart = [
        f"{app}.{name}"
        for (app, name), migration in MigrationExecutor(None).loader.disk_migrations.items()
        if not migration.atomic
    ]
    assert apart == [], "an upgrade is one transaction: all of it, or nothing"


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

"""What stands in the way of a start is said with an id, a sentence and a remedy."""

import pytest
from django.db import connection

from deskbell import checks
from deskbell.environment import Problem


@pytest.mark.django_db
def test_this_database_is_good_enough() -> None:
    assert checks.database_is_usable(["default"]) == []


def test_a_wrong_setting_becomes_an_error(settings: object) -> None:
    from django.conf import settings as active

    active.ENVIRONMENT.problems.append(Problem("deskbell.E999", "It rains.", "Wait."))
    try:
        (error,) = checks.settings_are_usable()
    finally:
        active.ENVIRONMENT.problems.pop()
    assert (error.id, error.msg, error.hint) == ("deskbell.E999", "It rains.", "Wait.")


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about SQLite's version")
def test_an_old_sqlite_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert connection.vendor == "sqlite"
    monkeypatch.setattr(checks, "OLDEST_SQLITE", (99, 0, 0))
    assert [error.id for error in checks.database_is_usable(["default"])] == ["deskbell.E011"]


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="about PostgreSQL's version")
def test_an_old_postgresql_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "OLDEST_POSTGRESQL", 99)
    assert [error.id for error in checks.database_is_usable(["default"])] == ["deskbell.E013"]

"""What an operator may set, and how a mistake is told."""

import os
from pathlib import Path

import pytest
from django.conf import settings as active

from deskbell import environment
from deskbell.environment import database_from


def ids(found: environment.Environment) -> list[str]:
    return [problem.id for problem in found.problems]


def read(tmp_path: Path, **variables: str) -> environment.Environment:
    return environment.read({"DESKBELL_DATA": str(tmp_path / "data"), **variables})


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert found.problems == []
    assert found.database["ENGINE"] == "deskbell.database.sqlite"
    assert found.database["NAME"] == str(tmp_path / "data" / "deskbell.sqlite3")
    assert (found.url, found.relay, found.proxies) == ("http://127.0.0.1:8000", "", ())


def test_the_secret_key_is_made_once_for_its_owner_s_eyes(tmp_path: Path) -> None:
    first, second = read(tmp_path), read(tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 64
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_can_read_is_a_problem(tmp_path: Path) -> None:
    read(tmp_path)
    (tmp_path / "data" / "secret-key").chmod(0o644)
    assert ids(read(tmp_path)) == ["deskbell.E003"]


def test_an_empty_key_is_a_problem(tmp_path: Path) -> None:
    read(tmp_path)
    (tmp_path / "data" / "secret-key").write_text("")
    assert ids(read(tmp_path)) == ["deskbell.E004"]


def test_a_short_key_is_a_problem(tmp_path: Path) -> None:
    assert ids(read(tmp_path, DESKBELL_SECRET_KEY="short")) == ["deskbell.E002"]


def test_a_data_folder_that_cannot_be_made_is_a_problem() -> None:
    assert ids(environment.read({"DESKBELL_DATA": "/proc/nowhere"})) == ["deskbell.E001"]


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("DATABASE_URL", "mysql://root@localhost/desk", "deskbell.E005"),
        ("DATABASE_URL", "postgresql://localhost", "deskbell.E005"),
        ("DATABASE_URL", "postgresql://localhost:many/desk", "deskbell.E005"),
        ("DATABASE_URL", "sqlite://", "deskbell.E005"),
        ("DESKBELL_URL", "desk.example.com", "deskbell.E006"),
        ("DESKBELL_URL", "https://desk.example.com/help", "deskbell.E006"),
        ("DESKBELL_URL", "ftp://desk.example.com", "deskbell.E006"),
        ("DESKBELL_URL", "https://desk.example.com:99999", "deskbell.E006"),
        ("DESKBELL_PROXIES", "10.0.0.300", "deskbell.E007"),
        ("DESKBELL_RELAY", "mail.example.com", "deskbell.E008"),
        ("DESKBELL_UPLOAD_MB", "0", "deskbell.E009"),
        ("DESKBELL_UPLOAD_MB", "500", "deskbell.E009"),
        ("DESKBELL_UPLOAD_MB", "much", "deskbell.E009"),
        ("DESKBELL_SMTP_CERTIFICATE", "/nowhere/certificate.pem", "deskbell.E014"),
        ("DESKBELL_SMTP_KEY", "/nowhere/key.pem", "deskbell.E014"),
        ("DESKBELL_RELAY", "smtp://user:secret@mail.example.com:many", "deskbell.E008"),
    ],
)
def test_what_cannot_be_used_is_told_with_a_remedy_and_without_secrets(
    tmp_path: Path, variable: str, value: str, problem: str
) -> None:
    found = read(tmp_path, **{variable: value})
    assert ids(found) == [problem]
    assert found.problems[0].remedy
    assert "secret" not in found.problems[0].sentence


def test_the_public_address_decides_about_secure_cookies(tmp_path: Path) -> None:
    assert read(tmp_path, DESKBELL_URL="https://desk.example.com/").is_secure
    assert (
        read(tmp_path, DESKBELL_URL="https://desk.example.com/").url == "https://desk.example.com"
    )
    assert not read(tmp_path, DESKBELL_URL="http://desk.example.com").is_secure


@pytest.mark.parametrize(
    ("http", "url"),
    [
        ("127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("0.0.0.0:80", "http://127.0.0.1:80"),
        ("[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_until_then_the_address_is_guessed_from_where_the_desk_listens(
    tmp_path: Path, http: str, url: str
) -> None:
    assert read(tmp_path, DESKBELL_HTTP=http).url == url


def test_commands_beside_a_desk_know_where_it_was_served(tmp_path: Path) -> None:
    data = read(tmp_path).data
    environment.remember_url(data, "http://127.0.0.1:8123")
    assert read(tmp_path).url == "http://127.0.0.1:8123"
    assert not read(tmp_path).url_is_set
    assert read(tmp_path, DESKBELL_HTTP="127.0.0.1:9000").url == "http://127.0.0.1:9000"
    assert read(tmp_path, DESKBELL_URL="https://desk.example").url == "https://desk.example"


@pytest.mark.parametrize("rubbish", ["", "desk", "javascript:alert(1)", "http://[", "http://a/b"])
def test_an_address_that_is_none_is_not_remembered(tmp_path: Path, rubbish: str) -> None:
    environment.remember_url(read(tmp_path).data, rubbish)
    assert read(tmp_path).url == "http://127.0.0.1:8000"


def test_proxies_are_addresses_or_networks(tmp_path: Path) -> None:
    found = read(tmp_path, DESKBELL_PROXIES="10.0.0.5, 192.168.1.0/24 ::1")
    assert [str(one) for one in found.proxies] == ["10.0.0.5/32", "192.168.1.0/24", "::1/128"]


def test_a_postgresql_address_is_read_with_its_quoted_parts(tmp_path: Path) -> None:
    found = database_from("postgres://desk:p%40ss@db:5433/help?sslmode=require", tmp_path)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "desk",
        "p@ss",
        "db",
        "5433",
        "help",
    )
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_a_postgresql_socket_may_be_named(tmp_path: Path) -> None:
    found = database_from("postgresql:///help?host=/run/postgresql", tmp_path)
    assert (found["HOST"], found["NAME"], found["OPTIONS"]) == ("/run/postgresql", "help", {})


def test_the_tests_keep_to_a_folder_of_their_own() -> None:
    assert str(active.DATA).startswith(("/tmp/", os.environ.get("TMPDIR", "/tmp")))


def test_customers_may_send_what_the_operator_lets_them(tmp_path: Path) -> None:
    assert read(tmp_path).upload_megabytes == 25
    assert read(tmp_path, DESKBELL_UPLOAD_MB="40").upload_megabytes == 40

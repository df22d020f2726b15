"""A backup holds all of the desk as of one moment; a restore brings it back, or touches nothing."""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from psycopg.conninfo import make_conninfo

from deskbell.backups import make, postgres, restore, shelf
from deskbell.backups.errors import BackupFailed
from deskbell.channels.mail import letters, sealing
from deskbell.channels.mail.models import Letter
from deskbell.tickets import files
from deskbell.work.jobs import Later
from tests.cast import Cast, meet
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db(transaction=True)

ON_POSTGRESQL = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="about the tools of PostgreSQL"
)
LETTER = b"From: Emil <emil@acme.example>\nMessage-ID: <%d@acme.example>\n\nThe zip came apart.\n"


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    with override_settings(DATA=tmp_path / "desk"):
        (tmp_path / "desk").mkdir()
        yield meet()


@pytest.fixture
def empty_place(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Where a desk can be restored to: a new folder, and on PostgreSQL an empty database."""
    place = {"DESKBELL_DATA": str(tmp_path / "new")}
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield place
        return
    name = f"restored_{secrets.token_hex(4)}"
    with psycopg.connect(make_conninfo(url), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield {**place, "DATABASE_URL": re.sub(r"(//[^/]*)/[^?]*", rf"\1/{name}", url, count=1)}
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def asked(place: dict[str, str], query: str) -> list[Any]:
    """Ask the restored database."""
    if "DATABASE_URL" in place:
        with psycopg.connect(place["DATABASE_URL"]) as server:
            return server.execute(query).fetchall()
    with closing(sqlite3.connect(Path(place["DESKBELL_DATA"], "deskbell.sqlite3"))) as database:
        return database.execute(query).fetchall()


def under(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_all_of_the_desk_comes_back(cast: Cast, empty_place: dict[str, str]) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    kept = files.keep(b"a picture of the zip")
    letter = letters.keep(LETTER % 1, source="smtp")
    (settings.DATA / "logo.png").write_bytes(b"a picture of the house")
    made = make.back_up()
    assert made.path.parent == settings.DATA / "backups"
    assert made.path.stat().st_mode & 0o077 == 0
    assert (made.manifest.desk, made.manifest.why) == ("Lomnica Outdoor", "by-hand")
    assert made.manifest.counts["tickets"] == made.manifest.counts["letters"] == 1

    assert restore.restore(made.path, empty_place) == made.manifest
    new = Path(empty_place["DESKBELL_DATA"])
    assert asked(empty_place, "SELECT code FROM tickets_ticket") == [(ticket.code,)]
    assert (new / "secret-key").read_text().strip() == settings.SECRET_KEY
    assert (new / "letters" / letter.path).read_bytes() == LETTER % 1
    assert (new / files.path_of(kept.sha256).relative_to(settings.DATA)).exists()
    assert (new / "logo.png").read_bytes() == b"a picture of the house"
    assert new.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in new.rglob("*") if path.is_file())
    assert not restore.was_interrupted(new)


def test_what_passes_is_left_out(cast: Cast) -> None:
    for name in (
        "disk.json",
        "workers/abc",
        "tmp/body",
        "letters/tmp/half.eml",
        "files/tmp/half",
        "files/lock",
    ):
        path = settings.DATA / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("passes")
    first = make.back_up()
    assert set(first.manifest.counts) == {"tickets", "letters", "attachments", "files"}
    assert first.manifest.counts["files"] == 2, "database and key, and no backup of backups"


def test_every_file_that_the_copied_rows_name_is_in_it_while_letters_come_in(
    cast: Cast, empty_place: dict[str, str]
) -> None:
    ended, taken = threading.Event(), list[str]()

    def letters_come_in() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            taken.append(letters.keep(LETTER % number, source="smtp").path)
        connection.close()

    sender = threading.Thread(target=letters_come_in)
    sender.start()
    try:
        while len(taken) < 20:
            ended.wait(0.01)
        before = list(taken)
        made = make.back_up()
        assert len(taken) > len(before), "nothing came in meanwhile, so nothing was tried"
    finally:
        ended.set()
        sender.join()
    restore.restore(made.path, empty_place)
    named = {path for (path,) in asked(empty_place, "SELECT path FROM mail_letter")}
    there = set(under(Path(empty_place["DESKBELL_DATA"]) / "letters"))
    assert set(before) <= named
    assert named <= there


def test_nothing_is_shredded_while_a_backup_is_made(cast: Cast) -> None:
    letter = letters.keep(LETTER % 1, source="smtp")
    kept = files.keep(b"a card")
    os.utime(files.path_of(kept.sha256), (1, 1))
    Letter.objects.update(sealed_at=letter.received_at)
    with shelf.alone(wait=False):
        with pytest.raises(Later, match="backup_under_way"):
            sealing.shred_letter(letter.path)
        with pytest.raises(Later, match="backup_under_way"):
            files.shred_file(kept.sha256)
        assert letters.path_of(letter).exists()
    sealing.shred_letter(letter.path)
    files.shred_file(kept.sha256)
    assert not letters.path_of(letter).exists()
    assert not files.path_of(kept.sha256).exists()


def test_two_backups_at_once_are_one_too_many(cast: Cast) -> None:
    with shelf.alone(wait=False), pytest.raises(BackupFailed, match="is being made"):
        make.back_up()
    make.back_up()


def test_a_backup_goes_where_it_is_sent_and_overwrites_nothing(cast: Cast, tmp_path: Path) -> None:
    made = make.back_up(tmp_path / "mine.tar.gz")
    assert made.path == tmp_path / "mine.tar.gz"
    with pytest.raises(BackupFailed, match="is there already"):
        make.back_up(tmp_path / "mine.tar.gz")
    assert make.back_up(tmp_path).path.name.startswith("by-hand-")
    with pytest.raises(BackupFailed, match="There is no folder"):
        make.back_up(tmp_path / "nowhere" / "mine.tar.gz")


def test_one_that_fails_leaves_nothing(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    before = under(tmp_path / "desk")
    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(BackupFailed, match="No space left on device"):
        make.back_up()
    assert under(tmp_path / "desk") == {**before, "backup.lock": b""}


def test_a_folder_that_cannot_be_read_is_no_folder_to_leave_out(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir
    letters.keep(LETTER % 1, source="smtp")

    def refuse(path: Any) -> Any:
        if str(path).endswith("/letters"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(BackupFailed, match=r"Permission denied: .*letters"):
        make.back_up()


def test_what_a_killed_one_left_behind_is_swept_away(cast: Cast) -> None:
    left = shelf.folder() / ".backup-abc"
    left.mkdir()
    (left / "part").write_bytes(b"half")
    make.back_up()
    assert not left.exists()


def test_a_desk_that_is_there_is_never_overwritten(
    cast: Cast, empty_place: dict[str, str], tmp_path: Path
) -> None:
    made = make.back_up(tmp_path / "mine.tar.gz")
    new = Path(empty_place["DESKBELL_DATA"])
    new.mkdir()
    (new / "letter.eml").write_text("somebody's")
    with pytest.raises(BackupFailed, match="is not empty"):
        restore.restore(made.path, empty_place)
    assert under(new) == {"letter.eml": b"somebody's"}
    (new / "letter.eml").unlink()
    (new / "backups").mkdir()
    restore.restore(made.path, empty_place)
    again = {**empty_place, "DESKBELL_DATA": str(tmp_path / "third")}
    if connection.vendor == "postgresql":
        with pytest.raises(BackupFailed, match="is not empty"):
            restore.restore(made.path, again)
        assert not (tmp_path / "third").exists()


def test_how_far_it_is_is_told(cast: Cast, empty_place: dict[str, str], tmp_path: Path) -> None:
    seen = dict[str, tuple[int, int]]()

    def told(what: str, done: int, total: int) -> None:
        assert done >= seen.get(what, (0, 0))[0]
        seen[what] = (done, total)

    files.keep(b"a picture")
    made = make.back_up(tmp_path / "mine.tar.gz", told=told)
    restore.restore(made.path, empty_place, told)
    assert {"bytes", "bytes compared", "bytes unpacked"} <= seen.keys()
    assert all(done == total > 0 for done, total in seen.values())


def test_a_damaged_backup_touches_nothing(
    cast: Cast, empty_place: dict[str, str], tmp_path: Path
) -> None:
    made = make.back_up(tmp_path / "mine.tar.gz")
    whole = made.path.read_bytes()
    made.path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupFailed, match="not a whole backup"):
        restore.restore(made.path, empty_place)
    assert not Path(empty_place["DESKBELL_DATA"]).exists()


def test_an_interrupted_restore_is_half_a_desk_and_refused(
    cast: Cast, empty_place: dict[str, str], tmp_path: Path
) -> None:
    made = make.back_up(tmp_path / "mine.tar.gz")
    (Path(empty_place["DESKBELL_DATA"]) / restore.UNDER_WAY).mkdir(parents=True)
    with pytest.raises(BackupFailed, match="was interrupted"):
        restore.restore(made.path, empty_place)


def test_one_that_fails_on_the_way_leaves_the_place_empty(
    cast: Cast, empty_place: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make.back_up(tmp_path / "mine.tar.gz")

    def no_room(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "utime", no_room)
    with pytest.raises(BackupFailed, match="No space left on device"):
        restore.restore(made.path, empty_place)
    assert under(Path(empty_place["DESKBELL_DATA"])) == {}
    monkeypatch.undo()
    restore.restore(made.path, empty_place)


def test_a_backup_of_the_other_kind_of_database_is_refused(
    cast: Cast, empty_place: dict[str, str], tmp_path: Path
) -> None:
    made = make.back_up(tmp_path / "mine.tar.gz")
    other = {**empty_place, "DATABASE_URL": "postgresql:///desk"}
    if connection.vendor == "postgresql":
        del other["DATABASE_URL"]
    with pytest.raises(BackupFailed, match="DATABASE_URL"):
        restore.restore(made.path, other)
    assert not Path(empty_place["DESKBELL_DATA"]).exists()


@ON_POSTGRESQL
def test_tools_that_are_missing_or_too_old_are_named(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "PLACES", tmp_path / "nowhere")
    old = tmp_path / "bin" / "pg_dump"
    old.parent.mkdir()
    monkeypatch.setenv("PATH", str(old.parent))
    with pytest.raises(BackupFailed, match="pg_dump is not installed"):
        make.back_up()
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o700)
    with pytest.raises(BackupFailed, match=r"pg_dump 9 is older than the server"):
        make.back_up()
    for version in (15, 98, 99):
        tool = tmp_path / "nowhere" / str(version) / "bin" / "pg_dump"
        tool.parent.mkdir(parents=True)
        tool.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.1'\n")
        tool.chmod(0o700)
    assert "/98/" in postgres._tool("pg_dump", 97), "the nearest is the one that fits best"


def test_no_password_stands_in_the_list_of_processes() -> None:
    database = {
        "NAME": "desk",
        "USER": "deskbell",
        "PASSWORD": "top-secret",
        "HOST": "db.example",
        "PORT": "",
        "OPTIONS": {"sslmode": "require", "password": "top-secret"},
    }
    conninfo, password = postgres._conninfo(database)
    assert password == "top-secret"
    assert "top-secret" not in conninfo
    assert "sslmode=require" in conninfo


def test_the_shelf_keeps_the_newest_of_each_kind(cast: Cast) -> None:
    for day in range(1, 10):
        for why in (shelf.NIGHTLY, shelf.BY_HAND, shelf.BEFORE_UPGRADE):
            (shelf.folder() / f"{why}-2026030{day}-010000-000000.tar.gz").touch()
    for why in (shelf.NIGHTLY, shelf.BY_HAND, shelf.BEFORE_UPGRADE):
        shelf.tidy(why)
    days = {
        why: [one.at.day for one in shelf.kept() if one.why == why]
        for why in (shelf.NIGHTLY, shelf.BY_HAND, shelf.BEFORE_UPGRADE)
    }
    assert days["nightly"] == [9, 8, 7, 6, 5, 4, 3]
    assert days["by-hand"] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert days["before-upgrade"] == [9, 8, 7]

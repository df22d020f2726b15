"""Letters on disk: kept before anybody says so, found again after a fall, taken from a pipe."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import override_settings

from deskbell import clock as desk_clock
from deskbell.channels.mail import letters, pipe_in
from deskbell.channels.mail.models import Letter
from deskbell.work.models import Job
from deskbell.work.run import run_due
from tests.cast import Cast

pytestmark = pytest.mark.django_db

WORDS = b"From: emil@acme.example\r\nMessage-Id:\r\n <one@acme.example>\r\n\r\nHello.\r\n"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path) -> Iterator[None]:
    """In the folder that all tests share lie the letters of others, who may have left them long ago."""
    with override_settings(DATA=tmp_path / "desk"):
        yield


def test_a_letter_has_one_file_named_by_its_bytes(cast: Cast, tmp_path: Path) -> None:
    source = tmp_path / "letter"
    source.write_bytes(WORDS)
    kept = [letters.keep(form, source="pipe") for form in (WORDS, source, io.BytesIO(WORDS))]

    assert {letter.path for letter in kept} == {kept[0].path}
    assert letters.path_of(kept[0]).read_bytes() == WORDS
    assert [letter.state for letter in kept] == ["waiting", "duplicate", "duplicate"]
    assert kept[0].rfc_message_id == "one@acme.example"
    assert kept[0].size_bytes == len(WORDS)


def test_a_letter_whose_row_was_never_committed_is_found_again(cast: Cast) -> None:
    lost = letters.keep(WORDS, source="smtp")
    Letter.objects.all().delete()
    assert letters.adopt_orphans() == 0  # its row may still be on the way

    long_ago = (desk_clock.now() - timedelta(hours=1)).timestamp()
    os.utime(letters.folder() / lost.path, (long_ago, long_ago))
    assert letters.adopt_orphans() == 1
    assert letters.adopt_orphans() == 0

    run_due()
    letter = Letter.objects.get()
    assert (letter.source, letter.state) == ("found", "read")
    letters.path_of(letter).unlink()


def test_what_was_never_acknowledged_is_swept_away(cast: Cast) -> None:
    tmp = letters.folder() / "tmp"
    tmp.mkdir(parents=True, exist_ok=True)
    old, new = tmp / "old.eml", tmp / "new.eml"
    for path in (old, new):
        path.write_bytes(b"half a lett")
    (tmp / "folder").mkdir()
    long_ago = (desk_clock.now() - timedelta(days=2)).timestamp()
    for path in (old, tmp / "folder"):
        os.utime(path, (long_ago, long_ago))

    letters.adopt_orphans()

    assert not old.exists()
    assert not (tmp / "folder").exists()
    assert new.exists()
    new.unlink()


def test_a_letter_comes_through_a_pipe(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENDER", "Emil@acme.example")
    monkeypatch.setenv("RECIPIENT", "help@desk.example")
    letter = pipe_in.take(io.BytesIO(WORDS))
    run_due()

    letter.refresh_from_db()
    assert (letter.source, letter.state) == ("pipe", "read")
    assert (letter.mail_from, letter.rcpt) == ("emil@acme.example", ["help@desk.example"])


def test_a_pipe_says_both_for_whom_it_came_and_for_whom_it_was_handed_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORIGINAL_RECIPIENT", "anybody@old.example")
    monkeypatch.setenv("RECIPIENT", "help@desk.example")
    letter = pipe_in.take(io.BytesIO(WORDS))

    assert letter.rcpt == ["anybody@old.example", "help@desk.example"]


def test_an_empty_pipe_is_no_letter() -> None:
    with pytest.raises(ValueError, match="no letter"):
        pipe_in.take(io.BytesIO(b"\n"))


def test_a_letter_that_the_worker_gave_up_on_is_shown(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    given_up = letters.keep(WORDS, source="pipe")
    Job.objects.update(state=Job.PARKED, waiting_key=None)
    other = letters.keep(WORDS + b"x", source="pipe")
    clock.shift(timedelta(hours=3))

    assert letters.park_forgotten() == 1

    given_up.refresh_from_db()
    other.refresh_from_db()
    assert (given_up.state, given_up.reason) == ("parked", "gave_up")
    assert other.state == "waiting"


def test_a_file_that_vanished_is_told_and_not_forgotten(cast: Cast) -> None:
    letter = letters.keep(WORDS, source="pipe")
    letters.path_of(letter).unlink()
    run_due()

    letter.refresh_from_db()
    assert (letter.state, letter.reason) == ("parked", "file_missing")

"""Each part of the desk is judged from facts: what is wrong is said in a sentence, with what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deskbell.backups.shelf import Failure
from deskbell.running import health
from deskbell.running.facts import (
    Backups,
    Clocks,
    Disk,
    Facts,
    Fetched,
    Jobs,
    MailIn,
    MailOut,
    Version,
)
from deskbell.running.health import GOOD, LOOK, WRONG
from deskbell.running.watch import Certificate
from tests.conftest import NOON

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)

NO_ROOM = Failure(NOON, "No room.")
WELL = Facts(
    now=NOON,
    url="https://desk.example",
    mail_in=MailIn(last_at=NOON - 3 * HOUR),
    fetching=(),
    mail_out=MailOut(),
    jobs=Jobs(worker_seen_at=NOON - 30 * SECOND),
    disk=Disk(free_bytes=80 << 30, total_bytes=250 << 30, shrinks_by_bytes=1 << 20),
    clocks=Clocks(database_ahead=SECOND, newest_at=NOON),
    certificate=Certificate(NOON, NOON + 60 * DAY, ""),
    backups=Backups(newest_at=NOON - 11 * HOUR, since=NOON - 90 * DAY),
    version=Version("0.1.0", "SQLite", "3.40.1", 3_000_000),
)


def line_of(part: str, **changed: Any) -> health.Line:
    [line] = [line for line in health.judge(replace(WELL, **changed)) if line.part == part]
    return line


def test_a_desk_that_is_well_says_so_of_every_part() -> None:
    lines = health.judge(WELL)
    assert [line.part for line in lines] == list(health.titles())
    assert {line.state for line in lines} == {GOOD}
    assert health.worst(lines) == GOOD
    assert lines[0].sentences == ("The last letter came 3 hours ago.",)
    assert line_of("version").sentences == (
        "Deskbell 0.1.0 on SQLite 3.40.1; the database is 3.0 MB large.",
    )


@pytest.mark.parametrize(
    ("part", "fact", "state", "words"),
    [
        ("fetching", (), GOOD, "No mail box is fetched"),
        ("fetching", (Fetched("a@b.c", None, since=NOON),), GOOD, "has not been looked into yet"),
        ("fetching", (Fetched("a@b.c", NOON - MINUTE),), GOOD, "was looked into 1 minute ago"),
        ("fetching", (Fetched("a@b.c", NOON, left=7),), GOOD, "7 letters of a@b.c are still"),
        ("fetching", (Fetched("a@b.c", NOON, lag=HOUR),), GOOD, "1 hour after it had come there"),
        (
            "fetching",
            (Fetched("a@b.c", NOON - MINUTE, failed_since=NOON - MINUTE, why="Away."),),
            LOOK,
            "for 1 minute: Away.",
        ),
        (
            "fetching",
            (Fetched("a@b.c", NOON - 2 * HOUR, failed_since=NOON - HOUR, why="Away."),),
            WRONG,
            "a@b.c could not be fetched for 1 hour: Away.",
        ),
        (
            "fetching",
            (Fetched("a@b.c", NOON, failed_since=NOON, permanent=True, why="Wrong."),),
            WRONG,
            "Wrong.",
        ),
        ("fetching", (Fetched("a@b.c", NOON - HOUR),), WRONG, "has not been looked into"),
        (
            "fetching",
            (Fetched("a@b.c", NOON, permission_ends=NOON + 9 * DAY),),
            LOOK,
            "for 9 days more",
        ),
        ("mail_in", MailIn(), GOOD, "No letter has come yet"),
        ("mail_in", MailIn(NOON, parked=1), LOOK, "1 letter needs a look; it waits"),
        ("mail_in", MailIn(NOON, parked=2), LOOK, "2 letters need a look; they wait"),
        ("mail_in", MailIn(NOON, waiting_since=NOON - MINUTE), GOOD, "The last letter came"),
        ("mail_in", MailIn(NOON, waiting_since=NOON - HOUR), WRONG, "waiting to be read for 1 hour"),
        ("mail_out", MailOut(waiting=3), GOOD, "3 letters are on their way"),
        ("mail_out", MailOut(advice=("No relay is set.",)), LOOK, "No relay is set."),
        ("mail_out", MailOut(("No relay is set.",), 1, 1, NOON), WRONG, "No relay is set."),
        ("mail_out", MailOut((), 2, 2, NOON - MINUTE), GOOD, "on their way"),
        ("mail_out", MailOut((), 2, 2, NOON - HOUR), WRONG, "waiting for their relay for 1 hour"),
        ("mail_out", MailOut(failed=1), LOOK, "1 letter could not be delivered"),
        ("jobs", Jobs(is_served=False), LOOK, "does not run"),
        ("jobs", Jobs(worker_seen_at=None), LOOK, "No worker has begun yet"),
        ("jobs", Jobs(worker_seen_at=NOON - 2 * HOUR), WRONG, "No worker has been at work for 2 hours"),
        ("jobs", Jobs(worker_seen_at=NOON, oldest_due_at=NOON - MINUTE), GOOD, "The worker is at work"),
        ("jobs", Jobs(worker_seen_at=NOON, oldest_due_at=NOON - HOUR), LOOK, "due for 1 hour"),
        ("jobs", Jobs(worker_seen_at=NOON, parked=1), LOOK, "1 job has failed too often"),
        ("disk", Disk(1 << 30, 10 << 30), LOOK, "Only 1.1 GB of 10.7 GB are free"),
        ("disk", Disk(1 << 20, 10 << 30), WRONG, "soon no letter can be taken in"),
        ("disk", Disk(80 << 30, 99 << 30, 8 << 30), LOOK, "the disk is full in 10 days"),
        ("disk", Disk(80 << 30, 99 << 30, -5.0), GOOD, "are free"),
        ("disk", Disk(80 << 30, 99 << 30, 3e7), GOOD, "Each day some 30.0 MB more are used"),
        ("clocks", Clocks(newest_at=NOON + HOUR), WRONG, "set back: something was written down 1 hour"),
        ("clocks", Clocks(database_ahead=-MINUTE), LOOK, "clock of the database differ by 1 minute"),
        ("clocks", Clocks(database_ahead=HOUR), WRONG, "clock of the database differ by 1 hour"),
        ("clocks", Clocks(files_ahead=2 * MINUTE), LOOK, "clock that dates files differ by 2 minutes"),
        ("certificate", None, GOOD, "Nobody has looked at it yet"),
        ("certificate", Certificate(NOON, NOON + 10 * DAY, ""), LOOK, "runs out in 10 days"),
        ("certificate", Certificate(NOON, NOON - DAY, ""), WRONG, "ran out 24 hours ago"),
        ("certificate", Certificate(NOON, NOON - DAY, "expired"), WRONG, "ran out"),
        ("certificate", Certificate(NOON, NOON + 60 * DAY, "self-signed"), WRONG, "self-signed"),
        ("certificate", Certificate(NOON, None, "timed out"), LOOK, "timed out"),
        ("backups", Backups(since=NOON - HOUR), GOOD, "There is no backup yet"),
        ("backups", Backups(since=NOON - 3 * DAY), WRONG, "is 3 days old"),
        ("backups", Backups(newest_at=NOON - 30 * HOUR), LOOK, "is 30 hours old"),
        ("backups", Backups(newest_at=NOON, failure=NO_ROOM), LOOK, "failed: No room."),
        ("backups", Backups(newest_at=NOON - 9 * DAY, failure=NO_ROOM), WRONG, "No room."),
        ("backups", Backups(nightly=False, newest_at=NOON - 3 * DAY), GOOD, "3 days old"),
        ("backups", Backups(nightly=False, newest_at=NOON - 9 * DAY), LOOK, "No backup has been made"),
    ],
)  # fmt: skip
def test_what_is_not_well_is_said_in_a_sentence(
    part: str, fact: Any, state: str, words: str
) -> None:
    line = line_of({"clocks": "clock"}.get(part, part), **{part: fact})
    assert line.state == state
    assert words in " ".join(line.sentences)
    assert health.worst(health.judge(replace(WELL, **{part: fact}))) == state


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("http://127.0.0.1:8000", GOOD),
        ("http://localhost:8000", GOOD),
        ("http://desk.example", LOOK),
        ("https://desk.example", GOOD),
    ],
)
def test_a_desk_for_others_wants_tls(url: str, state: str) -> None:
    assert line_of("certificate", url=url).state == state


def test_beside_what_is_wrong_all_is_said_that_is_not_good() -> None:
    line = line_of("mail_in", mail_in=MailIn(NOON, parked=2, waiting_since=NOON - DAY))
    assert line.state == WRONG
    assert len(line.sentences) == 2
    assert "The last letter came" not in " ".join(line.sentences)


def test_letters_that_wait_in_a_desk_that_does_not_run_are_no_fault() -> None:
    waiting = MailIn(NOON, waiting_since=NOON - DAY)
    assert line_of("mail_in", mail_in=waiting, jobs=Jobs(is_served=False)).state == LOOK


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(), "1 minute"),
        (MINUTE * 59, "59 minutes"),
        (HOUR, "1 hour"),
        (HOUR * 47, "47 hours"),
        (HOUR * 50, "2 days"),
    ],
)
def test_spans_are_said_as_people_say_them(time: timedelta, words: str) -> None:
    assert health.span(time) == words


def test_the_words_of_a_line_are_those_of_its_state() -> None:
    assert [health.Line("disk", state, ()).word for state in (GOOD, LOOK, WRONG)] == [
        "Good",
        "Look at it",
        "Wrong",
    ]

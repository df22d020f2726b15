"""A backup is made while letters come in; the desk that it is restored to lacks none that was acknowledged before."""

from __future__ import annotations

import itertools
import secrets
import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.stories.running import (
    RunningDesk,
    a_running_desk,
    another_place_for,
    letter,
    until,
)

pytestmark = pytest.mark.story

SENDERS = 2


class Post:
    """Customers who write one letter after the other, some with a picture, until they are stopped."""

    def __init__(self, desk: RunningDesk) -> None:
        self.desk = desk
        self.taken: list[str] = []  # subjects of letters that were answered by 250, in that order
        self.number = itertools.count()
        self.ended = threading.Event()

    def write(self) -> None:
        host, port = self.desk.smtp.split(":")
        with smtplib.SMTP(host, int(port), timeout=20) as server:
            while not self.ended.is_set():
                subject = f"Zip number {next(self.number)}"
                made = letter("It came apart.", subject=subject)
                picture = secrets.token_bytes(3000)
                made.add_attachment(picture, maintype="image", subtype="png", filename="zip.png")
                server.send_message(made)
                self.taken.append(subject)

    @contextmanager
    def coming_in(self) -> Iterator[None]:
        senders = [threading.Thread(target=self.write) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            yield
        finally:
            self.ended.set()
            for sender in senders:
                sender.join()


def test_a_backup_under_load_is_a_desk_that_lacks_nothing(tmp_path: Path) -> None:
    with a_running_desk(tmp_path / "old") as desk:
        desk.hire_owner()
        post = Post(desk)
        with post.coming_in():
            until(lambda: len(post.taken) > 30, "some letters")
            before = set(post.taken)
            said = desk.run("backup", "--to", str(tmp_path / "desk.tar.gz"))
        assert set(post.taken) > before, "nothing came in meanwhile, so nothing was tried"
        desk.run_module("deskbell.running.nightly_process")
        with urlopen(f"{desk.url}/health", timeout=20) as answer:
            assert answer.read() in {b"good\n", b"look\n"}
    assert "as secret as the desk" in said
    assert len(list((tmp_path / "old" / "backups").glob("nightly-*.tar.gz"))) == 1

    with another_place_for(desk, tmp_path / "new") as new:
        new.run("restore", str(tmp_path / "desk.tar.gz"))
        assert "0 problems" in new.check()
        new.start()
        new.key = desk.key
        try:
            until(lambda: all_are_read(new), "the reading of what had come in", 90)
            assert before <= subjects(new)
            assert "0 problems" in new.check()
        finally:
            new.stop()


def test_the_worker_makes_the_backup_of_the_night(tmp_path: Path) -> None:
    with a_running_desk(tmp_path / "desk") as desk:
        desk.hire_owner()
        assert list((tmp_path / "desk").glob("backups/*")) == [], "its first night is still to come"
        desk.stop()
        desk.run_module(
            "django", "shell", "-c", SET_UP_LAST_WEEK, "--settings", "deskbell.settings"
        )
        desk.start()
        until(lambda: list((tmp_path / "desk").glob("backups/nightly-*.tar.gz")), "the backup")


SET_UP_LAST_WEEK = """
from datetime import timedelta
from deskbell import clock
from deskbell.people.models import Desk
from deskbell.work.models import Tick
Desk.objects.update(set_up_at=clock.now() - timedelta(days=7))
Tick.objects.filter(name="back up every night").delete()
"""


def all_are_read(desk: RunningDesk) -> bool:
    return not desk.api("GET", "letters?state=waiting&limit=1")["items"]


def subjects(desk: RunningDesk) -> set[str]:
    found, after = set[str](), ""
    while True:
        page = desk.api("GET", f"tickets?limit=100{after}")
        found |= {ticket["subject"] for ticket in page["items"]}
        if not page["next"]:
            return found
        after = f"&after={page['next']}"

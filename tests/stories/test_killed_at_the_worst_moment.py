"""kill -9 of each process between accept and read, and between commit and send: nothing is lost or doubled.

What happens between the relay's dot and its answer stands in tests/channels/mail, with workers of their own.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.relay import DROP_AFTER_DOT
from tests.stories.running import RunningDesk, a_running_desk, letter, until

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with a_running_desk(tmp_path_factory.mktemp("killed")) as running:
        running.hire_owner()
        # What the desk writes by itself would stand between the letters that are counted here.
        for department in running.api("GET", "departments")["items"]:
            running.api("PATCH", f"departments/{department['id']}", {"acknowledges": False})
        yield running
        running.check()


def one_ticket(desk: RunningDesk, subject: str) -> dict[str, Any]:
    """Return the ticket with this subject, once there is one; there is never a second."""

    def found() -> list[dict[str, Any]]:
        return [ticket for ticket in desk.tickets() if ticket["subject"] == subject]

    until(found, f"the ticket {subject!r}")
    assert len(found()) == 1
    return found()[0]


@pytest.mark.parametrize("victim", ["worker", "front"])
def test_an_accepted_letter_becomes_one_ticket_whoever_is_killed_before_it_is_read(
    desk: RunningDesk, victim: str
) -> None:
    subject = f"Accepted before the {victim} died"
    with desk.frozen("worker") as worker:
        desk.mail(letter("Please help.", subject=subject))
        if victim == "worker":
            os.kill(worker, signal.SIGKILL)
        else:
            desk.kill("front")
    desk.child(victim)
    until(lambda: _answers(desk), "the pages after the kill")
    one_ticket(desk, subject)
    states = [one["state"] for one in desk.api("GET", "letters")["items"]]
    assert set(states) == {"read"}


@pytest.mark.parametrize("victim", ["worker", "front"])
def test_an_answer_leaves_once_whoever_is_killed_before_it_is_sent(
    desk: RunningDesk, victim: str
) -> None:
    subject = f"Answered before the {victim} died"
    desk.mail(letter("Please help.", subject=subject))
    ticket = one_ticket(desk, subject)
    before = len(desk.relay.letters)
    desk.api("POST", f"tickets/{ticket['code']}/messages", {"kind": "reply", "text": "Here."})
    desk.kill(victim)
    desk.relay.wait_for(before + 1, 40)
    until(lambda: _delivered(desk, ticket["code"]), "the delivery marked as sent")
    ours = [one for one in desk.relay.letters if ticket["code"] in str(one.message["Subject"])]
    assert len(ours) == 1


def test_a_relay_that_cuts_the_line_after_the_dot_gets_the_same_letter_again(
    desk: RunningDesk,
) -> None:
    subject = "Cut after the dot"
    desk.mail(letter("Please help.", subject=subject))
    ticket = one_ticket(desk, subject)
    before = len(desk.relay.seen)
    desk.relay.plan(DROP_AFTER_DOT)
    desk.api("POST", f"tickets/{ticket['code']}/messages", {"kind": "reply", "text": "Here."})
    until(lambda: len(desk.relay.seen) > before, "the letter at the relay", 40)
    message = desk.api("GET", f"tickets/{ticket['code']}/messages")["items"][-1]
    assert message["delivery"]
    assert len({one.message_id for one in desk.relay.seen[before:]}) == 1


def test_a_desk_that_is_asked_to_end_ends(tmp_path: Path) -> None:
    with a_running_desk(tmp_path) as running:
        assert running.stop() == 0
        running.start()


def _answers(desk: RunningDesk) -> bool:
    try:
        desk.tickets()
    except (AssertionError, OSError):
        return False
    return True


def _delivered(desk: RunningDesk, code: str) -> bool:
    try:
        messages = desk.api("GET", f"tickets/{code}/messages")["items"]
    except (AssertionError, OSError):
        return False
    return any('"sent"' in json.dumps(one["delivery"]) for one in messages)

"""kill -9 after every statement of an action, and right after its commit: it happened or it did not, never half."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from deskbell.channels.mail.models import Delivery
from deskbell.tickets import actions
from deskbell.tickets.check import check_tickets
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Message, Stretch, Text, Ticket
from deskbell.work.jobs import run_due
from deskbell.work.models import Job
from tests.cast import Cast, by, meet
from tests.desk import a_ticket

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("acting_process.py")
RIGHT_AFTER_THE_COMMIT = 0
# More statements than any of the verbs takes.
MANY = 150

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

Do = Callable[[str, Ticket, Ticket, int], str]


@pytest.fixture
def do() -> Iterator[Do]:
    """Let another process do a verb and die after so many statements; return how it ended."""
    command = [
        sys.executable,
        str(PROGRAM),
        str(connection.settings_dict["NAME"]),
        str(settings.DATA),
    ]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def ask(verb: str, ticket: Ticket, other: Ticket, statements: int) -> str:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{verb} {ticket.pk} {other.pk} {statements}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield ask
        process.kill()


def scene(cast: Cast, verb: str) -> tuple[Ticket, Ticket]:
    """Return a ticket to which the verb can be done, and another one."""
    ticket, other = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.frida)
    anna = by(cast.anna)
    match verb:
        case "undo":
            actions.take(ticket, by=anna)
            actions.reply(ticket, Content("Look."), by=anna)
        case "purge":
            actions.delete(ticket, by=anna)
    ticket.refresh_from_db()
    return ticket, other


def everything() -> dict[str, Any]:
    """Return all rows that an action writes."""
    tables = (Ticket, Entry, Message, Text, Stretch, Delivery, Job)
    return {table.__name__: list(table.objects.order_by("pk").values()) for table in tables}


@pytest.mark.parametrize("verb", ["open", "reply", "merge", "undo", "purge"])
def test_an_action_that_is_killed_anywhere_happened_altogether_or_not_at_all(
    do: Do, verb: str
) -> None:
    cast = meet()
    ticket, other = scene(cast, verb)
    before, kills = everything(), 0
    for statements in range(1, MANY):
        ended = do(verb, ticket, other, statements)
        if ended != "killed":
            break
        kills += 1
        assert everything() == before, f"killed after {statements} statements"
    assert ended == "ended 0"
    assert kills > 10, "it was killed at every statement"
    happened(before)


@pytest.mark.parametrize("verb", ["open", "reply", "merge", "undo", "purge"])
def test_what_was_committed_goes_on_whoever_is_killed_right_afterwards(do: Do, verb: str) -> None:
    cast = meet()
    ticket, other = scene(cast, verb)
    before = everything()
    assert do(verb, ticket, other, RIGHT_AFTER_THE_COMMIT) == "killed"
    happened(before)


def happened(before: dict[str, Any]) -> None:
    """Assert that it has happened, whole, and that what follows from it still does."""
    assert len(everything()["Entry"]) > len(before["Entry"])
    assert [problem for _, found in check_tickets() for problem in found] == []
    run_due()
    for ticket in Ticket.objects.all():
        assert ticket.settled_step == ticket.last_step

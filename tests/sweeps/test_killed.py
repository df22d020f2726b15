"""kill -9 after every statement of a sweep: each ticket has had its turn or has not, and has it once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from deskbell.sweeps import going, undoing
from deskbell.sweeps.acts import UNDO
from deskbell.sweeps.models import BEHIND_ALL, Sweep, SweptTicket
from deskbell.tickets.check import check_tickets
from deskbell.tickets.models import Ticket
from tests.cast import by, meet
from tests.sweeps.sweeping import begun, figures, kinds, now, some_tickets

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("sweeping_process.py")
# More statements than a sweep of three tickets takes.
MANY = 300

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.parametrize("is_undo", [False, True])
def test_killed_anywhere_nothing_is_lost_and_nothing_done_twice(is_undo: bool) -> None:
    cast = meet()
    tickets = some_tickets(cast)
    command = [
        sys.executable,
        str(PROGRAM),
        str(connection.settings_dict["NAME"]),
        str(settings.DATA),
    ]
    kills = 0
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for statements in range(1, MANY):
            sweep = begun(cast.anna, "tag", tickets, tag=f"tag {statements}")
            if is_undo:
                going.go_on(sweep.pk)
                sweep = undoing.take_back(now(sweep), by=by(cast.anna))
            process.stdin.write(f"{sweep.pk} {statements}\n")
            process.stdin.flush()
            outcome = process.stdout.readline().strip()
            _is_whole(sweep)
            going.go_on(sweep.pk)
            assert (figures(now(sweep)), now(sweep).state) == ((3, 0, 0), "ended")
            kind = "act.undone" if is_undo else "ticket.tagged"
            assert [kinds(ticket).count(kind) for ticket in tickets] == [statements] * 3
            if outcome != "killed":
                break
            kills += 1
        process.kill()
    assert outcome == "ended 0"
    assert kills > 30, "it was killed at every statement"
    assert [problem for _, found in check_tickets() for problem in found] == []


def _is_whole(sweep: Sweep) -> None:
    """Assert that what the sweep counts is what its rows and its tickets say."""
    done = SweptTicket.objects.filter(sweep=sweep, outcome="done")
    assert now(sweep).done == done.count()
    # What is taken back goes from the last ticket to the first.
    way, start = ("ticket_id", BEHIND_ALL) if sweep.act == UNDO else ("-ticket_id", 0)
    last = done.order_by(way).values_list("ticket_id", flat=True).first()
    assert now(sweep).cursor == (last or start)
    for ticket in Ticket.objects.filter(pk__in=done.values("ticket")):
        assert ticket.last_step >= (done.get(ticket=ticket).step or 0)

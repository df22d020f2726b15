"""Settling: what must not be lost after an entry, but need not stand in its transaction.

record() marks a ticket unsettled and asks for one job per ticket; the job walks the entries that nobody
has settled yet, in order, through the fixed stages of reactions.py.  The cursor moves in the transaction
of the effects: killed anywhere, the entry is settled once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from deskbell.database.prepared import Prepared
from deskbell.database.relaxed import relaxed_commits
from deskbell.tickets import timeline
from deskbell.tickets.models import Entry, Ticket
from deskbell.work import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

JOB = "settle"

# What a pass takes in one transaction; a ticket that waited for long must not hold the others up.
MOST_AT_ONCE = 50
# What the timetable asks for in one go.
MOST_LEFT = 1000


@dataclass
class _Stages:
    """What an entry goes through; filled by reactions.py at start-up."""

    functions: tuple[Callable[[Entry, Ticket], None], ...] = ()


stages = _Stages()
timeline.followers.settle = JOB


@jobs.job(JOB)
def settle(ticket_id: int) -> None:
    """Walk the entries of the ticket that nobody has settled yet.  Running it twice does nothing twice."""
    with relaxed_commits():
        while _settle_some(ticket_id):
            pass


def settle_left() -> int:
    """Ask again for what waits longer than it should; return how many tickets that are.  The timetable calls it.

    A ticket may be left when its job was parked: a stage that failed and was mended since goes on here.
    """
    left = Ticket.objects.filter(settled_step__lt=F("last_step")).values_list("pk", flat=True)
    numbers = list(left[:MOST_LEFT])
    for number in numbers:
        jobs.enqueue(JOB, key=f"{JOB}:{number}", ticket_id=number)
    return len(numbers)


def _settle_some(ticket_id: int) -> bool:
    """Settle the entries that wait, in one transaction; return whether that made further ones."""
    with transaction.atomic():
        ticket = timeline.lock(ticket_id)
        entries = _waiting(ticket.pk, ticket.settled_step)
        for entry in entries:
            with timeline.caused_by(entry):
                for stage in stages.functions:
                    stage(entry, ticket)
        if not entries:
            return False
        timeline.mark_settled(ticket, entries[-1].step)
    return ticket.last_step > ticket.settled_step


_waiting = Prepared(
    lambda ticket, step: Entry.objects.filter(ticket=ticket, step__gt=step).order_by("step")[
        :MOST_AT_ONCE
    ]
)

"""Settling: what must not be lost after an entry, but need not stand in its transaction.

record() marks a ticket unsettled and asks for one job per ticket; the job walks the entries that nobody
has settled yet, in order, through the fixed stages of reactions.py.  The cursor moves in the transaction
of the effects: killed anywhere, the entry is settled once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from deskbell.tickets import timeline
from deskbell.tickets.models import Entry, Ticket
from deskbell.work import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

JOB = "settle"


@dataclass
class _Stages:
    """What an entry goes through; filled by reactions.py at start-up."""

    functions: tuple[Callable[[Entry, Ticket], None], ...] = ()


stages = _Stages()
timeline.followers.settle = JOB


@jobs.job(JOB)
def settle(ticket_id: int) -> None:
    """Walk the entries of the ticket that nobody has settled yet.  Running it twice does nothing twice."""
    while _settle_next(ticket_id):
        pass


def _settle_next(ticket_id: int) -> bool:
    """Settle one entry in one transaction; return whether there was one."""
    with transaction.atomic():
        ticket = timeline.lock(ticket_id)
        entry = Entry.objects.filter(ticket=ticket, step=ticket.settled_step + 1).first()
        if entry is None:
            return False
        with timeline.caused_by(entry):
            for stage in stages.functions:
                stage(entry, ticket)
        timeline.mark_settled(timeline.lock(ticket_id), entry.step)
    return True

"""Another promise of a department: the clocks of its tickets are worked out anew, by a job, each by one entry."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from deskbell import clock
from deskbell.people.actors import CLOCK
from deskbell.sla import clocks
from deskbell.tickets import timeline
from deskbell.tickets.actions.acknowledge import FIRST_MESSAGE
from deskbell.tickets.models import Entry, Ticket
from deskbell.tickets.state import state_of
from deskbell.work.jobs import enqueue, job

if TYPE_CHECKING:
    from deskbell.people.models import Department

JOB = "renew_clocks"

# What was being recorded while the promise changed had still read the old one: a second look finds it.
LOOKS = {"now": timedelta(), "again": timedelta(minutes=1)}


def ask_to_renew(department: Department) -> None:
    """Ask for the clocks of a department to be worked out anew, in the transaction that changes its promise."""
    for look, after in LOOKS.items():
        enqueue(
            JOB,
            key=f"{department.pk}:{look}",
            run_at=clock.now() + after,
            department_id=department.pk,
        )


@job(JOB)
def renew_clocks(department_id: int) -> None:
    """Bring the clocks of all tickets of a department in line with its promise; run twice, it does nothing twice."""
    waiting = Ticket.objects.filter(
        department=department_id, status__in=clocks.WAITING, merged_into=None
    )
    for ticket in list(waiting.order_by("pk").only("pk")):
        _renew(ticket)


@timeline.action
def _renew(ticket: Ticket) -> None:
    state = state_of(ticket)
    at = timeline.next_moment(state)
    events = clocks.what_follows(
        state,
        clocks.Change(at, moved=True),
        promise=lambda: clocks.promise_of(ticket),
        since=lambda: clocks.waiting_since(ticket.pk, at),
    )
    if not events:
        return
    began = Entry.objects.filter(ticket=ticket, step__lte=FIRST_MESSAGE).latest("step")
    with timeline.caused_by(began):
        for event in events:
            timeline.record(ticket, event, by=CLOCK)

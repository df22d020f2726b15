"""What becomes of the tickets of somebody who leaves: another agent has them, or the department does.

Asked for where somebody is let go, done by a job, ticket by ticket through the actions, so that each says on its
timeline whose it became and why.  Nothing is deleted; what is closed keeps the name of who closed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import Q

from deskbell.errors import BadInput, DeskError
from deskbell.people.actors import CLOCK, Actor
from deskbell.people.models import Agent
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.actions.assign import assign
from deskbell.tickets.actions.give_back import give_back
from deskbell.tickets.models import Entry, Ticket
from deskbell.work.jobs import enqueue, job

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

log = structlog.get_logger(__name__)

JOB = "hand_over"


def ask_to_hand_over(leaver: Agent, heir: Agent | None, *, by: Actor) -> None:
    """Ask for a leaver's tickets to be handed over, in the transaction that lets them go.

    heir  who gets those that they can answer; None, and all others: their departments
    """
    heir_id = heir.pk if heir else None
    enqueue(JOB, key=str(leaver.pk), leaver_id=leaver.pk, heir_id=heir_id, by_id=by.id)


@job(JOB)
def hand_over(leaver_id: int, heir_id: int | None, by_id: int) -> None:
    """Hand over what somebody left; one who came back meanwhile keeps what is theirs."""
    if not Agent.objects.filter(pk=leaver_id).exclude(archived_at=None).exists():
        return
    heir = Agent.objects.filter(pk=heir_id, archived_at=None).first() if heir_id else None
    for ticket in list(tickets_in_hand([leaver_id])):
        _give(ticket, leaver_id, heir, by=Actor("agent", by_id))


def give_back_of_leavers() -> int:
    """Give back what agents who left still have; return how many tickets.  The timetable calls it.

    A customer may open a closed ticket of theirs again, or an undo give them one.
    """
    leavers = list(Agent.objects.exclude(archived_at=None).values_list("pk", flat=True))
    found = list(tickets_in_hand(leavers))
    for ticket in found:
        assert ticket.assignee_id is not None
        _give(ticket, ticket.assignee_id, None, by=CLOCK)
    return len(found)


def tickets_in_hand(agents: Collection[int]) -> QuerySet[Ticket]:
    """Return the tickets that these agents still have to see to, the oldest first."""
    worked_on = Ticket.objects.filter(assignee__in=agents, status__in=lifecycle.WORKED_ON)
    return worked_on.filter(merged_into=None, purged_at=None).order_by("pk")


def _give(ticket: Ticket, leaver_id: int, heir: Agent | None, *, by: Actor) -> None:
    """Hand one over, unless somebody took it meanwhile; one that cannot be is left, and tried again by the clock."""
    try:
        with transaction.atomic():
            fresh = timeline.lock(ticket.pk)
            if fresh.assignee_id != leaver_id or _assigned(fresh, heir, by):
                return
            with timeline.caused_by(None if by.is_agent else _became_theirs(fresh)):
                give_back(fresh, by=by, reason="left")
    except (
        DeskError
    ) as refused:  # it was closed or thrown away meanwhile, or whoever asked may no longer
        log.info("handover.refused", ticket=ticket.pk, reason=refused.code)


def _became_theirs(ticket: Ticket) -> Entry:
    """Return the entry since which the ticket waits for somebody who is gone: what explains that it is given back."""
    changed = Q(before__has_key="assignee_id") | Q(before__has_key="status")
    return Entry.objects.filter(changed, ticket=ticket).latest("step")


def _assigned(ticket: Ticket, heir: Agent | None, by: Actor) -> bool:
    """Whether the heir, if there is one, could be made responsible: they may not work in every department."""
    if heir is None:
        return False
    try:
        assign(ticket, heir, by=by)
    except BadInput:
        return False
    return True

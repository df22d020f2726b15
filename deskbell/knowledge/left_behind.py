"""Canned answers and ticket templates that an agent kept for themselves and left behind: nobody else sees them.

Whoever may see to a leaver (deskbell/access/leavers.py) takes them over or archives them.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from deskbell import access, clock
from deskbell.errors import NotAllowed
from deskbell.knowledge import whose
from deskbell.knowledge.models import CannedAnswer, Shared, TicketTemplate
from deskbell.people.actors import Actor
from deskbell.people.models import Agent


def answers_of(leaver: Agent) -> QuerySet[CannedAnswer]:
    """Return the canned answers that an agent kept for themselves, but for those they archived."""
    return CannedAnswer.objects.filter(owner=leaver, archived_at=None)


def templates_of(leaver: Agent) -> QuerySet[TicketTemplate]:
    """Return the ticket templates that an agent kept for themselves, but for those they archived."""
    return TicketTemplate.objects.filter(owner=leaver, archived_at=None)


def take_over(one: Shared, *, by: Actor) -> None:
    """Make what a leaver kept for themselves the own of `by`.  Raises NotAllowed."""
    with transaction.atomic():
        _hold(one, by)
        one.owner_id = by.id
        whose.count_change(one, by)
        one.save(update_fields=("owner", "version", "changed_at", "changed_by"))


def archive(one: Shared, *, by: Actor) -> None:
    """Put away what a leaver kept for themselves; whoever is brought back finds it among their archived ones.

    Raises NotAllowed.
    """
    with transaction.atomic():
        _hold(one, by)
        one.archived_at = clock.now()
        one.save(update_fields=("archived_at",))


def _hold(one: Shared, by: Actor) -> None:
    """Lock it, so that of two who take it over at once one has it.  Raises NotAllowed, also where it is no leaver's."""
    whose.hold(one, None)
    if one.owner is None:
        raise NotAllowed(action="administer")
    access.require_may_see_to(one.owner, by)

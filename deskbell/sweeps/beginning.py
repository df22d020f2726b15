"""Beginning a sweep: what it is to do is checked, its tickets are fixed, and the job is asked for, in one transaction.

The tickets are those of this moment: what changes meanwhile is neither swept in nor twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from deskbell import access, clock
from deskbell.access.rights import standing_of
from deskbell.access.roles import Reach
from deskbell.errors import BadInput, Conflict, NotAllowed
from deskbell.sweeps.acts import ACTS, Values
from deskbell.sweeps.models import Sweep
from deskbell.tickets import codes
from deskbell.tickets.models import Ticket
from deskbell.work.jobs import enqueue

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from deskbell.people.actors import Actor

# The job that does it (going.py).
JOB = "sweep"
# Of one sweep: their rows are written while nobody else writes, some 10 microseconds each.
MOST = 50_000
# Of one agent at a time: who wants more has pressed too often.
MOST_GOING = 5


class TooManySweeps(Conflict):
    """Somebody began too many sweeps that are still going."""

    code = "too_many_sweeps"
    template = _("Five of your sweeps are still going. Wait until one of them has ended.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a sweep is to be.

    act      a name in acts.ACTS
    tickets  what the agent may see and wants changed
    values   what the act needs (acts.py)
    query    how the tickets were chosen, when they were not picked
    once     a token of the form that was sent; "" has no memory
    """

    act: str
    tickets: QuerySet[Ticket]
    values: Values = field(default_factory=dict)
    query: str = ""
    once: str = ""


def begin(wish: Wish, *, by: Actor) -> Sweep:
    """Begin a sweep of the agent `by` and return it; the same form sent again gives back the first one.

    Whether each ticket allows it is asked when its turn comes.
    Raises BadInput, NotAllowed for what the agent may do to no ticket at all, TooManySweeps.
    """
    values = checked(wish.act, wish.values, by=by)
    numbers = list(wish.tickets.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    once = _sum(wish, values, numbers, by)
    if (before := Sweep.objects.filter(once=once).exclude(once=None).first()) is not None:
        return before
    _require_a_number(numbers)
    with transaction.atomic():
        _require_room(by)
        made = {
            "agent_id": by.id,
            "act": wish.act,
            "values": values,
            "query": wish.query[:500],
            "total": len(numbers),
            "began_at": clock.now(),
        }
        # Two that were sent at the same moment meet here, and the second gets the first.
        sweep, is_new = (
            Sweep.objects.get_or_create(once=once, defaults=made)
            if once
            else (Sweep.objects.create(**made), True)
        )
        if is_new:
            add_tickets(sweep, ((number, None) for number in numbers))
    return sweep


def add_tickets(sweep: Sweep, tickets: Iterable[tuple[int, int | None]]) -> None:
    """Write the tickets of a new sweep, each a number and a step, and ask for the job, in the caller's transaction."""
    rows = [(sweep.pk, number, step) for number, step in tickets]
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)
    enqueue(JOB, key=str(sweep.pk), sweep_id=sweep.pk)


# Not by bulk_create, which takes many times as long, while nobody else can write on SQLite.
_INSERT = (
    "INSERT INTO sweeps_sweptticket (sweep_id, ticket_id, step, outcome, why, detail)"
    " VALUES (%s, %s, %s, '', '', '')"
)


def checked(act: str, values: Values, *, by: Actor) -> dict[str, Any]:
    """Return what an act needs, cleaned.  Raises BadInput, NotAllowed for who may do it to no ticket."""
    if act not in ACTS:
        raise BadInput("act", _("Choose what is to be done."))
    if not may_at_all(act, by):
        raise NotAllowed(action=ACTS[act].verb)
    return ACTS[act].check(values)


def may_at_all(act: str, by: Actor) -> bool:
    """Return whether an agent may do it to any ticket: what is offered."""
    return standing_of(by.id or 0).reach(ACTS[act].verb) > Reach.NONE


def picked(by: Actor, asked: Iterable[str]) -> QuerySet[Ticket]:
    """Return the tickets of these codes that `by` may see; others are left out."""
    known = {normal for code in asked if (normal := codes.normal(code))}
    return access.visible(by, Ticket.objects.filter(code__in=known, merged_into=None))


def _require_a_number(numbers: list[int]) -> None:
    if not numbers:
        raise BadInput("tickets", _("Pick a ticket first."))
    if len(numbers) > MOST:
        raise BadInput(
            "tickets", _("More than {most} tickets match. Narrow the query first."), most=MOST
        )


def _require_room(by: Actor) -> None:
    going = Sweep.objects.filter(agent=by.id, state=Sweep.State.GOING)
    if going.count() >= MOST_GOING:
        raise TooManySweeps


def _sum(wish: Wish, values: dict[str, Any], numbers: list[int], by: Actor) -> str | None:
    """Return the sum of what was sent, None without a token.  A query may find less the second time: it stands for
    its tickets.
    """
    if not wish.once:
        return None
    which: object = wish.query or numbers
    said = json.dumps([by.id, wish.once, wish.act, values, which], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()

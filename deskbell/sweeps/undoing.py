"""Stopping a sweep, and taking it back: one undo for all that it did, as a sweep of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from deskbell import clock
from deskbell.errors import CannotUndo, NotFound
from deskbell.sweeps import going
from deskbell.sweeps.acts import UNDO
from deskbell.sweeps.beginning import add_tickets
from deskbell.sweeps.models import BEHIND_ALL, Sweep, SweptTicket
from deskbell.tickets.actions.undo import WITHIN

if TYPE_CHECKING:
    from deskbell.people.actors import Actor


def stop(sweep: Sweep, *, by: Actor) -> None:
    """Let no further ticket have its turn; what was done stays.  One that has ended stays as it is.

    Raises NotFound for somebody else's.  What takes another one back is not stopped: half of it would be neither.
    """
    with transaction.atomic():
        held = _held(sweep, by)
        if held.is_going and held.act != UNDO:
            going.end(held, Sweep.State.STOPPED)


def take_back(sweep: Sweep, *, by: Actor) -> Sweep:
    """Take back what a sweep did to each ticket, and return the sweep that does so.

    One that is going is stopped first.  Pressed twice, it is the same.
    Raises NotFound for somebody else's, CannotUndo when it ended more than ten minutes ago, or is an undo itself.
    """
    with transaction.atomic():
        held = _held(sweep, by)
        if (before := Sweep.objects.filter(undoes=held).first()) is not None:
            return before
        if held.act == UNDO:
            raise CannotUndo("for_good")
        if held.is_going:
            going.end(held, Sweep.State.STOPPED)
        if not is_in_time(held):
            raise CannotUndo("too_late")
        # Sent once more after it was taken back, the form means a new one.
        Sweep.objects.filter(pk=held.pk).update(once=None)
        undo = Sweep.objects.create(
            agent_id=held.agent_id,
            act=UNDO,
            undoes=held,
            cursor=BEHIND_ALL,
            total=held.done,
            began_at=clock.now(),
        )
        done = SweptTicket.objects.filter(sweep=held, outcome=SweptTicket.Outcome.DONE)
        add_tickets(undo, done.values_list("ticket_id", "step"))
    return undo


def is_in_time(sweep: Sweep) -> bool:
    """Return whether it may still be taken back: for as long as a single act, counted from its end."""
    return sweep.ended_at is None or clock.now() - sweep.ended_at <= WITHIN


def _held(sweep: Sweep, by: Actor) -> Sweep:
    held = going.locked(sweep.pk)
    if held is None or held.agent_id != by.id:
        raise NotFound
    return held

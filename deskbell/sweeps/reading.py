"""What sweeps tell: one of one's own, the last of them, what was refused; and until when a letter of theirs is held."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from deskbell.errors import NotFound
from deskbell.sweeps.acts import UNDO
from deskbell.sweeps.models import Sweep, SweptTicket
from deskbell.sweeps.undoing import is_in_time

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from deskbell.people.actors import Actor

# A sweep that stands still keeps no letter here for longer.
HOLDS_AT_MOST = timedelta(hours=1)


def of(by: Actor) -> QuerySet[Sweep]:
    """Return the sweeps of an agent, each with what it takes back and what took it back."""
    return Sweep.objects.filter(agent=by.id or 0).select_related("undoes", "undone_by")


def one(by: Actor, number: int) -> Sweep:
    """Return a sweep of this agent.  Raises NotFound, for a colleague's too: what they look for is their own."""
    found = of(by).filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def undo_of(sweep: Sweep) -> Sweep | None:
    """Return the sweep that takes this one back, which `of` has read along; None when nobody wanted it."""
    return getattr(sweep, "undone_by", None)


def may_be_taken_back(sweep: Sweep) -> bool:
    """Return whether it is worth offering: something was done, it is not too late, and nobody did so before."""
    if sweep.act == UNDO or undo_of(sweep) is not None:
        return False
    return is_in_time(sweep) and (sweep.is_going or bool(sweep.done))


def refused(sweep: Sweep) -> QuerySet[SweptTicket]:
    """Return the tickets that were refused, in the order in which they had their turn."""
    found = SweptTicket.objects.filter(sweep=sweep, outcome=SweptTicket.Outcome.REFUSED)
    return found.select_related("ticket").order_by("ticket_id")


def holds_until(ticket_id: int, step: int, hold: timedelta) -> datetime | None:
    """Return until when a letter of this entry stays here because a sweep left it; None when none did.

    One undo takes all of a sweep back, so its first letter waits as long as its last: for `hold` after its end, and
    while it is being taken back.
    """
    done = SweptTicket.objects.filter(
        ticket=ticket_id, step=step, outcome=SweptTicket.Outcome.DONE
    ).exclude(sweep__act=UNDO)
    swept = done.select_related("sweep__undone_by").first()
    if swept is None:
        return None
    undo = undo_of(swept.sweep)
    busy = next((one for one in (swept.sweep, undo) if one and one.ended_at is None), None)
    if busy is not None:
        return busy.began_at + HOLDS_AT_MOST
    ended = [one.ended_at for one in (swept.sweep, undo) if one and one.ended_at]
    return max(ended) + hold

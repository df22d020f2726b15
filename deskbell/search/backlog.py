"""What was said before there were documents is written little by little, by the timetable; the oldest first."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from deskbell import clock
from deskbell.search.index import write_tickets
from deskbell.search.models import Backlog
from deskbell.tickets import blanking, timeline
from deskbell.tickets.models import Ticket

AT_ONCE = 100  # tickets written in one transaction
A_TURN = timedelta(seconds=30)  # then others have theirs, until the next tick


def write_more() -> None:
    """Write documents for half a minute; killed anywhere, or run twice, it goes on where it was."""
    until = clock.now() + A_TURN
    while clock.now() < until and _write_some():
        pass


def percent_done() -> int | None:
    """Return how much of what was said before can be found; None: all of it."""
    left = Backlog.objects.first()
    return None if left is None else 100 * left.done // max(left.of, 1)


@transaction.atomic
def _write_some() -> bool:
    """Write the next tickets; return whether there are more."""
    backlog = Backlog.objects.select_for_update().first()
    if backlog is None:
        return False
    after = Ticket.objects.filter(pk__gt=backlog.done, pk__lte=backlog.of).order_by("pk")
    numbers = list(after.values_list("pk", flat=True)[:AT_ONCE])
    if not numbers:
        backlog.delete()
        return False
    # Nobody says anything on them meanwhile, nor takes words out.
    timeline.lock_all(numbers)
    blanking.hold_words(numbers)
    write_tickets(numbers)
    backlog.done = numbers[-1]
    backlog.save(update_fields=("done",))
    return True

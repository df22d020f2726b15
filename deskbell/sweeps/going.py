"""The job that moves a sweep on, ticket by ticket.

Each ticket has a transaction of its own, in which the cursor moves: killed anywhere, what happened is known and
nothing happens twice.  A slice ends after a few tickets, so that what became due meanwhile has its turn.
"""

from __future__ import annotations

import traceback
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from deskbell import clock
from deskbell.database.prepared import Prepared, prepared_cursor
from deskbell.database.relaxed import relaxed_commits
from deskbell.errors import DeskError
from deskbell.people.actors import Actor
from deskbell.sweeps import refusals
from deskbell.sweeps.acts import ACTS, UNDO
from deskbell.sweeps.beginning import JOB
from deskbell.sweeps.models import Sweep, SweptTicket
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.work.jobs import Later, enqueue, job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

log = structlog.get_logger(__name__)

# Tickets until others have their turn: a tenth of a second, and some.
SLICE = 25
KEPT = timedelta(days=30)

Outcome = SweptTicket.Outcome


@job(JOB)
def go_on(sweep_id: int) -> None:
    """Do a slice of a sweep.  Raises Later while tickets are left; running it twice does nothing twice."""
    with relaxed_commits():
        is_over = not all(_one_more(sweep_id) for _ticket in range(SLICE))
    if not is_over:
        raise Later(clock.now())
    _end_if_over(sweep_id)  # who reads that it is over reads what is on disk


def see_to_sweeps() -> int:
    """Ask again for sweeps that are going, and forget old ones; return how many are going.  The timetable calls it.

    A sweep stands still when its job was parked: what was mended since goes on here.
    """
    Sweep.objects.filter(ended_at__lte=clock.now() - KEPT).delete()
    going = list(Sweep.objects.filter(state=Sweep.State.GOING).values_list("pk", flat=True))
    for number in going:
        enqueue(JOB, key=str(number), sweep_id=number)
    return len(going)


def end(sweep: Sweep, state: Sweep.State) -> None:
    """Let a sweep, which the caller has locked, be over; the words of a note stand on its tickets, and only there."""
    sweep.state, sweep.ended_at = state, clock.now()
    sweep.values = {name: value for name, value in sweep.values.items() if name != "text"}
    sweep.save(update_fields=("state", "ended_at", "values"))


def locked(sweep_id: int) -> Sweep | None:
    """Return a sweep as it is now, held until the transaction ends; None when it was forgotten."""
    found = _held(sweep_id)
    return found[0] if found else None


def _hold(sweep_id: int) -> QuerySet[Sweep]:
    rows = Sweep.objects.filter(pk=sweep_id)
    return rows.select_for_update() if connection.features.has_select_for_update else rows


# Asked for each ticket, so their SQL is worked out once.
_held = Prepared(_hold)
_upwards = Prepared(
    lambda sweep, cursor: SweptTicket.objects.filter(sweep=sweep, ticket__gt=cursor).order_by(
        "ticket_id"
    )[:1]
)
_downwards = Prepared(
    lambda sweep, cursor: SweptTicket.objects.filter(
        sweep=sweep, ticket__lt=cursor, outcome=""
    ).order_by("-ticket_id")[:1]
)


def _next(sweep: Sweep) -> Sequence[SweptTicket]:
    """Return the ticket whose turn it is, in a list; none when all had theirs.

    What is taken back goes the other way round: of several merged into one, the last is taken out first.
    """
    way = _downwards if sweep.act == UNDO else _upwards
    return way(sweep.pk, sweep.cursor)


def _one_more(sweep_id: int) -> bool:
    """Let the next ticket have its turn; return whether there was one.

    Who is at it holds the sweep, so that a second one waits, and then finds the cursor moved.
    """
    with transaction.atomic():
        sweep = locked(sweep_id)
        if sweep is None or not sweep.is_going:
            return False
        for swept in _next(sweep):
            _do(sweep, swept)
            _write(swept)
            return True
        return False


def _end_if_over(sweep_id: int) -> None:
    with transaction.atomic():
        sweep = locked(sweep_id)
        if sweep is not None and sweep.is_going and not _next(sweep):
            end(sweep, Sweep.State.ENDED)


def _do(sweep: Sweep, swept: SweptTicket) -> None:
    """Do it to one ticket, and note what came of it.

    One that cannot be done, for whatever reason, holds up none of the others; an ailing database holds up all.
    """
    ticket = Ticket(pk=swept.ticket_id)  # the action reads it under its lock
    try:
        step = _acted(sweep, swept, ticket)
    except DeskError as error:
        swept.outcome = Outcome.REFUSED
        swept.why, swept.detail = refusals.kept(error, Ticket.objects.get(pk=ticket.pk))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001  whatever an action raises is this ticket's alone
        # Where it happened, never what it said: an error's words may quote a letter.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{frame.filename}:{frame.lineno}"
        log.error(  # noqa: TRY400
            "sweep.broke", sweep=sweep.pk, ticket=ticket.pk, error=type(error).__name__, at=place
        )
        swept.outcome, swept.why = Outcome.REFUSED, refusals.OURS
    else:
        swept.outcome = Outcome.DONE if step else Outcome.SAME
        swept.step = step


def _acted(sweep: Sweep, swept: SweptTicket, ticket: Ticket) -> int | None:
    """Do it, and return the step of the entry that it left, by which it is undone; None where it left none."""
    by = Actor("agent", sweep.agent_id)
    if sweep.act == UNDO:
        actions.undo(ticket, swept.step or 0, by=by, of_many=True)
        return swept.step
    return ACTS[sweep.act].do(ticket, sweep.values, by)


def _write(swept: SweptTicket) -> None:
    """Write what came of a ticket, and move the sweep on."""
    counted = [int(swept.outcome == one) for one in (Outcome.DONE, Outcome.SAME, Outcome.REFUSED)]
    with prepared_cursor() as cursor:
        cursor.execute(
            _UPDATE_TICKET, [swept.outcome, swept.step, swept.why, swept.detail, swept.pk]
        )
        cursor.execute(_UPDATE_SWEEP, [swept.ticket_id, *counted, swept.sweep_id])


_UPDATE_TICKET = (
    "UPDATE sweeps_sweptticket SET outcome = %s, step = %s, why = %s, detail = %s WHERE id = %s"
)
_UPDATE_SWEEP = (
    "UPDATE sweeps_sweep SET cursor = %s, done = done + %s, same = same + %s, refused = refused + %s"
    " WHERE id = %s"
)

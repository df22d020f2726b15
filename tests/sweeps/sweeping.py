"""Short words for tests of sweeps: tickets to sweep, beginning one, letting it go on to its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deskbell.people.models import Agent
from deskbell.sweeps import beginning, reading, refusals
from deskbell.sweeps.beginning import Wish
from deskbell.sweeps.models import Sweep
from deskbell.tickets.models import Entry, Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket


def some_tickets(cast: Cast, number: int = 3) -> list[Ticket]:
    """Return new tickets of Emil's in Support."""
    return [a_ticket(cast.support, cast.emil) for _ in range(number)]


def begun(
    agent: Agent, act: str, tickets: Sequence[Ticket], /, *, once: str = "", **values: Any
) -> Sweep:
    """Let an agent begin a sweep of picked tickets."""
    codes = [ticket.code for ticket in tickets]
    picked = beginning.picked(by(agent), codes)
    return beginning.begin(Wish(act, picked, values, once=once), by=by(agent))


def swept(agent: Agent, act: str, tickets: Sequence[Ticket], /, **values: Any) -> Sweep:
    """Let an agent sweep picked tickets, to the end."""
    return ended(begun(agent, act, tickets, **values))


def ended(sweep: Sweep) -> Sweep:
    """Return a sweep when all that is due has run."""
    run_due()
    return now(sweep)


def now(sweep: Sweep) -> Sweep:
    """Return a sweep as it is now."""
    return Sweep.objects.get(pk=sweep.pk)


def fresh(ticket: Ticket) -> Ticket:
    """Return a ticket as it is now."""
    return Ticket.objects.get(pk=ticket.pk)


def figures(sweep: Sweep) -> tuple[int, int, int]:
    """Return of how many tickets it is done, was so already, and was refused."""
    return sweep.done, sweep.same, sweep.refused


def why(sweep: Sweep) -> dict[str, str]:
    """Return for each refused ticket the sentence, by its code."""
    return {one.ticket.code: refusals.sentence(one) for one in reading.refused(sweep)}


def kinds(ticket: Ticket) -> list[str]:
    """Return the kinds of a ticket's entries, in order."""
    return list(Entry.objects.filter(ticket=ticket).order_by("step").values_list("kind", flat=True))

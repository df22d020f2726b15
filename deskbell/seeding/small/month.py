"""Makes the small desk: all acts of all tickets in the order of their times, the clock held at each.

One transaction around it all: a desk that runs beside it sees none of it before its letters count as sent, and an
interrupted seed leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from deskbell import clock
from deskbell.channels.mail.models import Delivery
from deskbell.channels.mail.outbox import HOLD
from deskbell.errors import Conflict
from deskbell.notices.models import Notice
from deskbell.people.models import Customer
from deskbell.seeding.small import people
from deskbell.seeding.small.casting import scenes
from deskbell.seeding.small.courses import deal
from deskbell.seeding.small.plan import Month, plan
from deskbell.sla.warnings import warn_when_due
from deskbell.tickets import actions, settle
from deskbell.tickets.models import Ticket
from deskbell.work.jobs import run_due

if TYPE_CHECKING:
    from collections.abc import Callable

TICKETS = 480
LENGTH = timedelta(days=30)
# Settling follows at once; the relay takes a letter a little after its holding time.
SETTLED, TAKEN = timedelta(seconds=1), HOLD + timedelta(seconds=2)
MINUTE = timedelta(minutes=1)
ACCEPTED = 250


class DeskIsUsed(Conflict):
    """Seeds go into a desk without tickets only."""

    code = "desk_is_used"
    template = _("This desk has tickets already. Seeds go into an empty one: name another folder.")


@dataclass(frozen=True, slots=True)
class Seeded:
    """What came of it."""

    tickets: int
    customers: int


def seed(
    *,
    now: datetime,
    password: str,
    tickets: int = TICKETS,
    progress: Callable[[float], None] = lambda _passed: None,
) -> Seeded:
    """Fill the desk with the month before `now`; all agents sign in with `password`.

    tickets   how many courses are played; some make a second ticket
    progress  is told how much of the month has passed, from 0 to 1
    Raises DeskIsUsed, and BadInput for a password that is too easy or people who are there already.
    """
    month = Month(now - LENGTH, now)
    with transaction.atomic():
        if Ticket.objects.exists():
            raise DeskIsUsed
        with clock.held(month.since - timedelta(days=1)):
            shop = people.open_shop(password)
        stage = _Stage(month)
        chance = Random("Lomnica")  # noqa: S311  the same desk every time, nothing to be guessed
        for scene in scenes(shop, deal(tickets, chance), chance):
            for planned in plan(scene.course, month, scene.chance):
                stage.add(planned.at, partial(scene.play, planned))
        stage.play(progress)
        with clock.held(month.till):
            run_due()
            Notice.objects.filter(mailed_at=None).update(mailed_at=clock.now())
        return Seeded(Ticket.objects.count(), Customer.objects.count())


class _Stage:
    """What is still to be done, the earliest first; equal times keep the order in which they came."""

    def __init__(self, month: Month) -> None:
        self._month = month
        self._coming: list[tuple[datetime, int, Callable[[], list[int]]]] = []
        self._numbers = count()

    def add(self, at: datetime, act: Callable[[], list[int]]) -> None:
        """Let `act` be done at `at`; it returns the numbers of the tickets that it touched."""
        heappush(self._coming, (at, next(self._numbers), act))

    def play(self, progress: Callable[[float], None]) -> None:
        """Do everything at its own time, with what follows from it."""
        while self._coming:
            at, _number, act = heappop(self._coming)
            with clock.held(at):
                touched = act()
            for number in touched:
                _follow_up(number, at)
                self._let_the_clock_come(number)
            progress((at - self._month.since) / LENGTH)

    def _let_the_clock_come(self, number: int) -> None:
        """Look at the ticket again in the minute in which the timetable would close, wake or warn of it."""
        moments = Ticket.objects.values_list("closes_at", "postponed_until", "warns_at")
        for due in moments.get(pk=number):
            if due is not None and due <= self._month.till:
                whole = due.replace(second=0, microsecond=0)
                self.add(whole if whole == due else whole + MINUTE, _turn_the_timetable)


def _turn_the_timetable() -> list[int]:
    """Close, wake and warn of what is due.  What follows from that waits for the ticket's next act, or for the end."""
    actions.close_when_due()
    actions.wake_when_due()
    warn_when_due()
    return []


def _follow_up(number: int, at: datetime) -> None:
    """Settle the ticket, and let the relay have taken what it wrote: no letter of a seed ever leaves."""
    with clock.held(at + SETTLED):
        settle.settle(number)
        # Whoever worked here has read what they were told, and no mail tells it again.
        Notice.objects.filter(ticket=number, read_at=None).update(
            read_at=clock.now(), mailed_at=clock.now()
        )
    sent_at = at + SETTLED + TAKEN
    Delivery.objects.filter(ticket=number, state=Delivery.State.HELD).update(
        state=Delivery.State.SENT,
        attempts=1,
        first_at=sent_at,
        sent_at=sent_at,
        next_at=None,
        code=ACCEPTED,
    )

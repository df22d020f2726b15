"""Answers of ours, for benchmarks of mail out: written and held, then due at once.  For where Django is set up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction

from deskbell import clock
from deskbell.channels.mail.models import Delivery
from deskbell.channels.mail.outbox import SEND_JOB
from deskbell.people.actors import Actor
from deskbell.people.models import Address, Department
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Message
from deskbell.work import signal
from deskbell.work.models import Job
from tests.desk import a_ticket
from tests.stories.running import until

TEXT = "Send it to us, please; we mend it within the week.\n" * 40  # 2 KB
LONGEST_SETTLING = 900


def answer(department: Department, customer: Address, subject: str, *, by: Actor) -> Message:
    """Answer a new ticket of a customer."""
    ticket = a_ticket(department, customer, subject=subject)
    return actions.reply(ticket, Content(TEXT), by=by)


def write_held(count: int, write: Callable[[int], object]) -> None:
    """Let `write` answer so many tickets; all is settled, and held for long."""
    with transaction.atomic():
        for number in range(count):
            write(number)
        far = clock.now() + timedelta(days=1)
        Delivery.objects.filter(state__in=Delivery.PENDING).update(hold_until=far, next_at=far)
        Job.objects.filter(name=SEND_JOB).update(run_at=far)
    until(lambda: not Job.objects.filter(name="settle").exists(), "all to settle", LONGEST_SETTLING)


def make_due(**only: int) -> None:
    """Let the letters that wait leave now; `message`: those of one alone."""
    with transaction.atomic():
        now = clock.now()
        pending = Delivery.objects.filter(state__in=Delivery.PENDING, **only)
        keys = [str(number) for number in pending.values_list("pk", flat=True)]
        pending.update(hold_until=now, next_at=now)
        Job.objects.filter(name=SEND_JOB, key__in=keys).update(run_at=now)
        signal.tell()

"""The tables of sweeps: who does what to how many, and for each of the tickets what came of it.

beginning.py and undoing.py write the rows, going.py moves them on, reading.py says what they tell.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from typing_extensions import override

from deskbell.people.models import Agent
from deskbell.tickets.models import Ticket

BEHIND_ALL = 2**63 - 1


class Sweep(models.Model):
    """One act of an agent on many tickets.  Taking one back is a sweep itself, which `undoes` the other."""

    class State(models.TextChoices):
        """Whether it still has tickets before it."""

        GOING = "going"
        ENDED = "ended"
        STOPPED = "stopped"  # by its agent, before all had their turn

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="sweeps")
    act = models.CharField(max_length=20)  # a name in acts.ACTS, or acts.UNDO
    values = models.JSONField(default=dict)  # what the act needs; the words of a note go at the end
    query = models.CharField(max_length=500, blank=True)  # what chose its tickets; "" when picked
    # The sum of the form that was sent, so that it sent again is no second one; null once it was taken back.
    once = models.CharField(max_length=64, null=True, unique=True)
    undoes = models.OneToOneField(
        "self", models.CASCADE, null=True, related_name="undone_by"
    )  # null unless it takes another one back
    state = models.CharField(max_length=10, choices=State, default=State.GOING)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)  # where there was nothing to do
    refused = models.PositiveIntegerField(default=0)
    # The number of the ticket that had its turn last: they go in the order of their numbers, what is taken back in the
    # other one, from BEHIND_ALL.
    cursor = models.BigIntegerField(default=0)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # null while it is going

    class Meta:
        indexes = [models.Index(fields=["agent", "-id"], name="sweep_of_agent")]

    objects: ClassVar[models.Manager[Sweep]] = models.Manager()

    @override
    def __str__(self) -> str:
        return f"{self.act} {self.pk}"

    @property
    def had_their_turn(self) -> int:
        """How many tickets it is done with."""
        return self.done + self.same + self.refused

    @property
    def percent(self) -> int:
        """How far it is; 100 only when all had their turn."""
        return self.had_their_turn * 100 // self.total if self.total else 100

    @property
    def is_going(self) -> bool:
        """Whether tickets still wait for their turn."""
        return self.state == self.State.GOING


class SweptTicket(models.Model):
    """One ticket of a sweep, and what came of it."""

    class Outcome(models.TextChoices):
        """What came of it."""

        WAITING = ""
        DONE = "done"
        SAME = "same"
        REFUSED = "refused"

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="tickets")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, blank=True, choices=Outcome, default=Outcome.WAITING)
    # The entry that the act left, when it is done; of an undo, the one that it takes back.
    step = models.PositiveIntegerField(null=True)
    # Why it was refused, as a code, and what the sentence needs beside it (refusals.py).
    why = models.CharField(max_length=40, blank=True, default="")
    detail = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sweep", "ticket"], name="swept_once"),
        ]

    objects: ClassVar[models.Manager[SweptTicket]] = models.Manager()

    @override
    def __str__(self) -> str:
        return f"{self.sweep_id} {self.ticket_id}"

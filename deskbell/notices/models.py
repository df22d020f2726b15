"""The tables of notices: what each agent is told, and how they wish to be."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from typing_extensions import override

from deskbell.notices.wishes import HOURLY, Why
from deskbell.people.models import Agent
from deskbell.tickets.models import Ticket


class Notice(models.Model):
    """One entry of which one agent is told, for the strongest of the reasons that hold."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="notices")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="notices")
    step = models.PositiveIntegerField()  # of the entry
    why = models.CharField(max_length=10, choices=Why)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)  # null while it is unread
    # When it was decided about a letter: one tells of it, or none is wanted any more.  Null while that is open.
    mailed_at = models.DateTimeField(null=True)
    letter = models.BigIntegerField(null=True)  # the delivery that tells of it; null without one

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("agent", "ticket", "step"), name="notice_once"),
        )
        indexes = (
            models.Index(fields=("agent", "-id"), name="notice_list"),
            models.Index(
                fields=("agent", "-id"),
                condition=models.Q(read_at__isnull=True),
                name="notice_unread",
            ),
            models.Index(
                fields=("letter",), condition=models.Q(letter__isnull=False), name="notice_letter"
            ),
            models.Index(fields=("at",), name="notice_at"),
        )

    objects: ClassVar[models.Manager[Notice]] = models.Manager()

    @override
    def __str__(self) -> str:
        return f"{self.why} for agent {self.agent_id}, step {self.step} of ticket {self.ticket_id}"


class Wished(models.Model):
    """How one agent wishes to be told; whoever has no row is told as usual (wishes.py)."""

    agent = models.OneToOneField(Agent, models.CASCADE, primary_key=True, related_name="wished")
    # Kind → ways; a kind that it does not name is told as usual.
    ways: models.JSONField[dict[str, list[str]], dict[str, list[str]]] = models.JSONField(
        default=dict
    )
    gather_minutes = models.PositiveSmallIntegerField(default=HOURLY)
    answer = models.BooleanField(default=False)  # answers by mail go to the customer; else notes

"""The tables of work: jobs that wait, run or are parked, and when each line of the timetable last ran.

Only this package writes them; pages may read them to show what is parked and why.
"""

from django.db import models
from typing_extensions import override


class Job(models.Model):
    """One piece of work, written by the transaction that wants it and removed when it is done.

    attempt fences: whoever reports an outcome names the attempt that it was; an older one is not heard.
    """

    WAITING, RUNNING, PARKED = "waiting", "running", "parked"

    name = models.CharField(max_length=100)
    lane = models.CharField(max_length=20)
    args = models.JSONField(default=dict)
    # Only a waiting job with a key has one: so a second waiting row of the same key cannot exist.
    waiting_key = models.CharField(max_length=300, null=True, unique=True)
    key = models.CharField(max_length=200, blank=True, default="")  # empty: every row counts
    state = models.CharField(max_length=10, default=WAITING)
    run_at = models.DateTimeField()
    attempt = models.PositiveIntegerField(default=0)  # how often a worker has taken it
    failures = models.PositiveIntegerField(default=0)  # how many of those ended in an error
    leased_until = models.DateTimeField(null=True)  # null: nobody has it
    worker = models.CharField(max_length=40, blank=True, default="")  # empty: nobody has it
    reason = models.CharField(
        max_length=100, blank=True, default=""
    )  # why it waits again or is parked
    detail = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    parked_at = models.DateTimeField(null=True)  # null unless parked

    class Meta:
        indexes = [
            models.Index(fields=["state", "lane", "run_at"], name="job_due"),
            models.Index(fields=["state", "leased_until"], name="job_lease"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.name} {self.key or self.pk}"


class Tick(models.Model):
    """When a line of the timetable last ran; one row per line."""

    name = models.CharField(max_length=100, unique=True)
    last_run = models.DateTimeField()

    @override
    def __str__(self) -> str:
        return self.name

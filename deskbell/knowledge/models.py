"""The tables of knowledge: canned answers, their texts and files, which messages they went into, what was replaced.

canned.py writes the answers, uses.py the uses, replacing.py the replacements, ticket_templates.py the templates.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from typing_extensions import override

from deskbell.people.models import Agent, Department
from deskbell.tickets.models import Message, new_token


class Shared(models.Model):
    """What one agent keeps for themselves, or for a department, or for everybody where it has neither; see whose.py."""

    name = models.CharField(max_length=100)
    owner = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="%(class)ss")
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="%(class)ss")
    archived_at = models.DateTimeField(null=True)  # null while it is offered
    version = models.PositiveIntegerField(
        default=1
    )  # counts its changes: two editors see each other by it
    changed_at = models.DateTimeField(null=True)  # null where nobody wrote it down, before versions
    changed_by = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(
                condition=models.Q(owner=None) | models.Q(department=None),
                name="%(class)s_one_scope",
            ),
        )

    @property
    def audience(self) -> str:
        """For whom it is: mine, department or all."""
        if self.owner_id is not None:
            return "mine"
        return "all" if self.department_id is None else "department"


class CannedAnswer(Shared):
    """A text to start an answer from."""

    folder = models.CharField(max_length=100, blank=True)  # "" for none; folders hold no folders
    abbreviation = models.CharField(max_length=30, blank=True)  # "" for none
    used = models.PositiveIntegerField(default=0)  # in how many messages it was sent
    used_at = models.DateTimeField(null=True)  # in the last of them; null before the first
    # What it is found by: the folded words and stems of its name and texts, once each, with spaces between them.
    words = models.TextField(blank=True)

    class Meta(Shared.Meta):
        ordering = ("folder", "name", "id")

    objects: ClassVar[models.Manager[CannedAnswer]] = models.Manager()

    @override
    def __str__(self) -> str:
        return self.name


class CannedText(models.Model):
    """What a canned answer says in one language."""

    answer = models.ForeignKey(CannedAnswer, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=12)
    plain = models.TextField()
    html = models.TextField(blank=True)  # already safe; "" when it was written as plain text

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("answer", "language"), name="canned_text_once"),
        )

    objects: ClassVar[models.Manager[CannedText]] = models.Manager()

    @override
    def __str__(self) -> str:
        return f"{self.language} of canned answer {self.answer_id}"


class CannedFile(models.Model):
    """A file that goes along with a canned answer; its bytes lie with all others."""

    answer = models.ForeignKey(CannedAnswer, models.CASCADE, related_name="files")
    token = models.CharField(max_length=32, unique=True, default=new_token)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=150)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)

    class Meta:
        ordering = ("id",)

    objects: ClassVar[models.Manager[CannedFile]] = models.Manager()

    @override
    def __str__(self) -> str:
        return self.name


class CannedUse(models.Model):
    """A message that was sent with a canned answer in it."""

    answer = models.ForeignKey(CannedAnswer, models.CASCADE, related_name="uses")
    message = models.ForeignKey(Message, models.CASCADE, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("answer", "message"), name="canned_use_once"),
        )

    objects: ClassVar[models.Manager[CannedUse]] = models.Manager()

    @override
    def __str__(self) -> str:
        return f"canned answer {self.answer_id} in message {self.message_id}"


class Replacement(models.Model):
    """What an agent replaced last, until they undo it or replace something else."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="replacements")
    find = models.CharField(max_length=500)
    instead = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    objects: ClassVar[models.Manager[Replacement]] = models.Manager()

    @override
    def __str__(self) -> str:
        return f"{self.find} → {self.instead}"


class ReplacedText(models.Model):
    """What a text said before, and since: of a canned answer, a ticket template or a letter."""

    class Part(models.TextChoices):
        """Which text of it."""

        NAME = "name"
        SUBJECT = "subject"
        TEXT = "text"

    replacement = models.ForeignKey(Replacement, models.CASCADE, related_name="texts")
    answer = models.ForeignKey(CannedAnswer, models.CASCADE, null=True, related_name="+")
    template = models.ForeignKey(
        "knowledge.TicketTemplate", models.CASCADE, null=True, related_name="+"
    )
    letter = models.CharField(max_length=20, blank=True)  # "" for an answer or a template
    department = models.ForeignKey(
        Department, models.CASCADE, null=True, related_name="+"
    )  # of a letter; null: for all departments
    language = models.CharField(max_length=12, blank=True)
    part = models.CharField(max_length=10, choices=Part, default=Part.TEXT)
    plain_before = models.TextField()
    html_before = models.TextField(blank=True)
    plain_then = models.TextField()
    html_then = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)

    objects: ClassVar[models.Manager[ReplacedText]] = models.Manager()

    @override
    def __str__(self) -> str:
        return f"text of replacement {self.replacement_id}"


class TicketTemplate(Shared):
    """What a ticket that an agent opens begins with; ticket_templates.py writes it."""

    channel = models.CharField(max_length=16)  # mail, call, visit or internal
    subject = models.CharField(max_length=500, blank=True)
    for_department = models.ForeignKey(
        Department, models.PROTECT, null=True, related_name="+"
    )  # where the ticket goes; null: the writer chooses
    priority = models.PositiveSmallIntegerField(default=2)
    tags: models.JSONField[list[str], list[str]] = models.JSONField(default=list)  # names
    checklist: models.JSONField[list[str], list[str]] = models.JSONField(default=list)  # its lines
    plain = models.TextField(blank=True)
    html = models.TextField(blank=True)  # already safe; "" when it was written as plain text

    class Meta(Shared.Meta):
        ordering = ("name", "id")

    objects: ClassVar[models.Manager[TicketTemplate]] = models.Manager()

    @override
    def __str__(self) -> str:
        return self.name

"""The tables of the heart.

A ticket's row is a cache: replaying its entries gives the row.  Nothing but timeline.record() writes
Ticket, Entry, Participant and Stretch; the rows of words (Text) and files are written by the actions,
before the entry that names them and in the same transaction.
"""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell.people.models import Address, Agent, Customer, Department


def new_token() -> str:
    """Return 128 random bits, fit for an address that leaves the house."""
    return secrets.token_urlsafe(16)


class Text(models.Model):
    """Words of people.  Only these rows hold them, so that blanking one leaves the timeline whole."""

    plain = models.TextField(blank=True)
    quoted = models.TextField(blank=True)  # what the writer repeated of earlier letters
    html = models.TextField(blank=True)  # already safe; "" when it came as plain text
    redacted_at = models.DateTimeField(null=True, blank=True)  # null: as it was written


class Ticket(models.Model):
    """One concern of one customer, from the first word to the closing."""

    class Status(models.TextChoices):
        """What the ticket waits for; lifecycle.py decides what may follow."""

        NEW = "new", _("New")
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        POSTPONED = "postponed", _("Postponed")
        CHATTING = "chatting", _("Chatting")
        CALLING = "calling", _("Calling")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")
        SPAM = "spam", _("Spam")
        DELETED = "deleted", _("Deleted")

    PRIORITIES = range(1, 5)  # low, normal, high, urgent
    NORMAL = 2

    code = models.CharField(max_length=13, unique=True)  # ABC-DEFGH-123
    subject = models.ForeignKey(Text, models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status)
    priority = models.PositiveSmallIntegerField(default=NORMAL)  # one of PRIORITIES
    channel = models.CharField(max_length=16)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    assignee = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")  # null: nobody
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    last_activity_at = models.DateTimeField()
    last_message = models.ForeignKey("Message", models.PROTECT, null=True, related_name="+")
    postponed_until = models.DateTimeField(null=True)  # in Postponed only: when it comes back
    resolved_at = models.DateTimeField(null=True)  # from Resolved on until it opens again
    resolved_by_kind = models.CharField(max_length=10, blank=True)
    resolved_by_id = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)  # in Closed only
    closes_at = models.DateTimeField(
        null=True
    )  # in Resolved: when the clock closes it; null = never
    wrote_after_close = models.BooleanField(default=False)  # "thanks!" after the customer's own yes
    hidden_at = models.DateTimeField(null=True)  # in Spam and Deleted: since when
    deleted_at = models.DateTimeField(null=True)  # in Deleted only
    purged_at = models.DateTimeField(null=True)  # since when its words are gone for good
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="sources")
    due_at = models.DateTimeField(
        null=True
    )  # when the customer is to be answered; null: no clock runs
    warns_at = models.DateTimeField(null=True)  # from when on that is soon; null once it was said
    # What the state holds beside the columns: participants, links, marks; see state.py.
    extra: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    last_step = models.PositiveIntegerField(default=0)
    settled_step = models.PositiveIntegerField(default=0)  # how far settle() has walked; no state

    class Meta:
        indexes = (
            models.Index(
                fields=("department", "status", "-last_activity_at", "-id"), name="t_dept"
            ),
            models.Index(fields=("assignee", "status", "-last_activity_at", "-id"), name="t_mine"),
            models.Index(fields=("status", "-last_activity_at", "-id"), name="t_status"),
            models.Index(fields=("-last_activity_at", "-id"), name="t_activity"),
            models.Index(fields=("-created_at", "-id"), name="t_created"),
            models.Index(
                fields=("status", "department", "assignee", "due_at"),
                condition=models.Q(
                    closed_at__isnull=True,
                    hidden_at__isnull=True,
                    merged_into__isnull=True,
                    purged_at__isnull=True,
                ),
                name="t_counted",
            ),
            models.Index(
                fields=("assignee", "status", "-last_activity_at", "-id"),
                condition=models.Q(wrote_after_close=True),
                name="t_thanked",
            ),
            models.Index(
                fields=("closes_at",),
                condition=models.Q(status="resolved", closes_at__isnull=False),
                name="t_closing",
            ),
            models.Index(
                fields=("postponed_until",),
                condition=models.Q(status="postponed"),
                name="t_postponed",
            ),
            models.Index(
                fields=("due_at", "id"),
                condition=models.Q(due_at__isnull=False),
                name="t_due",
            ),
            models.Index(
                fields=("warns_at",),
                condition=models.Q(warns_at__isnull=False),
                name="t_warning",
            ),
            models.Index(
                fields=("status", "hidden_at"),
                condition=models.Q(hidden_at__isnull=False, purged_at__isnull=True),
                name="t_hidden",
            ),
            models.Index(
                fields=("id",),
                condition=models.Q(settled_step__lt=models.F("last_step")),
                name="t_unsettled",
            ),
        )

    @override
    def __str__(self) -> str:
        return self.code


class Entry(models.Model):
    """One thing that happened to a ticket.  Appended by the door, never changed, never removed."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="entries")
    step = models.PositiveIntegerField()  # 1, 2, 3 … within the ticket
    at = models.DateTimeField()  # when it was recorded; never runs backwards within a ticket
    occurred_at = models.DateTimeField(null=True)  # when it truly happened; null = the same
    by_kind = models.CharField(max_length=10)
    by_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=40)
    v = models.PositiveSmallIntegerField()
    data: models.JSONField[dict[str, Any], dict[str, Any]] = (
        models.JSONField()
    )  # only ids and figures, no words
    before: models.JSONField[dict[str, Any], dict[str, Any]] = (
        models.JSONField()
    )  # old values of what it writes
    cause = models.ForeignKey("self", models.PROTECT, null=True, related_name="effects")
    depth = models.PositiveSmallIntegerField(default=0)  # how many causes lie before it

    class Meta:
        ordering = ("ticket_id", "step")
        constraints = (models.UniqueConstraint(fields=("ticket", "step"), name="entry_step_once"),)
        indexes = (models.Index(fields=("ticket", "at"), name="entry_at"),)

    @override
    def __str__(self) -> str:
        return f"{self.kind} (step {self.step} of ticket {self.ticket_id})"


class Message(models.Model):
    """Something that somebody said on a ticket: a customer's letter, an answer, a note."""

    class Kind(models.TextChoices):
        """Who speaks to whom."""

        CUSTOMER = "customer", _("Customer")
        REPLY = "reply", _("Answer")
        NOTE = "note", _("Note")
        # The two of a side thread: the customer is never shown nor sent them.
        FORWARD = "forward", _("Forwarded")
        OUTSIDE = "outside", _("Somebody outside")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind)
    author_kind = models.CharField(max_length=10)
    author_id = models.BigIntegerField(null=True)
    address = models.ForeignKey(
        Address, models.PROTECT, null=True, related_name="+"
    )  # a customer's
    # The forward that began its side thread, which names itself; null: of the customer's thread, or a note.
    side = models.ForeignKey("self", models.PROTECT, null=True, related_name="aside")
    text = models.ForeignKey(Text, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=500, blank=True)
    preview = models.CharField(max_length=160, blank=True)  # first words, for lists
    message_id = models.CharField(max_length=500, blank=True, db_index=True)  # without < >
    references = models.TextField(blank=True)  # theirs, in order, separated by spaces
    sent_at = models.DateTimeField()  # as the writer's clock says
    received_at = models.DateTimeField()  # when it reached our door
    trust = models.CharField(max_length=12, blank=True)  # participant, new_sender; "" for our own
    answers_question = models.BooleanField(default=False)  # "is it solved?" was asked before it
    taken_back_at = models.DateTimeField(null=True)  # when its writer took it back; null: it stands
    # What its channel told beside it (channels/mail/facts.py): shown, and trusted for nothing.
    facts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        ordering = ("ticket_id", "id")

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.pk} on ticket {self.ticket_id}"


class MessageRecipient(models.Model):
    """An address that stood on a message."""

    class Role(models.TextChoices):
        """Where it stood."""

        FROM = "from", _("From")
        TO = "to", _("To")
        CC = "cc", _("Cc")
        BCC = "bcc", _("Bcc")

    message = models.ForeignKey(Message, models.CASCADE, related_name="recipients")
    role = models.CharField(max_length=4, choices=Role)
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)


class Attachment(models.Model):
    """A file on a message; its bytes lie in the data folder under their sha256."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=150)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    content_id = models.CharField(max_length=500, blank=True)  # without < >; for cid: pictures
    inline = models.BooleanField(default=False)  # shown inside the letter
    token = models.CharField(
        max_length=32, unique=True, default=new_token
    )  # its address /files/TOKEN

    class Meta:
        ordering = ("id",)

    @override
    def __str__(self) -> str:
        return self.name


class Participant(models.Model):
    """An address that takes part in a ticket; a cache of the state, like the ticket's row."""

    class Role(models.TextChoices):
        """Why they take part."""

        CUSTOMER = "customer", _("Customer")
        CC = "cc", _("Copied in")
        OTHER = "other", _("New sender")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="participants")
    address = models.ForeignKey(Address, models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=Role)
    since_step = models.PositiveIntegerField()
    accepted = models.BooleanField(default=True)  # False: is sent nothing until an agent accepts

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("ticket", "address"), name="participant_once"),
        )


class Stretch(models.Model):
    """A span of a ticket's life in which status, department, assignee and priority stayed the same."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="stretches")
    status = models.CharField(max_length=10)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    assignee = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    priority = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    till = models.DateTimeField(null=True)  # null: it lasts

    class Meta:
        indexes = (
            models.Index(fields=("ticket", "since"), name="stretch_ticket"),
            models.Index(fields=("since", "till"), name="stretch_moment"),
            # Queues as they stood: what lasted at a moment is met soon, going back from there.
            models.Index(fields=("status", "since", "till"), name="stretch_status"),
            models.Index(fields=("department", "status", "since", "till"), name="stretch_dept"),
            models.Index(fields=("assignee", "status", "since", "till"), name="stretch_mine"),
        )


class Link(models.Model):
    """Two tickets have to do with each other; a cache of the state of the one it leads from."""

    class Kind(models.TextChoices):
        """How they are related, seen from `ticket`."""

        FOLLOW_UP_OF = "follow_up_of", _("follows up")
        SPLIT_FROM = "split_from", _("was split off from")
        CHILD_OF = "child_of", _("is a part of")
        RELATED = "related", _("is related to")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="links")
    other = models.ForeignKey(Ticket, models.PROTECT, related_name="linked_from")
    kind = models.CharField(max_length=16, choices=Kind)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("ticket", "other", "kind"), name="link_once"),
        )


class Tag(models.Model):
    """A word that tickets are marked with; archived rather than deleted, tickets of the past keep it."""

    name = models.CharField(max_length=50)  # as it is shown
    key = models.CharField(max_length=50, unique=True)  # folded: two tags never differ by case only
    archived_at = models.DateTimeField(null=True, blank=True)  # null while it is offered

    class Meta:
        ordering = ("name", "id")

    @override
    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """A ticket carries a tag; a cache of the state."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="taggings")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="taggings")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("ticket", "tag"), name="tagging_once"),)


class CodeAlias(models.Model):
    """An old or foreign code that still leads to a ticket, also after that ticket is purged."""

    code = models.CharField(max_length=64, unique=True)
    ticket = models.ForeignKey(Ticket, models.SET_NULL, null=True, related_name="aliases")

    objects: ClassVar[models.Manager[CodeAlias]] = models.Manager()


class Pressed(models.Model):
    """A form that was sent; sending the same one again finds what the first time made of it."""

    once = models.CharField(max_length=64, primary_key=True)
    message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    at = models.DateTimeField()


class Draft(models.Model):
    """What an agent has begun to write and not sent; drafts.py writes it, scheduled.py what is to leave later.

    One for each agent and ticket, and one for each form in which a ticket is to begin; beside them any number of
    letters that are written and leave later.
    """

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="drafts")
    ticket = models.ForeignKey(Ticket, models.CASCADE, null=True, related_name="drafts")
    text = models.TextField(blank=True)  # plain
    html = models.TextField(blank=True)  # the same as safe HTML; "" while it has no looks
    # What else the form holds: the values of each field, by its name.
    fields: models.JSONField[dict[str, list[str]], dict[str, list[str]]] = models.JSONField(
        default=dict
    )
    version = models.PositiveIntegerField(default=1)  # counts how often it was kept
    writer = models.CharField(max_length=32, blank=True)  # the window that kept it last
    # The token of the form in which a ticket is to begin, or from which a letter was sent to leave later.
    once = models.CharField(max_length=64, default=new_token)
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    send_at = models.DateTimeField(null=True)  # null while it is being written
    # When it was to leave; null unless it is being changed, or stayed here at that moment for a reason (held_back.py).
    was_due_at = models.DateTimeField(null=True)
    stayed = models.CharField(max_length=40, blank=True)  # the reason; "" while it is being changed
    # Of what leaves later: what becomes of the ticket then, whether a message before keeps it here …
    then = models.CharField(max_length=12, blank=True)
    unless_something_comes = models.BooleanField(default=False)
    # … and whom it goes to, in their order: role, address, name, and "part" for who takes part from then on.
    going_to: models.JSONField[list[list[str]], list[list[str]]] = models.JSONField(default=list)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("agent", "ticket"),
                condition=models.Q(send_at=None),
                name="draft_once",
            ),
            models.UniqueConstraint(
                fields=("agent", "once"),
                condition=models.Q(ticket=None, send_at=None),
                name="draft_of_form_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("send_at",),
                condition=models.Q(send_at__isnull=False),
                name="draft_send_at",
            ),
            models.Index(
                fields=("was_due_at",),
                condition=models.Q(was_due_at__isnull=False),
                name="draft_was_due_at",
            ),
        )

    @override
    def __str__(self) -> str:
        return f"draft {self.pk}"

    @property
    def kind(self) -> str:
        """What it becomes: reply, note or forward; of what begins a ticket how that comes about, as mail."""
        return self.said("kind") or "reply"

    def said(self, field: str) -> str:
        """Return what a field of its form holds, the first where there are several; "" for nothing."""
        return next(iter(self.fields.get(field) or ()), "")


class DraftFile(models.Model):
    """A file that goes with a draft; its bytes lie with all others."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="files")
    token = models.CharField(max_length=32, unique=True, default=new_token)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=150)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    inline = models.BooleanField(default=False)  # a picture among the words

    class Meta:
        ordering = ("id",)

    @override
    def __str__(self) -> str:
        return self.name

"""What can be found: a row for each subject, message and other text, with its words; index.py alone writes it.

PostgreSQL indexes the column itself.  On SQLite triggers keep the full-text index search_words beside the table
(migration 0001): a migration that makes the table anew makes them anew, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from typing_extensions import override

from deskbell.tickets.models import Message, Ticket

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a document.

    said   in their order, folded: phrases are found by it
    marks  stems, and what else it is found by; no place in any order
    """

    said: tuple[str, ...]
    marks: frozenset[str]

    def as_text(self) -> str:
        """Return them as SQLite indexes them: one after the other."""
        return " ".join((*self.said, *sorted(self.marks)))

    def as_vector(self) -> str:
        """Return them as a tsvector is written (PostgreSQL manual, Text Search Types)."""
        places: dict[str, list[str]] = {}
        for place, word in enumerate(self.said, 1):
            places.setdefault(word, []).append(str(place))
        placed = [f"'{word}':{','.join(where)}" for word, where in places.items()]
        return " ".join((*placed, *(f"'{mark}'" for mark in sorted(self.marks - places.keys()))))


class WordsField(models.Field):  # type: ignore[type-arg]  # it takes none at run time
    """A column of Words: a tsvector on PostgreSQL, text on SQLite; read as the database writes it."""

    @override
    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    @override
    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        if not isinstance(value, Words):
            return value
        return value.as_vector() if connection.vendor == "postgresql" else value.as_text()


class Document(models.Model):
    """Something that was said, as it is found: a subject, a message, the names of a message's files, all else.

    Newer ones have higher numbers, by when they came to this desk.
    """

    class Kind(models.TextChoices):
        """What it is: the subject, what else was written about the case, names of files, or a kind of message."""

        SUBJECT = "subject"
        CASE = "case"
        FILE = "file"
        CUSTOMER = "customer"
        REPLY = "reply"
        NOTE = "note"
        FORWARD = "forward"
        OUTSIDE = "outside"

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="documents")  # the survivor
    origin = models.ForeignKey(Ticket, models.PROTECT, related_name="+", db_index=False)  # its own
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="documents")
    kind = models.CharField(max_length=8, choices=Kind)
    part = models.PositiveSmallIntegerField(default=0)  # of a long one: 0, 1, 2 …
    words = WordsField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("origin", "kind", "part"),
                condition=models.Q(message=None),
                name="document_of_ticket_once",
            ),
        )
        indexes = (
            # Those of merged tickets, which a merge that is taken apart gives back.
            models.Index(
                fields=("origin",),
                condition=~models.Q(origin=models.F("ticket")),
                name="document_elsewhere",
            ),
        )

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.pk} of ticket {self.ticket_id}"


class Backlog(models.Model):
    """Tickets from before there were documents, whose words are still to be written; no row: none is left."""

    id = models.PositiveSmallIntegerField(primary_key=True)  # 1
    done = models.BigIntegerField(default=0)  # tickets up to this number have theirs
    of = models.BigIntegerField()  # the newest ticket that lacked them

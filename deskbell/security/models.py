"""What is remembered of sign-ins: those that failed, and the sessions of those that did not."""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from typing_extensions import override


class Failures(models.Model):
    """How often something was tried in vain; forgotten after an hour of quiet, or by a success."""

    # sha256 of what is counted: people type passwords into the wrong field, so nothing is kept readable.
    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    locked_until = models.DateTimeField(null=True)  # null: may try at once

    @override
    def __str__(self) -> str:
        return f"{self.count} failures"


class Session(AbstractBaseSession):
    """Somebody who is signed in, on one device; sessions.py writes it."""

    # Of people.Account, which this room does not know; null: nobody has signed in yet.
    account_id = models.BigIntegerField(null=True, db_index=True)
    device = models.CharField(max_length=300, blank=True)  # how the browser calls itself
    peer = models.CharField(max_length=45, blank=True)  # the IP address it was last seen at
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    @classmethod
    @override
    def get_session_store_class(cls) -> type[SessionBase]:
        """Return the engine that reads these rows."""
        from deskbell.security.sessions import SessionStore

        return SessionStore

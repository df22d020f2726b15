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


class Authenticator(models.Model):
    """An app of somebody that shows a new code every 30 seconds; second_factor.py writes it."""

    account_id = models.BigIntegerField(unique=True)
    secret = models.CharField(max_length=500)  # sealed
    last_step = models.BigIntegerField(
        default=0
    )  # of the last code that was used: none counts twice
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    @override
    def __str__(self) -> str:
        return f"authenticator of account {self.account_id}"


class RecoveryCode(models.Model):
    """A code for the day on which the phone is gone; works once."""

    account_id = models.BigIntegerField(db_index=True)
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)  # null: it still works

    @override
    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class Passkey(models.Model):
    """A key of somebody's device that signs in without a password; passkeys.py writes it."""

    account_id = models.BigIntegerField(db_index=True)
    name = models.CharField(max_length=60)  # as its owner calls it
    credential_id = models.CharField(max_length=1400, unique=True)  # base64url
    credential = models.BinaryField()  # with the public key, as WebAuthn has it
    sign_count = models.BigIntegerField(default=0)  # 0 for those that do not count
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)

    @override
    def __str__(self) -> str:
        return self.name

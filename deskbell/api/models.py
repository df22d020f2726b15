"""The tables of the API.  A key itself is never stored, only its sum."""

from __future__ import annotations

from django.db import models
from typing_extensions import override

from deskbell.people.models import Agent
from deskbell.tickets.models import new_token


class Key(models.Model):
    """What a program shows to act as an agent."""

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="keys")
    name = models.CharField(max_length=100)  # what it is for
    hash = models.CharField(max_length=64, unique=True)  # sha256 of the key, hex
    prefix = models.CharField(max_length=12)  # its first letters, to tell keys apart
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)  # right to the minute; null until it is used
    revoked_at = models.DateTimeField(null=True)  # null while it opens

    class Meta:
        ordering = ("id",)

    @override
    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"


class IdempotencyKey(models.Model):
    """A POST that named itself, and what it was answered; written in the transaction of its effect."""

    api_key = models.ForeignKey(Key, models.CASCADE, related_name="+")
    value = models.CharField(max_length=255)  # the header Idempotency-Key
    request_hash = models.CharField(max_length=64)  # sha256 of method, address and body, hex
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=500, blank=True)
    # Sealed like any secret: the answer to a new API key is that key.
    sealed_answer = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("api_key", "value"), name="asked_once"),)


class Upload(models.Model):
    """A file that was sent ahead, to be named by its token in a message; its bytes lie with all others."""

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    token = models.CharField(max_length=32, unique=True, default=new_token)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=150)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_index=True)

    @override
    def __str__(self) -> str:
        return self.name

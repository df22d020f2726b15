"""What is remembered of sign-ins that failed."""

from __future__ import annotations

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

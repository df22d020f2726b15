"""The table of masking rules; rules.py reads and writes it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell.people.models import Agent


class MaskingRule(models.Model):
    """Something that is masked in whatever comes in.

    Of card numbers there is a row only once somebody has decided about them: they are masked from the first day.
    """

    class Kind(models.TextChoices):
        """What it finds."""

        CARDS = "cards", _("Card numbers")
        PATTERN = "pattern", _("What a pattern of ours finds")

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PATTERN)
    name = models.CharField(max_length=60, blank=True)  # "" of card numbers
    pattern = models.CharField(max_length=500, blank=True)  # of google-re2; "" of card numbers
    put = models.CharField(max_length=60, blank=True)  # stands instead; "" of card numbers
    off_since = models.DateTimeField(null=True)  # null while it masks
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Agent, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("kind",), condition=models.Q(kind="cards"), name="masking_cards_once"
            ),
        )

    @override
    def __str__(self) -> str:
        return self.name or self.kind

"""The table of saved views; keeping.py writes it, reading.py says who sees which."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell.people.models import Agent, Department


class SavedView(models.Model):
    """A query under a name, with the order of its list and what its rows show."""

    class Audience(models.TextChoices):
        """In whose rail it stands."""

        MINE = "mine", _("Only me")
        DEPARTMENT = "department", _("A department")
        ALL = "all", _("Everybody")

    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=500)  # as it would be typed
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.MINE)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, related_name="+"
    )  # null unless it is a department's
    owner = models.ForeignKey(Agent, models.PROTECT, related_name="saved_views")  # who made it
    sort = models.CharField(max_length=20)  # a name in sorts.SORTS
    hides = models.CharField(
        max_length=200, blank=True
    )  # parts of keeping.PARTS, separated by spaces
    adds = models.CharField(
        max_length=200, blank=True
    )  # parts of keeping.EXTRAS, separated by spaces
    place = models.IntegerField(default=0)  # in the rail, among those for the same people

    class Meta:
        ordering = ("place", "id")

    objects: ClassVar[models.Manager[SavedView]] = models.Manager()

    @override
    def __str__(self) -> str:
        return self.name

    @property
    def hidden_parts(self) -> list[str]:
        """The parts of a row that its list leaves out."""
        return self.hides.split()

    @property
    def added_parts(self) -> list[str]:
        """What its rows show beside what every row shows."""
        return self.adds.split()

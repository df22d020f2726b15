"""Keeping what an agent wishes to be told, and how."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from deskbell.errors import BadInput
from deskbell.notices.models import Wished
from deskbell.notices.wishes import GATHERINGS, Way, Why, with_the_page
from deskbell.people.models import Agent


def keep_wish(
    agent: Agent, *, ways: Mapping[str, Collection[str]], gather_minutes: int, answer: bool
) -> None:
    """Let `agent` be told so from now on.  Raises BadInput.

    ways            kind → ways; a kind that is not named is told by none
    gather_minutes  one of GATHERINGS
    answer          answers to notices by mail go to the customer; else they are notes
    """
    if gather_minutes not in GATHERINGS:
        raise BadInput("gather_minutes", _("Choose one of these."))
    for why, chosen in ways.items():
        if why not in Why.values or not set(chosen) <= set(Way.values):
            raise BadInput("ways", _("There is no such way to be told."))
    kept = {
        why: sorted(way.value for way in with_the_page(ways.get(why, ()))) for why in Why.values
    }
    Wished.objects.update_or_create(
        agent=agent,
        defaults={"ways": kept, "gather_minutes": gather_minutes, "answer": answer},
    )

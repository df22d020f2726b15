"""Of what an agent can be told, by which ways, and what each of them wishes.  Pure but for reading the row.

The kinds stand from the strongest to the weakest: where several hold, the first one is what the agent is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Why(models.TextChoices):
    """Why somebody is told of an entry, the strongest reason first."""

    MENTION = "mention", _("Somebody calls me in a note")
    ASSIGNED = "assigned", _("A ticket is assigned to me")
    FAILED = "failed", _("A letter on a ticket of mine did not arrive")
    HELD = "held", _("What I wrote for later stayed here")
    ANSWER = "answer", _("The customer writes on a ticket of mine")
    DUE_SOON = "due_soon", _("A ticket of mine is due soon")
    WOKEN = "woken", _("A ticket of mine comes back that was postponed")
    FOLLOWED = "followed", _("The customer writes on a ticket that I follow")
    NEW = "new", _("A ticket of nobody's is new in a department of mine")


class Way(models.TextChoices):
    """By which way somebody is told.  All others include the page."""

    PAGE = "page", _("In the page")
    BROWSER = "browser", _("Browser")
    SOUND = "sound", _("Sound")
    MAIL = "mail", _("Mail at once")
    GATHERED = "gathered", _("Mail, gathered")


# A letter "at once" waits so long whether it is read in the page first: who sits at the desk needs none.
AT_ONCE = timedelta(minutes=2)

# How often at most the gathered letter comes, in minutes.
GATHERINGS: dict[int, Promise] = {
    15: _("every quarter of an hour"),
    60: _("every hour"),
    24 * 60: _("once a day"),
}
HOURLY = 60

P, B, S, M, G = Way.PAGE, Way.BROWSER, Way.SOUND, Way.MAIL, Way.GATHERED

# What concerns one person and waits for them comes by mail too when they are away; what concerns many stays
# in the page.
USUAL: dict[Why, frozenset[Way]] = {
    Why.MENTION: frozenset({P, B, M}),
    Why.ASSIGNED: frozenset({P, B, M}),
    Why.FAILED: frozenset({P, B, M}),
    Why.HELD: frozenset({P, B, M}),
    Why.ANSWER: frozenset({P, B, G}),
    Why.DUE_SOON: frozenset({P, B, M}),
    Why.WOKEN: frozenset({P, B, G}),
    Why.FOLLOWED: frozenset({P, G}),
    Why.NEW: frozenset({P}),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What one agent wishes.

    ways            the ways of each kind; none at all: nothing of this kind is told
    gather_minutes  one of GATHERINGS
    answer          whether an answer to a notice by mail goes to the customer; else it is a note
    """

    ways: Mapping[Why, frozenset[Way]] = field(default_factory=lambda: USUAL)
    gather_minutes: int = HOURLY
    answer: bool = False

    def wants(self, why: str, way: Way) -> bool:
        """Return whether somebody wants to be told by this way of what happened for this reason."""
        return way in self.ways.get(Why(why), frozenset())

    def is_told(self, why: str) -> bool:
        """Return whether somebody wants to hear of this at all."""
        return bool(self.ways.get(Why(why)))


def with_the_page(ways: Iterable[str]) -> frozenset[Way]:
    """Return the ways that are known; whoever is told by any of them finds it in the page, too."""
    known = frozenset(Way(way) for way in ways if way in Way.values)
    return known | {Way.PAGE} if known else known


def read(stored: Mapping[str, list[str]], gather_minutes: int, *, answer: bool) -> Wish:
    """Return the wish that a row holds; a kind that it does not name is told as usual."""
    ways = {
        why: with_the_page(stored[why]) if why in stored else usual for why, usual in USUAL.items()
    }
    return Wish(
        ways=ways,
        gather_minutes=gather_minutes if gather_minutes in GATHERINGS else HOURLY,
        answer=answer,
    )

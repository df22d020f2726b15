"""Whose something is that a team says again: one agent's, a department's, or everybody's; who uses and who changes it.

One's own are everybody's to keep; those of others need the right `share_canned_answers`.  Of two who change one at
the same time, the second is told.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deskbell import access, clock
from deskbell.errors import BadInput, Conflict, NotAllowed, NotFound
from deskbell.knowledge.models import Shared
from deskbell.people.actors import Actor
from deskbell.people.models import Agent, Department

T = TypeVar("T", bound=Shared)

LONGEST_NAME = 100

# No row has a number above it, and SQLite takes none.
LARGEST = 2**63 - 1


class ChangedMeanwhile(Conflict):
    """Somebody changed it since the writer saw it, and it has another `version`; the writer decides again."""

    code = "changed_meanwhile"
    template = gettext_lazy("This was changed while you were writing. Look at it before you save.")


def usable(things: QuerySet[T], by: Actor) -> QuerySet[T]:
    """Return what an agent may use: their own, those of departments they see, everybody's."""
    return things.filter(_in_sight(by), archived_at=None)


def listed(things: QuerySet[T], by: Actor, *, shares: bool) -> QuerySet[T]:
    """Return what an agent may look at: what they may use, and what they may change, archived too.

    shares  whether they have the right `share_canned_answers`
    """
    kept = Q(owner=by.id) | Q(owner=None) if shares else Q(owner=by.id)
    return things.filter((_in_sight(by) & Q(archived_at=None)) | kept)


def one_of(things: QuerySet[T], by: Actor, number: int, *, shares: bool) -> T:
    """Return the one of this number, which the agent may look at.  Raises NotFound."""
    found = listed(things, by, shares=shares).select_related("department", "owner")
    one = found.filter(pk=number).first() if number <= LARGEST else None
    if one is None:
        raise NotFound
    return one


def keeps(one: Shared, by: Actor, *, shares: bool) -> bool:
    """Return whether an agent may change it: their own, and with the right `share_canned_answers` the shared ones."""
    return one.owner_id == by.id if one.owner_id is not None else shares


def require_change(one: Shared, by: Actor) -> None:
    """Raise NotAllowed unless `by` may change it."""
    _require(one.owner_id, by)


def require_whose(owner: Agent | None, department: Department | None, by: Actor) -> None:
    """Raise NotAllowed unless `by` may keep something for these; BadInput when it is for both."""
    if owner and department:
        raise BadInput("department", _("Choose one of these."))
    _require(owner.pk if owner else None, by)


def hold(one: Shared, seen: int | None) -> None:
    """Lock it until the transaction ends and read it anew.

    seen  the version that the writer saw; None: they write whatever it is
    Raises ChangedMeanwhile.
    """
    one.refresh_from_db(from_queryset=type(one)._default_manager.select_for_update())
    if seen is not None and seen != one.version:
        raise ChangedMeanwhile(version=one.version)


def count_change(one: Shared, by: Actor) -> None:
    """Give what is about to be written its next version, and say who wrote it and when."""
    one.version = one.version + 1 if one.pk else 1
    one.changed_at, one.changed_by_id = clock.now(), by.id


def archive(one: Shared, *, by: Actor) -> None:
    """Offer it no more.  Raises NotAllowed."""
    _offer_until(one, clock.now(), by)


def bring_back(one: Shared, *, by: Actor) -> None:
    """Offer again what was archived.  Raises NotAllowed."""
    _offer_until(one, None, by)


def offer(one: Shared, *, offered: bool, by: Actor) -> None:
    """Offer it from now on or no more, where that is not so already.  Raises NotAllowed."""
    if offered != (one.archived_at is None):
        (bring_back if offered else archive)(one, by=by)


def _offer_until(one: Shared, moment: datetime | None, by: Actor) -> None:
    require_change(one, by)
    one.archived_at = moment
    one.save(update_fields=("archived_at",))


def _in_sight(by: Actor) -> Q:
    sight = access.sight_of(by)
    shared = Q(owner=None) if sight.everywhere else Q(owner=None, department=None)
    return shared | Q(department__in=sight.departments) | Q(owner=by.id)


def _require(owner_id: int | None, by: Actor) -> None:
    if owner_id is None:
        access.require(by, "share_canned_answers")
    # Everybody who works here may see who else does: who left, or is no agent, may not.
    elif not by.is_agent or owner_id != by.id or not access.may(by, "see_agents"):
        raise NotAllowed(action="share_canned_answers")

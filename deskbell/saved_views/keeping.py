"""Keeping saved views: making, changing, moving and deleting them.

One's own are everybody's to keep; those of others need the right `share_views`, and what somebody kept for themselves
who has left is seen to by whoever may see to a leaver (deskbell/access/leavers.py).  Each change gives Desk.views a new
name, by which every process knows that the rail is to be read anew (reading.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from deskbell import access
from deskbell.errors import BadInput, NotAllowed
from deskbell.people.accounts import checked_name
from deskbell.people.models import Agent, Department, Desk
from deskbell.saved_views import sorts
from deskbell.saved_views.models import SavedView
from deskbell.search.tickets import find

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.utils.functional import Promise

    from deskbell.people.actors import Actor

LONGEST_NAME, LONGEST_QUERY = 60, 500
# Of one agent, of one department, or of all: a rail is to be read.
MOST = 50
# The parts of a row that a view may leave out; code and subject always stand there.
PARTS: dict[str, str | Promise] = {
    "time": _("Last activity"),
    "customer": _("Customer"),
    "words": _("First words"),
    "status": _("Status"),
    "department": _("Department"),
    "assignee": _("Assignee"),
}
# What a row shows only where a view adds it.
EXTRAS: dict[str, str | Promise] = {
    "priority": _("Priority"),
    "company": _("Company"),
    "tags": _("Tags"),
    "created": _("Day of opening"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a saved view is to be.

    department  whose it is, for the audience "department"
    hides       names in PARTS
    adds        names in EXTRAS
    """

    name: str
    query: str
    audience: str = "mine"
    department: Department | None = None
    sort: str = sorts.DEFAULT
    hides: Collection[str] = ()
    adds: Collection[str] = ()


def make(wish: Wish, *, by: Actor) -> SavedView:
    """Keep a new view, the last of its group, and return it.  Raises BadInput, NotAllowed."""
    with transaction.atomic():
        _name_anew()
        view = SavedView(owner_id=by.id or 0)
        _fill(view, wish, by)
        _put_last(view)
        view.save()
    return view


def change(view: SavedView, wish: Wish, *, by: Actor) -> None:
    """Make a view another; whose group changes is the last of the new one.  Raises BadInput, NotAllowed."""
    require_keeper(view, by)
    with transaction.atomic():
        _name_anew()
        before = (view.audience, view.department_id)
        _fill(view, wish, by)
        if (view.audience, view.department_id) != before:
            _put_last(view)
        view.save()


def delete(view: SavedView, *, by: Actor) -> None:
    """Keep a view no longer; its tickets stay as they are.  Raises NotAllowed."""
    require_keeper(view, by)
    with transaction.atomic():
        _name_anew()
        view.delete()


def left_by(leaver: Agent) -> QuerySet[SavedView]:
    """Return the views that an agent kept for themselves alone."""
    return SavedView.objects.filter(owner=leaver, audience=SavedView.Audience.MINE)


def take_over(view: SavedView, *, by: Actor) -> None:
    """Make what a leaver kept for themselves the last of one's own views.  Raises NotAllowed, BadInput."""
    with transaction.atomic():
        _hold_left(view, by)
        view.owner_id = by.id or 0
        _put_last(view)
        view.save(update_fields=("owner", "place"))


def delete_left(view: SavedView, *, by: Actor) -> None:
    """Keep a view no longer that a leaver kept for themselves.  Raises NotAllowed."""
    with transaction.atomic():
        _hold_left(view, by)
        view.delete()


def _hold_left(view: SavedView, by: Actor) -> None:
    """Lock it, so that of two who take it over at once one has it."""
    _name_anew()
    view.refresh_from_db()
    if view.audience != SavedView.Audience.MINE:
        raise NotAllowed(action="share_views")
    access.require_may_see_to(view.owner, by)


def move(view: SavedView, *, up: bool, by: Actor) -> None:
    """Let a view change places with its neighbour; at the end it stays.  Raises NotAllowed."""
    require_keeper(view, by)
    with transaction.atomic():
        _name_anew()
        group = list(_group(view))
        at = next(at for at, one in enumerate(group) if one.pk == view.pk)
        to = max(0, min(len(group) - 1, at + (-1 if up else 1)))
        group.insert(to, group.pop(at))
        for place, one in enumerate(group):
            one.place = place
        SavedView.objects.bulk_update(group, ["place"])


def require_keeper(view: SavedView, by: Actor) -> None:
    """Raise NotAllowed unless `by` may change the view."""
    if not keeps(view, by, shares=access.may(by, "share_views")):
        raise NotAllowed(action="share_views")


def keeps(view: SavedView, by: Actor, *, shares: bool) -> bool:
    """Return whether `by` may change the view.

    shares  whether they have the right `share_views`
    """
    if view.audience == SavedView.Audience.MINE:
        return view.owner_id == by.id
    return shares


def _fill(view: SavedView, wish: Wish, by: Actor) -> None:
    if wish.audience not in SavedView.Audience.values:
        raise BadInput("audience", _("Choose for whom it is."))
    if wish.audience != SavedView.Audience.MINE:
        access.require(by, "share_views")
    view.name = checked_name(wish.name, longest=LONGEST_NAME)
    view.query = _checked_query(wish.query, by)
    view.audience = wish.audience
    view.department = _checked_department(wish)
    if wish.audience == SavedView.Audience.MINE:
        view.owner_id = by.id or 0
    if wish.sort not in sorts.SORTS:
        raise BadInput("sort", _("Choose one of the orders."))
    view.sort = wish.sort
    if not set(wish.hides) <= PARTS.keys():
        raise BadInput("hides", _("Choose one of the parts."))
    view.hides = " ".join(part for part in PARTS if part in wish.hides)
    if not set(wish.adds) <= EXTRAS.keys():
        raise BadInput("adds", _("Choose one of the parts."))
    view.adds = " ".join(part for part in EXTRAS if part in wish.adds)


def _checked_query(text: str, by: Actor) -> str:
    clean = " ".join(text.split())
    if not clean:
        raise BadInput("query", _("Say what the view is to find, for example status:open,new."))
    if len(clean) > LONGEST_QUERY:
        raise BadInput("query", _("This query is too long."))
    try:
        find(by, clean)
    except BadInput as error:
        raise BadInput("query", error.sentence) from error
    return clean


def _checked_department(wish: Wish) -> Department | None:
    if wish.audience != SavedView.Audience.DEPARTMENT:
        return None
    if wish.department is None:
        raise BadInput("department", _("Choose a department."))
    return wish.department


def _put_last(view: SavedView) -> None:
    others = list(_group(view).exclude(pk=view.pk).values_list("place", flat=True))
    if len(others) >= MOST:
        raise BadInput("name", _("There are {most} views already. Delete one first."), most=MOST)
    view.place = max(others, default=-1) + 1


def _group(view: SavedView) -> QuerySet[SavedView]:
    same = SavedView.objects.filter(audience=view.audience, department=view.department)
    return same.filter(owner=view.owner_id) if view.audience == "mine" else same


def _name_anew() -> None:
    """Lock the desk's row first: two changes at once would give one place twice."""
    Desk.objects.select_for_update().filter(pk=1).first()
    Desk.objects.filter(pk=1).update(views=secrets.token_hex(8))

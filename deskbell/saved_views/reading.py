"""Which saved views somebody sees; the rail asks on every page.

All views are kept in this process under the name that Desk.views gives them, so that a page, which has read the
desk's row anyway, asks the database nothing.
"""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deskbell.errors import NotAllowed, NotFound
from deskbell.people.models import Agent, Department
from deskbell.saved_views.models import SavedView

if TYPE_CHECKING:
    from collections.abc import Collection

    from deskbell.access.rights import Standing

_lock = Lock()
_kept: dict[str, tuple[SavedView, ...]] = {}

_TERM = re.compile(r'\b(?:dept|department|assignee):((?:"[^"]*"?|[^\s"])+)', re.IGNORECASE)


class SomebodysOwn(NotAllowed):
    """A private view of a colleague: what they look for is their own."""

    code = "private_view"
    template = gettext_lazy("This view is a colleague's own. Ask them what it searches for.")


def all_of(name: str) -> tuple[SavedView, ...]:
    """Return all saved views, in their order; `name` is Desk.views.  No query while it stays the same."""
    with _lock:
        if name not in _kept:
            # The name was read before the rows: rows newer than it are read once more under their own.
            found = tuple(SavedView.objects.select_related("department"))
            _kept.clear()
            _kept[name] = found
        return _kept[name]


def of_rail(name: str, standing: Standing) -> list[SavedView]:
    """Return the views that stand in an agent's rail: their own, their departments', those for all."""
    order = list(SavedView.Audience.values)
    found = [
        one
        for one in all_of(name)
        if one.audience == "all"
        or (one.audience == "mine" and one.owner_id == standing.agent_id)
        or (one.audience == "department" and one.department_id in standing.departments)
    ]
    return sorted(found, key=lambda one: (order.index(one.audience), one.department_id or 0))


def seen_by(name: str, standing: Standing) -> list[SavedView]:
    """Return the views that an agent may open: those of the rail, and who shares views sees all shared ones."""
    found = of_rail(name, standing)
    if not standing.may("share_views", None):
        return found
    known = {one.pk for one in found}
    return found + [
        one for one in all_of(name) if one.audience == "department" and one.pk not in known
    ]


def view_for(name: str, standing: Standing, number: int) -> SavedView:
    """Return the view of this number.  Raises NotFound, and SomebodysOwn for a colleague's private one."""
    for one in seen_by(name, standing):
        if one.pk == number:
            return one
    if any(one.pk == number and one.audience == "mine" for one in all_of(name)):
        raise SomebodysOwn(action="see")
    raise NotFound


def gone_from(view: SavedView) -> list[str]:
    """Return a sentence for each archived department or agent that the view names, and for its own department."""
    names = {name.lower() for name in _named(view.query)}
    departments = Department.objects.exclude(archived_at=None)
    sentences = [
        _("The department %(name)s is archived; its tickets are still found.") % {"name": one.name}
        for one in departments
        if one.pk == view.department_id or _is_named(names, one.name, one.pk)
    ]
    agents = Agent.objects.exclude(archived_at=None).select_related("account") if names else ()
    return sentences + [
        _("%(name)s no longer works here; their tickets are still found.") % {"name": one.name}
        for one in agents
        if _is_named(names, one.account.email, one.pk)
    ]


def _named(query: str) -> list[str]:
    return [value.strip('"') for term in _TERM.findall(query) for value in term.split(",") if value]


def _is_named(names: Collection[str], name: str, number: int) -> bool:
    return name.lower() in names or str(number) in names

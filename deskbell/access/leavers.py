"""Who sees to what an agent kept for themselves: nobody else while they are here, then whoever may let them go."""

from __future__ import annotations

from deskbell.access.rights import require
from deskbell.errors import NotAllowed
from deskbell.people.actors import Actor
from deskbell.people.models import Agent


def require_may_see_to(leaver: Agent, by: Actor) -> None:
    """Raise NotAllowed unless `leaver` has left and `by` may see to what they kept for themselves."""
    require(by, "administer")
    if leaver.role == Agent.Role.OWNER:
        require(by, "change_owner")
    if leaver.archived_at is None:
        raise NotAllowed(action="administer")

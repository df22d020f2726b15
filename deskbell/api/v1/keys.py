"""/keys: keys of the API.  Everybody has their own; admins see, make and revoke those of others."""

from __future__ import annotations

from datetime import datetime

from ninja import Query, Router
from pydantic import Field

from deskbell import access
from deskbell.api import keys
from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.models import Key
from deskbell.api.shapes.base import Asked, Line, Listed, Named, Part, Shape, by_number
from deskbell.api.v1.asked import WhichAgent, agent_of
from deskbell.people.models import Agent

router = Router()


class KeyShape(Shape):
    """A key; what it opens with is shown once, when it is made."""

    id: int
    name: str
    prefix: str = Field(description="Its first letters.")
    agent: Named
    created_at: datetime
    last_used_at: datetime | None = Field(description="Right to the minute.")
    revoked_at: datetime | None


class NewKeyShape(KeyShape):
    """A key just made."""

    key: str = Field(description="What opens; nobody can see it again.")


class NewKey(Asked):
    """A key to be."""

    name: Line = Field(description="What it is for.")
    agent: WhichAgent = Field("me", description="Who acts by it; a number, a mail address or `me`.")


@router.get("/keys", response=Listed[KeyShape])
def list_keys(request: ApiRequest, part: Query[Part]) -> Listed[KeyShape]:
    """List your keys; as an admin everybody's."""
    rows, after = by_number(keys.keys_for(request.auth.actor), part)
    return Listed(items=[KeyShape(**_fields(key)) for key in rows], next=after)


@router.post("/keys", response={201: NewKeyShape})
def make_key(request: ApiRequest, new: NewKey) -> Made:
    """Make a key; this answer is the only one that shows it."""
    agent = agent_of(request, new.agent)
    _require(request, agent)
    made = keys.make(agent, new.name)
    return Made(NewKeyShape(**_fields(made.row), key=made.secret), f"/keys/{made.row.pk}")


@router.delete("/keys/{int:number}", response={204: None})
def revoke_key(request: ApiRequest, number: int) -> None:
    """Let a key open nothing any more."""
    keys.revoke(number, by=request.auth.actor)


def _require(request: ApiRequest, agent: Agent) -> None:
    """For others keys are made by who administers; an owner's key would make an admin the owner."""
    if agent.pk == request.auth.agent.pk:
        return
    access.require(request.auth.actor, "administer")
    if agent.role == Agent.Role.OWNER:
        access.require(request.auth.actor, "change_owner")


def _fields(key: Key) -> dict[str, object]:
    return {
        "id": key.pk,
        "name": key.name,
        "prefix": key.prefix,
        "agent": Named(id=key.agent.pk, name=key.agent.name),
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }

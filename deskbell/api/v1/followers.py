"""/tickets/CODE/followers: agents who want to hear of a ticket that is not theirs."""

from __future__ import annotations

from ninja import Query, Router

from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Listed, Named, Part, by_number
from deskbell.api.v1.asked import WhichAgent, agent_of, one_of, ticket_of
from deskbell.errors import NotFound
from deskbell.people.models import Agent
from deskbell.tickets import actions
from deskbell.tickets.state import state_of

router = Router()


class NewFollower(Asked):
    """Who wants to hear of a ticket."""

    agent: WhichAgent = "me"


@router.get("/tickets/{code}/followers", response=Listed[Named])
def list_followers(request: ApiRequest, code: str, part: Query[Part]) -> Listed[Named]:
    """List who follows a ticket."""
    following = state_of(ticket_of(request, code)).followers
    rows, after = by_number(Agent.objects.filter(pk__in=following), part)
    return Listed(items=[Named(id=one.pk, name=one.name) for one in rows], next=after)


@router.post("/tickets/{code}/followers", response={201: Named})
def follow_ticket(request: ApiRequest, code: str, new: NewFollower | None = None) -> Made:
    """Follow a ticket, or let a colleague follow it who may see it."""
    ticket, agent = ticket_of(request, code), agent_of(request, (new or NewFollower()).agent)
    actions.follow(ticket, by=request.auth.actor, agent=agent)
    return Made(Named(id=agent.pk, name=agent.name), f"/tickets/{ticket.code}/followers/{agent.pk}")


@router.delete("/tickets/{code}/followers/me", response={204: None})
def unfollow_ticket(request: ApiRequest, code: str) -> None:
    """Follow a ticket no longer."""
    _unfollow(request, code, request.auth.agent)


@router.delete("/tickets/{code}/followers/{int:number}", response={204: None})
def remove_follower(request: ApiRequest, code: str, number: int) -> None:
    """Let an agent follow a ticket no longer."""
    _unfollow(request, code, one_of(Agent.objects.all(), number))


def _unfollow(request: ApiRequest, code: str, agent: Agent) -> None:
    if actions.unfollow(ticket_of(request, code), by=request.auth.actor, agent=agent) is None:
        raise NotFound

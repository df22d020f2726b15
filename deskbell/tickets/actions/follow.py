"""An agent wants to hear of a ticket that is not theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from deskbell import access
from deskbell.errors import BadInput
from deskbell.people.actors import Actor
from deskbell.tickets import lifecycle, timeline
from deskbell.tickets.events import Event, Happened, event
from deskbell.tickets.state import TicketState, state_of

if TYPE_CHECKING:
    from deskbell.people.models import Agent
    from deskbell.tickets.models import Entry, Ticket


@event("ticket.followed", v=1, writes=("followers",))
class TicketFollowed(Event):
    """An agent is told of it from now on."""

    agent_id: int
    sentence = _("{agent} follows it")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"agent": ("agent_id", "agent")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state with the follower."""
        return state.but(followers=(*state.followers, self.agent_id))


@event("ticket.unfollowed", v=1, writes=("followers",))
class TicketUnfollowed(Event):
    """An agent is told of it no longer."""

    agent_id: int
    sentence = _("{agent} no longer follows it")
    refs: ClassVar[dict[str, tuple[str, str]]] = {"agent": ("agent_id", "agent")}
    can_be_undone = True

    @override
    def apply(self, state: TicketState, happened: Happened) -> TicketState:
        """Return the state without the follower."""
        return state.but(followers=tuple(one for one in state.followers if one != self.agent_id))


@timeline.action
def follow(ticket: Ticket, *, by: Actor, agent: Agent | None = None) -> Entry | None:
    """Let `agent` (the acting one when None) follow the ticket.  Returns None when they do already.

    Raises NotAllowed, WrongStatus, BadInput for somebody who may not see it.
    """
    access.require(by, "follow", ticket)
    lifecycle.require("follow", ticket, by)
    who = by if agent is None else Actor.agent(agent)
    if not access.may(who, "see", ticket):
        raise BadInput("agent", _("They may not see this ticket."))
    if who.id is None or who.id in state_of(ticket).followers:
        return None
    return timeline.record(ticket, TicketFollowed(agent_id=who.id), by=by)


@timeline.action
def unfollow(ticket: Ticket, *, by: Actor, agent: Agent | None = None) -> Entry | None:
    """Let `agent` (the acting one when None) follow the ticket no longer.  Returns None when they do not.

    Raises NotAllowed, WrongStatus.
    """
    access.require(by, "follow", ticket)
    lifecycle.require("follow", ticket, by)
    who = by.id if agent is None else agent.pk
    if who is None or who not in state_of(ticket).followers:
        return None
    return timeline.record(ticket, TicketUnfollowed(agent_id=who), by=by)

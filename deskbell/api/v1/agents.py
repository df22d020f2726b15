"""/agents: who works here.  Admins add, change and let go; only the owner touches owners."""

from __future__ import annotations

from typing import Annotated

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from deskbell import access
from deskbell.api.answers import Made
from deskbell.api.bearer import ApiRequest
from deskbell.api.shapes.base import Asked, Flag, Line, Listed, Number, Part, by_number
from deskbell.api.shapes.person import AgentShape, agent_shape, agents_for_shapes
from deskbell.api.v1.asked import WhichDepartment, department_of, one_of
from deskbell.channels.mail import to_accounts
from deskbell.errors import BadInput
from deskbell.people import agents
from deskbell.people.actors import Actor
from deskbell.people.models import Agent, Department
from deskbell.tickets import handover

router = Router()

Role = Annotated[
    str,
    Field(
        pattern=r"^(owner|admin|agent|light|custom-[0-9]{1,9})$",
        description="One of the four, or `custom-` and the number of a role made to measure.",
        examples=["agent"],
    ),
]
Departments = Annotated[tuple[WhichDepartment, ...], Field(max_length=1000)]


class NewAgent(Asked):
    """An agent to be; they choose a password by an invitation."""

    name: Line
    email: Line
    role: Role = "agent"
    departments: Departments = ()


class AgentChange(Asked):
    """What changes about an agent; what is not named stays."""

    name: Line | None = None
    email: Line | None = None
    role: Role | None = None
    departments: Departments | None = None
    archived: Flag | None = Field(None, description="true lets them go, false takes them back")
    heir: Number | None = Field(
        None, description="with archived true: who gets their tickets; null is their departments"
    )


@router.get("/agents", response=Listed[AgentShape])
def list_agents(request: ApiRequest, part: Query[Part]) -> Listed[AgentShape]:
    """List who works here, and who did."""
    rows, after = by_number(agents_for_shapes(_agents(request)), part)
    return Listed(items=[agent_shape(agent) for agent in rows], next=after)


@router.post("/agents", response={201: AgentShape})
def add_agent(request: ApiRequest, new: NewAgent) -> Made:
    """Let somebody work here; a letter invites them to choose a password."""
    _require(request, new.role)
    with transaction.atomic():
        agent = agents.add_agent(
            name=new.name,
            email=new.email,
            role=new.role,
            departments=_departments(new.departments),
        )
        to_accounts.invite(agent.account)
    return Made(agent_shape(agent), f"/agents/{agent.pk}")


@router.get("/agents/me", response=AgentShape)
def show_me(request: ApiRequest) -> AgentShape:
    """Show whose key asks."""
    return agent_shape(request.auth.agent)


@router.get("/agents/{int:number}", response=AgentShape)
def show_agent(request: ApiRequest, number: int) -> AgentShape:
    """Show an agent."""
    return agent_shape(one_of(agents_for_shapes(_agents(request)), number))


@router.patch("/agents/{int:number}", response=AgentShape)
def change_agent(request: ApiRequest, number: int, change: AgentChange) -> AgentShape:
    """Change what an agent is called, is and works in, let them go, or take them back."""
    with transaction.atomic():
        agent = one_of(agents_for_shapes(_agents(request)), number)
        _require(request, agent.role, change.role or agent.role)
        _change(agent, change, by=request.auth.actor)
    return agent_shape(one_of(agents_for_shapes(_agents(request)), number))


def _change(agent: Agent, change: AgentChange, *, by: Actor) -> None:
    agents.change_agent(
        agent,
        name=agent.name if change.name is None else change.name,
        email=agent.account.email if change.email is None else change.email,
        role=change.role or agent.role_key,
        departments=(
            list(agent.departments.all())
            if change.departments is None
            else _departments(change.departments)
        ),
    )
    if change.archived is True and agent.archived_at is None:
        agents.archive_agent(agent)
        handover.ask_to_hand_over(agent, _heir(change.heir, agent), by=by)
    if change.archived is False and agent.archived_at is not None:
        agents.bring_back_agent(agent)


def _heir(number: int | None, leaver: Agent) -> Agent | None:
    if number is None:
        return None
    found = Agent.objects.filter(pk=number, archived_at=None).exclude(pk=leaver.pk).first()
    if found is None:
        raise BadInput("heir", _("Choose somebody who works here."))
    return found


def _agents(request: ApiRequest) -> QuerySet[Agent]:
    access.require(request.auth.actor, "see_agents")
    return Agent.objects.all()


def _require(request: ApiRequest, *roles: str) -> None:
    access.require(request.auth.actor, "administer")
    if "owner" in roles:
        access.require(request.auth.actor, "change_owner")


def _departments(wanted: tuple[int | str, ...]) -> list[Department]:
    return [department_of(which, f"departments.{place}") for place, which in enumerate(wanted)]

"""Adding agents, changing what they are, and letting them go.

Whether somebody may is asked of deskbell/access by whoever calls; what must stay true is held here:
one account per address, somebody owns the desk, who leaves is archived and never deleted.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deskbell import clock
from deskbell.errors import BadInput, Conflict
from deskbell.people.accounts import checked_email, checked_name, checked_password
from deskbell.people.models import (
    Account,
    Agent,
    CustomRole,
    Department,
    Desk,
    Membership,
)
from deskbell.security import sessions


def add_agent(
    *,
    name: str,
    email: str,
    role: str,
    departments: Collection[Department] = (),
    password: str | None = None,
) -> Agent:
    """Add an agent with an account of their own, and return them.

    password  None: they choose one through an invitation (accounts.invitation_for)
    Raises BadInput with the field that cannot be used.
    """
    with transaction.atomic():
        shown = checked_name(name)
        account = Account(name=shown, email=checked_email(email), language=Desk.get().language)
        if password is None:
            account.set_unusable_password()
        else:
            account.set_password(checked_password(password, account))
        account.save()
        kind, custom = checked_role(role)
        agent = Agent.objects.create(account=account, role=kind, custom_role=custom, name=shown)
        work_in(agent, departments)
        if role == Agent.Role.OWNER:
            _end_the_first_run()
    return agent


def agent_of(email: str) -> Agent:
    """Return the agent who signs in with this address.  Raises BadInput when none does, any more."""
    clean = email.strip().lower()
    found = Agent.objects.filter(account__email=clean, archived_at=None).select_related("account")
    agent = found.first()
    if agent is None:
        raise BadInput("email", _("No agent here has this address."))
    return agent


def change_agent(
    agent: Agent, *, name: str, email: str, role: str, departments: Collection[Department]
) -> None:
    """Change what an agent is called, is and works in.  Raises BadInput, or Conflict for the last owner."""
    with transaction.atomic():
        agent.name = checked_name(name)
        kind, custom = checked_role(role, besides=agent.custom_role)
        _keep_an_owner(agent, becomes=kind)
        agent.role, agent.custom_role = kind, custom
        agent.save(update_fields=["name", "role", "custom_role"])
        account = agent.account
        account.name = agent.name
        account.email = checked_email(email, besides=account)
        account.save(update_fields=["name", "email"])
        work_in(agent, departments)


def archive_agent(agent: Agent) -> None:
    """Let an agent go: they cannot sign in, what they did stays.  Raises Conflict for the last owner."""
    with transaction.atomic():
        _keep_an_owner(agent, becomes="")
        agent.archived_at = clock.now()
        agent.save(update_fields=["archived_at"])
        Account.objects.filter(pk=agent.account_id).update(is_active=False)
        sessions.end_all(agent.account_id)


def bring_back_agent(agent: Agent) -> None:
    """Let an archived agent sign in again, as what they were."""
    with transaction.atomic():
        agent.archived_at = None
        agent.save(update_fields=["archived_at"])
        Account.objects.filter(pk=agent.account_id).update(is_active=True)


def work_in(agent: Agent, departments: Collection[Department]) -> None:
    """Make `departments` those that the agent works in."""
    wanted = {department.pk for department in departments}
    there = set(Membership.objects.filter(agent=agent).values_list("department_id", flat=True))
    Membership.objects.filter(agent=agent, department_id__in=there - wanted).delete()
    Membership.objects.bulk_create(
        Membership(agent=agent, department_id=number) for number in sorted(wanted - there)
    )


def checked_role(role: str, *, besides: CustomRole | None = None) -> tuple[str, CustomRole | None]:
    """Return the kind of role that is called so, and the one made to measure when it is one.  Raises BadInput.

    role     "agent", or "custom-3"
    besides  an archived one that may be kept
    """
    kind, _dash, number = role.partition("-")
    if kind == Agent.Role.CUSTOM and number.isdecimal():
        found = CustomRole.objects.filter(pk=number).first()
        if found is not None and (found.archived_at is None or found == besides):
            return kind, found
    elif role in Agent.Role.values and role != Agent.Role.CUSTOM:
        return role, None
    raise BadInput("role", _("Choose one of the roles."))


def _end_the_first_run() -> None:
    """The desk has an owner: the token of the first run opens nothing any more."""
    Desk.objects.filter(set_up_at=None).update(set_up_at=clock.now(), setup_token_hash="")


class LastOwner(Conflict):
    """The desk always has an owner who can sign in."""

    code = "last_owner"
    template = gettext_lazy("This is the only owner. Make somebody else the owner first.")


def _keep_an_owner(agent: Agent, becomes: str) -> None:
    """Raise LastOwner when nobody would own the desk.  The owners' rows are locked, so two cannot go at once."""
    if agent.role != Agent.Role.OWNER or becomes == Agent.Role.OWNER:
        return
    owners = Agent.objects.select_for_update().filter(role=Agent.Role.OWNER, archived_at=None)
    if not [owner for owner in owners if owner.pk != agent.pk]:
        raise LastOwner

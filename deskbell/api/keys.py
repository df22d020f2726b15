"""Keys of the API: made, shown once, recognised by their sum, revoked.

A key acts as its agent, with the rights of that agent's role at the moment of each request.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from deskbell import access, clock
from deskbell.api.models import Key
from deskbell.errors import BadInput, NotFound
from deskbell.people.accounts import checked_name
from deskbell.people.actors import Actor
from deskbell.people.models import Agent

# Marks a leaked key as ours for those who search for such things.
MARK = "dkb_"
PREFIX_LETTERS = 12

# `last_used_at` is written at most this often: reading must not become writing.
USE_IS_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made: its row, and the key itself, which nobody can see again."""

    row: Key
    secret: str


def add_key(agent: Agent | str, name: str) -> str:
    """Make a key by which programs act as `agent`, and return it; only its sum is kept.

    agent  the agent, or their mail address
    name   what the key is for
    Raises BadInput.
    """
    return make(_agent(agent) if isinstance(agent, str) else agent, name).secret


def make(agent: Agent, name: str) -> NewKey:
    """Make a key of `agent`.  Raises BadInput."""
    if agent.archived_at is not None:
        raise BadInput("agent", _("This agent no longer works here."))
    secret = MARK + secrets.token_urlsafe(32)
    row = Key.objects.create(
        agent=agent,
        name=checked_name(name, longest=100),
        hash=sum_of(secret),
        prefix=secret[:PREFIX_LETTERS],
        created_at=clock.now(),
    )
    return NewKey(row, secret)


def holder_of(secret: str) -> Key | None:
    """Return the key that `secret` is, with its agent and account; None when it opens nothing (any more)."""
    key = (
        Key.objects.select_related("agent__account")
        .filter(
            hash=sum_of(secret),
            revoked_at=None,
            agent__archived_at=None,
            agent__account__is_active=True,
        )
        .first()
    )
    if key is not None:
        _note_use(key)
    return key


def is_known(headers: Mapping[bytes, bytes]) -> bool:
    """Return whether the key of these headers opens something."""
    scheme, _blank, secret = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return scheme.lower() == "bearer" and bool(secret) and holder_of(secret.strip()) is not None


def keys_for(actor: Actor) -> QuerySet[Key]:
    """Return the keys that `actor` may see: their own, or all for who administers the desk."""
    keys = Key.objects.select_related("agent")
    return keys if access.may(actor, "administer") else keys.filter(agent_id=actor.id or 0)


def revoke(number: int, *, by: Actor) -> None:
    """Let the key of this number open nothing any more.  Raises NotFound for one that `by` may not see."""
    if not keys_for(by).filter(pk=number).exists():
        raise NotFound
    Key.objects.filter(pk=number, revoked_at=None).update(revoked_at=clock.now())


def sum_of(secret: str) -> str:
    """Return what is kept of a key: it is random, so a plain sha256 is enough."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _agent(email: str) -> Agent:
    found = Agent.objects.filter(
        account__email=email.strip().lower(), archived_at=None, account__is_active=True
    ).first()
    if found is None:
        raise BadInput("agent", _("Nobody with the address {email} works here."), email=email)
    return found


def _note_use(key: Key) -> None:
    now = clock.now()
    due = now - USE_IS_NOTED_EVERY
    if key.last_used_at is None or key.last_used_at <= due:
        Key.objects.filter(Q(last_used_at=None) | Q(last_used_at__lte=due), pk=key.pk).update(
            last_used_at=now
        )

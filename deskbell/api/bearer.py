"""Who asks: the agent whose key stands in `Authorization: Bearer KEY`.  No cookie counts here."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import translation
from ninja.security import HttpBearer
from typing_extensions import override

from deskbell import languages
from deskbell.api import keys
from deskbell.api.models import Key
from deskbell.people.actors import Actor
from deskbell.people.models import Agent


@dataclass(frozen=True, slots=True)
class Asker:
    """The key that asked, and the agent who acts by it."""

    key: Key

    @property
    def agent(self) -> Agent:
        """The agent."""
        return self.key.agent

    @property
    def actor(self) -> Actor:
        """The agent as an author."""
        return Actor.agent(self.key.agent)


class ApiRequest(HttpRequest):
    """A request whose key opened."""

    auth: Asker


class Bearer(HttpBearer):
    """Recognises keys."""

    openapi_description = "A key made by `bin/deskbell key add` or by POST /api/v1/keys."

    @override
    def authenticate(self, request: HttpRequest, token: str) -> Asker | None:
        """Return who asks; None lets nobody in."""
        key = keys.holder_of(token.strip())
        if key is None:
            return None
        # Sentences come in the caller's language: what the request asks for, else the account's.
        if "Accept-Language" not in request.headers:
            spoken = languages.nearest(key.agent.account.language)
            translation.activate(spoken or languages.SOURCE)
        return Asker(key)

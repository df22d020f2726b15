"""For tests of pages: somebody who is signed in."""

from collections.abc import Callable

import pytest
from django.test import Client

from deskbell.people.models import Agent

SignIn = Callable[[Agent], Client]


@pytest.fixture
def as_() -> SignIn:
    """`as_(cast.bela).get("/")`: a browser in which this agent is signed in."""

    def sign_in(agent: Agent) -> Client:
        client = Client()
        client.force_login(agent.account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in

"""Who may send large bodies: somebody whose session or key is really there."""

from __future__ import annotations

import pytest
from django.test import Client

from deskbell.api import keys
from deskbell.people.agents import archive_agent
from deskbell.web.front import known
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def test_a_session_and_a_key_are_known_while_they_last(cast: Cast) -> None:
    client = Client()
    client.post("/sign-in", {"email": "bela@desk.example", "password": PASSWORD})
    cookie = f"other=1; deskbell_session={client.cookies['deskbell_session'].value}".encode()
    key = f"Bearer {keys.make(cast.bela, 'the shop').secret}".encode()
    assert known({b"cookie": cookie})
    assert known({b"authorization": key})
    archive_agent(cast.bela)
    assert not known({b"cookie": cookie})
    assert not known({b"authorization": key})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"cookie": b"deskbell_session=made-up"},
        {b"cookie": b"deskbell_session="},
        {b"cookie": b"\xff\xfe; ;;="},
        {b"authorization": b"made up"},
        {b"authorization": b"Bearer "},
        {b"authorization": b"Basic Zm9vOmJhcg=="},
    ],
)
def test_what_anybody_can_write_is_known_to_nobody(cast: Cast, headers: dict[bytes, bytes]) -> None:
    assert not known(headers)


def test_half_in_is_not_in(cast: Cast, client: Client) -> None:
    cast.bela.account.has_second_factor = True
    cast.bela.account.save()
    client.post("/sign-in", {"email": "bela@desk.example", "password": PASSWORD})
    cookie = f"deskbell_session={client.cookies['deskbell_session'].value}".encode()
    assert not known({b"cookie": cookie})

"""Keys: shown once, acting as their agent, revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from deskbell.api import keys
from deskbell.api.models import Key
from deskbell.errors import BadInput
from deskbell.people import agents
from tests.api.conftest import Program, program_of
from tests.cast import PASSWORD, Cast


def test_a_key_opens_as_its_agent(cast: Cast, bela: Program) -> None:
    assert bela.get("/agents/me")["email"] == "bela@desk.example"


def test_only_the_sum_of_a_key_is_kept(cast: Cast) -> None:
    secret = keys.add_key("BELA@desk.example", "the shop")
    row = Key.objects.get(agent=cast.bela)
    assert secret.startswith(row.prefix)
    assert secret not in (row.hash, row.name, row.prefix)
    assert keys.holder_of(secret) == row


def test_a_key_for_nobody_is_refused(cast: Cast) -> None:
    with pytest.raises(BadInput):
        keys.add_key("nobody@desk.example", "the shop")


@pytest.mark.parametrize("key", ["", "wrong", "dkb_", "Bearer", "\xff", "a b"])
def test_without_a_key_that_opens_nobody_gets_in(cast: Cast, key: str) -> None:
    response = Program(key).send("GET", "/tickets")
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_being_signed_in_in_the_browser_opens_nothing_here(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.anna.account)
    assert Program("", client=client).send("GET", "/tickets").status_code == 401


def test_the_use_of_a_key_is_noted_at_most_once_a_minute(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    bela = program_of(cast.bela)
    bela.get("/agents/me")
    first = Key.objects.get().last_used_at
    assert first is not None
    clock.shift(timedelta(seconds=59))
    bela.get("/agents/me")
    assert Key.objects.get().last_used_at == first
    clock.shift(timedelta(seconds=1))
    bela.get("/agents/me")
    assert Key.objects.get().last_used_at == first + timedelta(minutes=1)


def test_a_new_key_is_shown_once(cast: Cast, bela: Program) -> None:
    made = bela.post("/keys", {"name": "the shop"})
    assert Program(made["key"]).get("/agents/me")["name"] == "Bela Kerekes"
    listed = bela.get("/keys")["items"]
    assert [key["name"] for key in listed] == ["tests", "the shop"]
    assert all("key" not in key for key in listed)


def test_a_revoked_key_opens_nothing(cast: Cast, bela: Program) -> None:
    made = bela.post("/keys", {"name": "the shop"})
    bela.delete(f"/keys/{made['id']}")
    Program(made["key"]).refused(401, "GET", "/agents/me")
    assert bela.get("/keys")["items"][1]["revoked_at"] is not None


def test_the_key_of_somebody_who_left_opens_nothing(cast: Cast, bela: Program) -> None:
    bela.get("/agents/me")
    agents.archive_agent(cast.bela)
    bela.refused(401, "GET", "/agents/me")


def test_an_agent_sees_and_revokes_only_their_own_keys(
    cast: Cast, bela: Program, dora: Program, anna: Program
) -> None:
    number = bela.get("/keys")["items"][0]["id"]
    assert len(anna.get("/keys")["items"]) == 3
    assert number not in [key["id"] for key in dora.get("/keys")["items"]]
    dora.refused(404, "DELETE", f"/keys/{number}")
    anna.delete(f"/keys/{number}")
    bela.refused(401, "GET", "/keys")


def test_nobody_makes_a_key_of_somebody_above_them(
    cast: Cast, bela: Program, anna: Program
) -> None:
    bela.refused(403, "POST", "/keys", {"name": "x", "agent": "dora@desk.example"})
    admin = agents.add_agent(name="Ada", email="ada@desk.example", role="admin", password=PASSWORD)
    ada = program_of(admin)
    assert (
        ada.post("/keys", {"name": "x", "agent": cast.bela.pk})["agent"]["name"] == "Bela Kerekes"
    )
    ada.refused(403, "POST", "/keys", {"name": "x", "agent": "anna@desk.example"})
    anna.post("/keys", {"name": "x"})

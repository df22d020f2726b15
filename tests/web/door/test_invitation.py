"""Choosing a password through an invitation."""

from datetime import timedelta

import pytest
from django.test import Client
from time_machine import Traveller

from deskbell.people import accounts, agents
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def test_who_is_invited_chooses_a_password_once(cast: Cast, client: Client) -> None:
    gita = agents.add_agent(name="Gita", email="gita@desk.example", role="agent")
    link = accounts.invitation_for(gita.account)
    assert client.get(link).status_code == 200
    assert client.post(link, {"password": "easy"}).status_code == 422
    assert client.post(link, {"password": PASSWORD})["Location"] == "/"
    assert client.get("/").status_code == 200
    assert Client().get(link).status_code == 404


def test_an_invitation_ends_after_three_days(cast: Cast, client: Client, clock: Traveller) -> None:
    gita = agents.add_agent(name="Gita", email="gita@desk.example", role="agent")
    link = accounts.invitation_for(gita.account)
    clock.shift(timedelta(days=3, minutes=1))
    assert client.get(link).status_code == 404


def test_a_forged_invitation_opens_nothing(cast: Cast, client: Client) -> None:
    link = accounts.invitation_for(cast.anna.account)
    assert client.get(link[:-1] + ("a" if link[-1] != "a" else "b")).status_code == 404
    assert client.get("/invitation/%F0/x").status_code == 404

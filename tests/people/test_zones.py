"""Times are told in the desk's zone wherever nobody chose another one."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client

from deskbell.notices import portal_links
from deskbell.notices.portal_links import Place
from deskbell.people import first_run, zones
from deskbell.people.models import Account, Desk
from tests.cast import PASSWORD, Cast
from tests.desk import a_ticket
from tests.web.conftest import SignIn, as_
from tests.web.desk.pages import page_of

__all__ = ["as_"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_budapest(cast: Cast, clock: time_machine.Traveller) -> None:
    Desk.objects.update(time_zone="Europe/Budapest")


@pytest.mark.usefixtures("in_budapest")
def test_an_agent_who_chose_none_lives_in_the_desks(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    assert ">13:00</time>" in page_of(as_(cast.bela), ticket)
    cast.bela.account.time_zone = "Asia/Tokyo"
    cast.bela.account.save()
    assert ">21:00</time>" in page_of(as_(cast.bela), ticket)


@pytest.mark.usefixtures("in_budapest")
def test_a_customers_page_tells_the_desks_time_and_names_it(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    path = portal_links.path(Place(ticket.pk, cast.emil.pk, ticket.created_at))
    page = Client().get(path).content.decode()
    assert "13:00 CET" in page
    assert "UTC" not in page


@pytest.mark.usefixtures("in_budapest")
def test_an_admin_moves_the_desk(cast: Cast, as_: SignIn) -> None:
    anna = as_(cast.anna)
    assert "Europe/Budapest" in anna.get("/settings/health").content.decode()
    anna.post("/settings/health/time-zone", {"time_zone": "Europe/Riga"})
    assert Desk.get().time_zone == "Europe/Riga"
    refused = anna.post("/settings/health/time-zone", {"time_zone": "Europe/Atlantis"})
    assert refused.status_code == 422
    assert Desk.get().time_zone == "Europe/Riga"


@pytest.mark.parametrize(
    ("browser", "machine", "lives_in"),
    [
        ("Europe/Prague", "Europe/Riga", "Europe/Prague"),
        ("", "Europe/Riga", "Europe/Riga"),
        ("Europe/Atlantis", "Europe/Riga", "Europe/Riga"),
    ],
)
def test_a_new_desk_lives_where_its_owner_does(
    monkeypatch: pytest.MonkeyPatch, browser: str, machine: str, lives_in: str
) -> None:
    monkeypatch.setenv("TZ", machine)
    first_run.set_up(
        first_run.new_token(),
        name="Anna",
        email="anna@desk.example",
        password=PASSWORD,
        team="Lomnica",
        language="en",
        zone=browser,
    )
    assert Desk.get().time_zone == lives_in
    assert zones.zone_of(Account.objects.get()) == zones.zone_named(lives_in)

"""Forgotten the password: a link by mail, and nobody learns who works here."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client, override_settings
from time_machine import Traveller

from deskbell.channels.mail.models import Delivery
from deskbell.people.agents import add_agent, archive_agent
from deskbell.work.run import run_due, run_each_twice
from tests.cast import PASSWORD, Cast
from tests.fakes import relay as fake

pytestmark = pytest.mark.django_db


def ask(email: str) -> str:
    """Ask for a link as a stranger would, let the worker work, and return the page that follows."""
    client = Client()
    answer = client.post("/lost-password", {"email": email}, follow=True)
    run_due()
    return answer.content.decode()


def test_who_forgot_the_password_gets_a_link_and_comes_in(cast: Cast) -> None:
    with fake.Relay() as relay, override_settings(RELAY=relay.url):
        ask(" Bela@Desk.example ")
    [letter] = relay.letters
    assert letter.rcpt == ("bela@desk.example",)
    assert "a new password" in letter.message["Subject"]
    # The one of before holds until another is chosen.
    assert Client().login(email="bela@desk.example", password=PASSWORD)


def test_the_page_says_the_same_whoever_it_is(cast: Cast) -> None:
    archive_agent(cast.dora)
    pages = {ask(one) for one in ("bela@desk.example", "dora@desk.example", "nobody@desk.example")}
    assert len(pages) == 1
    assert "on its way" in pages.pop()
    assert [one.address for one in Delivery.objects.all()] == ["bela@desk.example"]


def test_who_was_only_invited_is_invited_again(cast: Cast) -> None:
    add_agent(name="Gita", email="gita@desk.example", role="agent")
    ask("gita@desk.example")
    assert Delivery.objects.get().purpose == Delivery.Purpose.INVITATION


def test_asking_again_and_again_fills_no_mail_box(cast: Cast, clock: Traveller) -> None:
    with fake.Relay() as relay, override_settings(RELAY=relay.url):
        for _ in range(3):
            ask("bela@desk.example")
        assert len(relay.letters) == 1
        clock.shift(timedelta(minutes=6))
        ask("bela@desk.example")
        assert len(relay.letters) == 2


@pytest.mark.django_db(transaction=True)
def test_the_job_may_run_twice_and_twice_at_once(cast: Cast) -> None:
    Client().post("/lost-password", {"email": "bela@desk.example"})
    run_each_twice()
    assert Delivery.objects.count() == 1


def test_what_is_no_address_is_refused_beside_the_field(cast: Cast, client: Client) -> None:
    answer = client.post("/lost-password", {"email": "bela"})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.content.decode()


def test_whoever_tries_too_often_waits(cast: Cast, client: Client) -> None:
    codes = [
        client.post("/lost-password", {"email": "bela@desk.example"}).status_code for _ in range(7)
    ]
    assert codes[0] == 302
    assert codes[-1] == 429
    # Asking for links keeps nobody from signing in.
    form = {"email": "bela@desk.example", "password": PASSWORD}
    assert Client().post("/sign-in", form).status_code == 302

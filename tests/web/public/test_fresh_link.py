"""A link that has run out or was cut: a fresh one goes to whom the old one was for, and nobody learns anything else."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from deskbell.channels.mail.models import Delivery
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.public.conftest import page_of, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(clock: time_machine.Traveller, cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


def ask(browser: Client, path: str) -> str:
    """Press the button of the page that a dead link leads to, and return what it says then."""
    before = browser.get(path)
    assert before.status_code == 404
    assert "Mail me a fresh link" in before.content.decode()
    pressed = send(browser, f"{path}/letter" if path.strip("/") != "portal" else "/portal/-/letter")
    assert pressed.status_code == 303
    after = browser.get(pressed.headers["Location"])
    assert after["Referrer-Policy"] == "no-referrer"
    return after.content.decode()


def mailed() -> list[tuple[str, str]]:
    found = Delivery.objects.filter(purpose=Delivery.Purpose.PORTAL)
    return list(found.values_list("ticket__code", "address"))


def test_who_comes_back_after_a_season_has_a_fresh_link_mailed(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path = page_of(ticket, cast.emil)
    clock.shift(timedelta(days=100))
    assert "a letter with a fresh one goes to the address that it was for" in ask(customer, path)
    assert mailed() == [(ticket.code, "emil@acme.example")]


def test_a_cut_link_is_good_enough_for_that(customer: Client, ticket: Ticket, cast: Cast) -> None:
    ask(customer, page_of(ticket, cast.emil)[:-20])
    ask(customer, page_of(ticket, cast.emil) + ").")
    assert mailed() == [(ticket.code, "emil@acme.example")] * 2


def test_the_answer_is_the_same_whatever_is_the_case(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    said = {
        ask(customer, "/portal/1-1-abc.AAAAAAAAAAAAAAAAAAAA"),
        ask(customer, f"/portal/{ticket.pk}-{cast.emil.pk}-abc"),
        ask(customer, "/portal/"),
        ask(customer, "/portal/a/b"),
        ask(customer, page_of(ticket, cast.frida)),
    }
    assert mailed() == []
    path = page_of(ticket, cast.emil)
    clock.shift(timedelta(days=100))
    said.add(ask(customer, path))
    assert len(mailed()) == 1
    actions.spam(ticket, by=by(cast.anna))
    said.add(ask(customer, path))
    assert len(mailed()) == 1
    assert len(said) == 1


def test_who_presses_again_and_again_gets_three_letters_and_then_has_to_wait(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path = page_of(ticket, cast.emil)
    clock.shift(timedelta(days=100))
    said = {ask(customer, path) for _ in range(8)}
    assert len(said) == 1
    assert len(mailed()) == 3
    clock.shift(timedelta(seconds=16))
    ask(customer, path)
    assert len(mailed()) == 4


def test_a_ticket_that_was_merged_mails_the_link_to_where_it_goes_on(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    survivor = a_ticket(cast.support, cast.emil)
    path = page_of(ticket, cast.emil)
    actions.merge(ticket, survivor, by=by(cast.anna))
    clock.shift(timedelta(days=100))
    ask(customer, path)
    assert mailed() == [(survivor.code, "emil@acme.example")]


def test_looking_mails_nothing(customer: Client, ticket: Ticket, cast: Cast) -> None:
    path = page_of(ticket, cast.emil)[:-20]
    for address in (path, f"{path}?asked=1", f"{path}/letter"):
        assert customer.get(address).status_code in (404, 405)
    assert mailed() == []

"""Signing in and out."""

from datetime import timedelta

import pytest
from django.test import Client
from time_machine import Traveller

from deskbell.people import agents
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db
WRONG = "not her password"


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: str) -> int:
    return client.post("/sign-in", {"email": email, "password": password, **extra}).status_code


def test_an_agent_signs_in_with_the_address_in_any_case(cast: Cast, client: Client) -> None:
    assert sign_in(client, " Bela@Desk.example ") == 302
    assert client.get("/").status_code == 200


def test_the_door_says_the_same_of_a_wrong_password_and_of_nobody(
    cast: Cast, client: Client
) -> None:
    wrong = client.post("/sign-in", {"email": "bela@desk.example", "password": WRONG})
    nobody = client.post("/sign-in", {"email": "zoe@desk.example", "password": WRONG})
    assert wrong.status_code == nobody.status_code == 403
    assert "do not belong together" in wrong.content.decode()
    page = wrong.content.decode().replace("bela@", "zoe@")
    hide = [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]
    other = nobody.content.decode().splitlines()
    assert hide == [line for line in other if "csrfmiddlewaretoken" not in line]


def test_who_left_cannot_sign_in_and_their_open_session_ends(cast: Cast, client: Client) -> None:
    assert sign_in(client, "bela@desk.example") == 302
    agents.archive_agent(cast.bela)
    assert client.get("/").status_code == 302
    assert sign_in(Client(), "bela@desk.example") == 403


def test_a_changed_password_ends_every_session(cast: Cast, client: Client) -> None:
    assert sign_in(client, "bela@desk.example") == 302
    cast.bela.account.set_password("another bell on the counter")
    cast.bela.account.save(update_fields=["password"])
    assert client.get("/").status_code == 302


def test_five_wrong_passwords_make_the_next_try_wait(
    cast: Cast, client: Client, clock: Traveller
) -> None:
    for _ in range(5):
        assert sign_in(client, "bela@desk.example", WRONG) == 403
    answer = client.post("/sign-in", {"email": "bela@desk.example", "password": PASSWORD})
    assert answer.status_code == 429
    assert "15 seconds" in answer.content.decode()
    clock.shift(timedelta(seconds=16))
    assert sign_in(client, "bela@desk.example") == 302


def test_somebody_elses_failures_do_not_keep_an_agent_out(cast: Cast, client: Client) -> None:
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(6):
        sign_in(stranger, "bela@desk.example", WRONG)
    assert sign_in(stranger, "bela@desk.example") == 429
    assert sign_in(client, "bela@desk.example") == 302


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/letters", "/letters"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_the_door_leads_back_inside_and_never_elsewhere(
    cast: Cast, client: Client, asked: str, led_to: str
) -> None:
    answer = client.post(
        "/sign-in", {"email": "bela@desk.example", "password": PASSWORD, "next": asked}
    )
    assert answer["Location"] == led_to


def test_a_page_of_the_desk_remembers_where_a_stranger_wanted_to_go(
    cast: Cast, client: Client
) -> None:
    assert client.get("/letters")["Location"] == "/sign-in?next=%2Fletters"


@pytest.mark.parametrize(
    ("page", "door"),
    [
        ("http://testserver/tickets/A?x=1", "/sign-in?next=%2Ftickets%2FA%3Fx%3D1"),
        ("http://testserver/sign-in?next=/x", "/sign-in"),
        ("http://elsewhere.example/tickets/A", "/sign-in"),
        ("http://testserver//elsewhere.example/x", "/sign-in"),
        ("", "/sign-in"),
    ],
)
def test_a_form_that_leads_to_the_door_leads_back_to_its_page(
    cast: Cast, client: Client, page: str, door: str
) -> None:
    sent = client.post("/tickets/A/messages", {"text": "Hello."}, headers={"Referer": page})
    assert (sent.status_code, sent["Location"]) == (302, door)
    piece = client.post(
        "/tickets/A/messages", headers={"HX-Request": "true", "HX-Current-URL": page}
    )
    assert (piece.status_code, piece["HX-Redirect"]) == (200, door)


def test_a_form_whose_token_is_gone_leads_back_to_its_page(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    page = "http://testserver/tickets/A"
    answer = strict.post("/tickets/A/messages", {"text": "Hello."}, headers={"Referer": page})
    assert answer.status_code == 403
    assert 'href="/tickets/A">Open the page again</a>' in answer.content.decode()


def test_signing_out_ends_the_session(cast: Cast, client: Client) -> None:
    sign_in(client, "bela@desk.example")
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 302
    assert client.get("/").status_code == 302


def test_a_form_without_its_token_changes_nothing(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/sign-in", {"email": "bela@desk.example", "password": PASSWORD})
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()

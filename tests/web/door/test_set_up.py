"""The first run."""

import pytest
from django.test import Client

from deskbell.people import first_run
from deskbell.people.models import Account, Agent, Department, Desk
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

ANNA = {
    "name": "Anna van der Meulen",
    "email": "Anna@Desk.example",
    "password": PASSWORD,
    "team": "Lomnica Outdoor",
    "language": "en",
}


def test_whoever_holds_the_token_becomes_the_owner(client: Client) -> None:
    token = first_run.new_token()
    assert client.get(f"/setup?token={token}").status_code == 200
    answer = client.post("/setup", {**ANNA, "token": token})
    assert answer["Location"] == "/settings/first-steps"
    owner = Agent.objects.get()
    assert (owner.role, owner.account.email) == ("owner", "anna@desk.example")
    assert list(owner.departments.all()) == list(Department.objects.all())
    assert Desk.get().name == "Lomnica Outdoor"
    assert client.get("/settings/first-steps").status_code == 200


def test_without_the_token_nobody_becomes_owner(client: Client) -> None:
    first_run.new_token()
    for token in ("", "guessed", first_run.hash_of("guessed")):
        assert client.post("/setup", {**ANNA, "token": token}).status_code == 403
    assert not Account.objects.exists()
    assert "waits for its owner" in client.get("/setup").content.decode()


def test_the_token_works_once(client: Client) -> None:
    token = first_run.new_token()
    client.post("/setup", {**ANNA, "token": token})
    again = Client().post("/setup", {**ANNA, "email": "eve@desk.example", "token": token})
    assert again.status_code == 403
    assert Agent.objects.count() == 1
    assert "has an owner" in again.content.decode()


def test_a_newer_token_voids_the_one_before() -> None:
    old, new = first_run.new_token(), first_run.new_token()
    assert not first_run.opens(Desk.get(), old)
    assert first_run.opens(Desk.get(), new)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "  ", "write a name"),
        ("email", "anna@", "not a whole mail address"),
        ("password", "short", "too short"),
        ("team", "", "write a name"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field_and_the_token_stays_good(
    client: Client, field: str, value: str, sentence: str
) -> None:
    token = first_run.new_token()
    answer = client.post("/setup", {**ANNA, field: value, "token": token})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{field}-error"' in page
    assert PASSWORD not in page
    assert not Account.objects.exists()
    assert client.post("/setup", {**ANNA, "token": token}).status_code == 302


def test_before_the_first_run_every_page_leads_to_it(client: Client) -> None:
    assert client.get("/")["Location"] == "/setup"
    assert client.get("/sign-in")["Location"] == "/setup"

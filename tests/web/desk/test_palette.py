"""What the palette is offered by the desk while somebody types."""

import pytest
from django.test import Client

from deskbell.people import customers
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def offered(client: Client, asked: str) -> tuple[list[str], list[str]]:
    answer = client.get("/find/palette", {"q": asked}).json()
    return [one["says"] for one in answer["tickets"]], [one["says"] for one in answer["people"]]


def test_a_word_that_is_not_finished_finds_tickets_and_customers(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil, subject="The zipper came apart")
    customers.change_customer(cast.frida.customer, name="Zippora Kern", language="", company="")
    bela = as_(cast.bela)
    assert offered(bela, "zipp") == (["The zipper came apart"], ["Zippora Kern"])
    first = bela.get("/find/palette", {"q": "zipp"}).json()["tickets"][0]
    assert first["leads"] == f"/tickets/{ticket.code}"
    assert first["status"] == "new"
    assert ticket.code in first["under"]


def test_a_code_finds_its_ticket_and_an_address_its_customer(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil, subject="A zip")
    bela = as_(cast.bela)
    assert offered(bela, ticket.code.lower()) == (["A zip"], [])
    assert offered(bela, "emil@ac")[1] == ["Emil Novák"]


@pytest.mark.parametrize(
    "typed",
    ["+3612345678", "+36 1 234 5678", "0036 1 234-5678", "06 1 234 5678", "12345678", "+36 1 23"],
)
def test_a_caller_known_by_number_alone_is_found_by_it(cast: Cast, as_: SignIn, typed: str) -> None:
    customers.customer_for("+3612345678", "Hana Malá", kind="phone")
    customers.customer_for("+3612345679", "Ivo Velký", kind="phone")
    names = offered(as_(cast.bela), typed)[1]
    assert "Hana Malá" in names
    assert names == ["Hana Malá"] or typed == "+36 1 23"


def test_the_calls_of_a_number_are_found_by_it(cast: Cast, as_: SignIn) -> None:
    caller = customers.customer_for("+3612345678", "Hana Malá", kind="phone")
    for department in (cast.support, cast.billing):
        actions.open_ticket(
            by=by(cast.anna),
            subject=f"A call to {department.name}",
            content=Content("She asks for poles."),
            department=department,
            customer=caller,
            channel="call",
        )
    assert offered(as_(cast.bela), "06 1 234 5678") == (["A call to Support"], ["Hana Malá"])
    assert offered(as_(cast.bela), "06 1 234 5679") == ([], [])


def test_a_caller_known_by_number_alone_is_found_by_name(cast: Cast, as_: SignIn) -> None:
    customers.customer_for("+3612345678", "Hana Malá", kind="phone")
    [found] = as_(cast.bela).get("/find/palette", {"q": "hana"}).json()["people"]
    assert (found["says"], found["under"]) == ("Hana Malá", "+3612345678")


def test_a_caller_whose_name_nobody_asked_is_shown_once_by_number(cast: Cast, as_: SignIn) -> None:
    customers.customer_for("0612345678", kind="phone")
    assert offered(as_(cast.bela), "+36 1 234 5678")[1] == ["0612345678"]


def test_terms_of_the_query_language_find_tickets_too(cast: Cast, as_: SignIn) -> None:
    a_ticket(cast.support, cast.emil, subject="A zip")
    pole = a_ticket(cast.support, cast.emil, subject="A pole")
    actions.take(pole, by=by(cast.bela))
    assert offered(as_(cast.bela), "assignee:me")[0] == ["A pole"]


@pytest.mark.parametrize("asked", ["", "a", "colour:red", '"', "status:", "-", "(((", "*"])
def test_what_is_no_query_offers_nothing(cast: Cast, as_: SignIn, asked: str) -> None:
    a_ticket(cast.support, cast.emil)
    assert offered(as_(cast.bela), asked) == ([], [])


def test_nobody_is_offered_what_they_may_not_see(cast: Cast, as_: SignIn) -> None:
    a_ticket(cast.billing, cast.emil, subject="An invoice")
    assert offered(as_(cast.bela), "invoice") == ([], [])
    assert offered(as_(cast.dora), "invoice") == (["An invoice"], [])


def test_settings_are_found_by_what_is_there(cast: Cast, as_: SignIn) -> None:
    def places(client: Client, asked: str) -> list[tuple[str, str]]:
        answer = client.get("/find/palette", {"q": asked}).json()
        return [(one["says"], one["leads"]) for one in answer["places"]]

    owner, bela = as_(cast.anna), as_(cast.bela)
    assert places(owner, "IMAP") == [("Mail boxes", "/settings/mailboxes")]
    assert places(owner, "card numb") == [("Masking", "/settings/masking")]
    assert places(bela, "imap") == []  # who may not go there is not led there
    assert places(bela, "passw") == [("Security", "/me/security")]
    assert places(bela, "your swe") == [("Your sweeps", "/sweeps")]
    for page in ("agents", "masking", "health"):
        assert bela.get(f"/settings/{page}").status_code == 403
        assert owner.get(f"/settings/{page}").status_code == 200
    assert places(owner, "") == places(owner, "*") == []

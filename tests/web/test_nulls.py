"""A NUL, which PostgreSQL takes in no text, is never an error of ours."""

import pytest
from django.test import Client

from deskbell.api import keys
from deskbell.tickets.models import Message
from tests.cast import PASSWORD, Cast
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/tickets/a%00b", "/files/a%00b", "/letters/a%00b"])
def test_an_address_with_a_nul_leads_nowhere(cast: Cast, as_: SignIn, address: str) -> None:
    assert as_(cast.bela).get(address).status_code == 404


def test_what_was_pasted_with_a_nul_is_sent_without_it(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    form = {"kind": "reply", "text": "Line 1\x00 of the log.", "once": "a\x00b"}
    assert as_(cast.bela).post(f"/tickets/{ticket.code}/messages", form).status_code == 302
    assert Message.objects.get(kind="reply").text.plain == "Line 1 of the log."


def test_a_stranger_who_signs_in_with_a_nul_is_refused_like_any_other(cast: Cast) -> None:
    form = {"email": "bela\x00@desk.example.", "password": PASSWORD}
    assert Client().post("/sign-in", form).status_code == 403


def test_a_program_that_searches_for_a_nul_finds_what_stands_beside_it(cast: Cast) -> None:
    a_ticket(cast.support, cast.emil)
    key = keys.add_key(cast.bela, "search")
    answer = Client().get(
        "/api/v1/tickets", {"q": "z\x00ip"}, headers={"Authorization": f"Bearer {key}"}
    )
    assert [one["subject"] for one in answer.json()["items"]] == ["The zip came apart"]

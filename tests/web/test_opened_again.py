"""An address that takes forms alone, opened: as when the page of a refused form is loaded anew, or after signing in."""

from urllib.parse import unquote

import pytest
from django.test import Client

from deskbell.tickets.models import Ticket
from tests.cast import Cast
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def leads_to(client: Client, address: str) -> str:
    answer = client.get(address, headers={"accept": "text/html,*/*"}, follow=True)
    assert answer.status_code == 200
    last, _status = answer.redirect_chain[-1]
    return str(last)


def test_the_ticket_is_there_when_a_refused_answer_is_loaded_anew(cast: Cast, as_: SignIn) -> None:
    ticket: Ticket = a_ticket(cast.support, cast.emil)
    bela, where = as_(cast.bela), f"/tickets/{ticket.code}"
    assert bela.post(f"{where}/messages", {"text": ""}).status_code == 422
    for form in ("messages", "messages/12/sent-on", "assignment"):
        assert leads_to(bela, f"{where}/{form}") == where
    assert leads_to(bela, "/sign-out") == "/"


def test_who_signed_in_again_on_it_comes_back_to_the_ticket(cast: Cast, as_: SignIn) -> None:
    ticket: Ticket = a_ticket(cast.support, cast.emil)
    nobody, where = Client(), f"/tickets/{ticket.code}"
    to_the_door = leads_to(nobody, f"{where}/messages")
    assert unquote(to_the_door) == f"/sign-in?next={where}"


def test_programs_are_told_that_it_takes_forms_alone(cast: Cast, as_: SignIn) -> None:
    ticket: Ticket = a_ticket(cast.support, cast.emil)
    assert as_(cast.bela).get(f"/tickets/{ticket.code}/messages").status_code == 405

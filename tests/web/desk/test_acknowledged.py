"""What the desk wrote by itself stands on the ticket as a quiet line, with how far it got."""

import pytest
from django.test import Client

from deskbell.channels.mail import letters
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by

pytestmark = pytest.mark.django_db


def test_an_acknowledgement_and_a_question_are_shown_with_their_state(
    cast: Cast, bela: Client
) -> None:
    raw = b"From: emil@acme.example\r\nMessage-ID: <1@acme.example>\r\n\r\nWhat now?\r\n"
    letters.keep(raw, source="smtp", mail_from="emil@acme.example")
    run_due()
    ticket = Ticket.objects.get()
    actions.resolve(ticket, by=by(cast.anna))
    run_due()
    page = bela.get(f"/tickets/{ticket.code}").content.decode()
    for told in ("The customer is told that the letter has come", "The customer is asked whether"):
        line = page.split(told)[1].split("</div>")[0]
        assert "Leaves in a few seconds." in line

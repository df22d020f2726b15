"""The page on which somebody is let go."""

from __future__ import annotations

import pytest

from deskbell.tickets import actions
from deskbell.work.run import run_due
from tests.cast import Cast, by, hire
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_an_admin_says_whose_the_tickets_become(cast: Cast, as_: SignIn) -> None:
    gita = hire("Gita", "gita@desk.example", "agent", cast.support)
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    anna, address = as_(cast.anna), f"/settings/agents/{cast.bela.pk}/archive"
    page = anna.get(address).content.decode()
    assert "Gita" in page
    assert "Cecil" not in page  # who may not answer
    assert anna.post(address, {"heir": "999999"}).status_code == 422
    assert anna.post(address, {"heir": str(gita.pk)}).status_code == 302
    run_due()
    ticket.refresh_from_db()
    assert ticket.assignee == gita

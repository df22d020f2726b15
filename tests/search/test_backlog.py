"""What was said before an upgrade is written little by little, and nothing is found that is gone."""

from __future__ import annotations

import pytest
from django.test import Client

from deskbell.search import backlog
from deskbell.search.check import check_documents
from deskbell.search.models import Backlog, Document
from deskbell.search.tickets import find
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket


@pytest.fixture
def upgraded(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Ticket]:
    """Seven tickets of a desk that has just learned to search."""
    tickets = [
        a_ticket(cast.support, cast.emil, subject=f"Zip {number}", text="It came apart.")
        for number in range(7)
    ]
    actions.merge(tickets[0], tickets[1], by=by(cast.bela))
    Document.objects.all().delete()
    Backlog.objects.create(id=1, of=tickets[-1].pk)
    monkeypatch.setattr(backlog, "AT_ONCE", 2)
    return tickets


def test_all_of_it_is_written_however_often_it_stops(cast: Cast, upgraded: list[Ticket]) -> None:
    assert backlog.percent_done() == 0
    assert backlog._write_some()  # and then the power is cut
    assert 0 < (backlog.percent_done() or 0) < 100
    actions.note(upgraded[-1], Content("She called."), by=by(cast.bela))
    backlog.write_more()
    backlog.write_more()
    assert backlog.percent_done() is None
    assert find(by(cast.bela), "apart").count() == 6
    assert list(check_documents()) == []


def test_what_is_taken_out_meanwhile_is_not_found_by_it(cast: Cast, upgraded: list[Ticket]) -> None:
    actions.redact(upgraded[3], by=by(cast.anna), passage="apart")
    backlog.write_more()
    assert find(by(cast.bela), "apart subject:3").count() == 0
    assert find(by(cast.bela), "apart").count() == 5


def test_new_tickets_are_found_while_the_old_ones_wait(cast: Cast, upgraded: list[Ticket]) -> None:
    fresh = a_ticket(cast.support, cast.frida, subject="Rope", text="It came apart, too.")
    assert [one.pk for one in find(by(cast.bela), "apart")] == [fresh.pk]
    backlog.write_more()
    assert find(by(cast.bela), "apart").count() == 7


def test_who_searches_meanwhile_is_told_how_far_it_is(
    cast: Cast, upgraded: list[Ticket], client: Client
) -> None:
    client.force_login(cast.bela.account)
    page = client.get("/find", {"q": "apart"}).content.decode()
    assert "still being made findable: 0 % is done" in page

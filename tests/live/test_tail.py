"""The tail tells each change once, late ones included, and names everybody who must hear of it."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction

from deskbell.live.tail import LATELY, Change, Place, Tail, lately
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from tests.cast import Cast, by, meet
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return meet()


def test_each_ticket_that_moved_on_is_told_once_with_its_last_step(cast: Cast) -> None:
    before = a_ticket(cast.support, cast.emil)
    tail = Tail()
    assert tail.news() == []
    ticket = a_ticket(cast.support, cast.frida)
    actions.note(ticket, Content("Ask the workshop."), by=by(cast.bela))
    ticket.refresh_from_db()
    assert [(change.code, change.step) for change in tail.news()] == [
        (ticket.code, ticket.last_step)
    ]
    assert tail.news() == []
    actions.take(before, by=by(cast.bela))
    assert codes(tail.news()) == [before.code]


def test_who_begins_to_listen_is_told_what_happened_lately(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    a_ticket(cast.support, cast.emil)
    clock.shift(LATELY + timedelta(seconds=1))
    ticket = a_ticket(cast.support, cast.frida)
    changes, span = lately(most=100)
    assert (codes(changes), span) == ([ticket.code], LATELY)
    clock.shift(timedelta(seconds=20))
    assert lately(most=1)[1] == timedelta(seconds=20), "more happened than is looked at"


def test_a_transfer_is_told_where_the_ticket_came_from_too(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    tail = Tail()
    actions.transfer(ticket, cast.billing, by=by(cast.bela))
    (change,) = tail.news()
    customer = ticket.customer_id
    there = {(place.department_id, place.assignee_id) for place in change.places}
    assert (cast.support.pk, cast.bela.pk) in there
    assert cast.billing.pk in {place.department_id for place in change.places}
    assert {place.customer_id for place in change.places} == {customer}
    assert isinstance(next(iter(change.places)), Place)


def test_an_entry_that_becomes_visible_after_a_later_one_is_not_lost(cast: Cast) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer: entries become visible in their order")
    slow, quick = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.frida)
    tail = Tail()
    written, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            actions.note(slow, Content("Slow."), by=by(cast.bela))
            written.set()
            may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=write_slowly)
    thread.start()
    written.wait(10)
    actions.note(quick, Content("Quick."), by=by(cast.anna))
    assert codes(tail.news()) == [quick.code]  # nobody waits for the slow one
    assert tail.news() == []
    may_commit.set()
    thread.join()
    assert codes(tail.news()) == [slow.code]
    assert tail.news() == []


def codes(changes: list[Change]) -> list[str]:
    return [change.code for change in changes]

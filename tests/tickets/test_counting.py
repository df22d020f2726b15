"""The numbers of the rail: counted once, and right all the same as soon as anything happens."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from deskbell import access
from deskbell.people.actors import Actor
from deskbell.tickets import actions, counting, queries
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by, meet
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return meet()


def are_right(*agents: Actor) -> bool:
    """Whether the numbers of these agents are those of the lists that they stand beside."""
    for agent in agents:
        counted = queries.counters(agent).views
        listed = {name: queries.view(agent, name).count() for name in counted}
        if counted != listed:
            return False
    return True


def test_whatever_is_done_the_numbers_are_those_of_the_lists(cast: Cast) -> None:
    everybody = [by(one) for one in (cast.anna, cast.bela, cast.cecil, cast.dora)]
    anna = by(cast.anna)
    assert are_right(*everybody)
    first, second, third = (a_ticket(cast.support, cast.emil) for _ in range(3))
    doings: tuple[Callable[[], Any], ...] = (
        lambda: actions.take(first, by=by(cast.bela)),
        lambda: actions.transfer(first, cast.billing, by=anna, agent=cast.dora),
        lambda: actions.assign(second, cast.bela, by=anna),
        lambda: actions.transfer(second, cast.billing, by=anna),
        lambda: actions.mark_answered(third, by=anna),
        lambda: actions.resolve(third, by=anna),
        lambda: actions.close(third, by=anna),
        lambda: actions.reopen(third, by=anna),
        lambda: actions.spam(third, by=anna),
        lambda: actions.not_spam(third, by=anna),
        lambda: actions.merge(third, second, by=anna),
        lambda: actions.unmerge(third, by=anna),
        lambda: actions.delete(third, by=anna),
        lambda: actions.purge(third, by=anna),
    )
    for doing in doings:
        doing()
        assert are_right(*everybody)


def test_nobody_counts_while_nothing_happens(cast: Cast) -> None:
    a_ticket(cast.support, cast.emil)
    first = counting.groups()
    with CaptureQueriesContext(connection) as asked:
        assert counting.groups() is first
    assert len(asked) == 1
    assert "GROUP BY" not in asked[0]["sql"]
    a_ticket(cast.support, cast.emil)
    assert sum(group.count for group in counting.groups()) == 2


def test_what_may_still_be_taken_back_is_counted_for_nobody_else(cast: Cast) -> None:
    a_ticket(cast.support, cast.emil)
    with transaction.atomic():
        a_ticket(cast.support, cast.emil)
        assert sum(group.count for group in counting.groups()) == 2
        transaction.set_rollback(True)
    assert sum(group.count for group in counting.groups()) == 1


def test_a_ticket_whose_transaction_lasted_longer_is_counted_too(cast: Cast) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer")
    is_open, may_end = Event(), Event()

    def slowly() -> None:
        with transaction.atomic():
            a_ticket(cast.support, cast.emil)
            is_open.set()
            may_end.wait(20)
        connection.close()

    slow = Thread(target=slowly)
    slow.start()
    is_open.wait(20)
    a_ticket(cast.billing, cast.frida)  # with higher numbers, and there before the other
    assert sum(group.count for group in counting.groups()) == 1
    may_end.set()
    slow.join()
    assert sum(group.count for group in counting.groups()) == 2


def test_the_numbers_are_counted_by_the_rights_of_the_lists(cast: Cast) -> None:
    a_ticket(cast.support, cast.emil)
    lent = a_ticket(cast.billing, cast.frida)
    actions.assign(lent, cast.dora, by=by(cast.anna))
    for agent in (cast.anna, cast.bela, cast.cecil, cast.dora):
        seen = access.visible(by(agent), Ticket.objects.all()).count()
        assert queries.counters(by(agent)).views["inbox"] == seen

"""The numbers of saved views: right, bounded, counted once for all who see the same."""

import pytest

from deskbell.people.models import Desk
from deskbell.saved_views import counting, keeping
from deskbell.saved_views.keeping import Wish
from tests.cast import Cast, by, meet
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    counting._kept.clear()
    monkeypatch.setattr(counting, "REST_SECONDS", 0.0)
    monkeypatch.setattr(counting, "REST_FACTOR", 0.0)
    return meet()


def test_a_number_follows_what_happens(desk: Cast) -> None:
    view = keeping.make(Wish("New", "status:new", audience="all"), by=by(desk.anna))
    assert counting.known(view.query, by(desk.anna)) == ""
    for number in range(1, 4):
        a_ticket(desk.support, desk.emil)
        assert counting.count(view.query, by(desk.anna)).shown == str(number)
        assert counting.known(view.query, by(desk.anna)) == str(number)


def test_who_sees_the_same_is_told_the_same_count(
    desk: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = keeping.make(Wish("New", "status:new", audience="all"), by=by(desk.anna))
    own = keeping.make(Wish("Mine", "is:mine", audience="all"), by=by(desk.anna))
    desk.bela.role = "admin"
    desk.bela.save(update_fields=["role"])
    a_ticket(desk.support, desk.emil)
    for agent in (desk.anna, desk.bela, desk.dora):
        for one in (view, own):
            counting.count(one.query, by(agent))
    assert len(counting._kept) == 5, "Anna and Bela see all: what is theirs is counted apart"


def test_a_busy_view_rests_and_says_when_to_ask_again(
    desk: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "REST_SECONDS", 1000.0)
    view = keeping.make(Wish("New", "status:new", audience="all"), by=by(desk.anna))
    a_ticket(desk.support, desk.emil)
    assert counting.count(view.query, by(desk.anna)) == counting.Count(1)
    a_ticket(desk.support, desk.emil)
    rested = counting.count(view.query, by(desk.anna))
    assert rested.shown == "1"
    assert rested.again is not None


def test_more_than_the_most_is_more(desk: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST", 2)
    view = keeping.make(Wish("New", "status:new", audience="all"), by=by(desk.anna))
    for _ in range(3):
        a_ticket(desk.support, desk.emil)
    assert counting.count(view.query, by(desk.anna)).shown == "2+"


def test_each_change_names_the_views_anew(desk: Cast) -> None:
    names = set()
    view = keeping.make(Wish("New", "status:new"), by=by(desk.bela))
    for up in (True, False):
        names.add(Desk.get().views)
        keeping.move(view, up=up, by=by(desk.bela))
    keeping.delete(view, by=by(desk.bela))
    assert len(names | {Desk.get().views}) == 3


def test_nobody_waits_behind_a_query_that_is_slow_to_count(desk: Cast) -> None:
    a_ticket(desk.support, desk.emil)
    with counting._lock:  # as long as another thread counts
        assert counting.count("status:new", by(desk.anna)) == counting.Count(None, 0.0)
    assert counting.count("status:new", by(desk.anna)) == counting.Count(1)

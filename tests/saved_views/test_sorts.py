"""The orders of a saved view: each shows every ticket once, page after page."""

from datetime import timedelta

import pytest
from time_machine import Traveller

from deskbell.errors import BadInput
from deskbell.saved_views import sorts
from deskbell.search.tickets import find
from deskbell.tickets import actions
from tests.cast import Cast, by
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db


def subjects(cast: Cast, sort: str, limit: int = 2) -> list[str]:
    """Walk the list page by page."""
    found: list[str] = []
    after = ""
    for _ in range(20):
        page = sorts.page(find(by(cast.anna), "status:new"), sort, after, limit)
        found += [row.subject for row in page.rows]
        if page.next is None:
            return found
        after = page.next
    raise AssertionError(found)


@pytest.fixture
def five(cast: Cast, clock: Traveller) -> None:
    """Five tickets: A to E, an hour apart; those of Billing are promised an answer; C is urgent and D low."""
    cast.billing.answer_within_minutes = 60
    cast.billing.save(update_fields=["answer_within_minutes"])
    departments = (cast.support, cast.billing, cast.support, cast.billing, cast.support)
    for subject, department in zip("ABCDE", departments, strict=True):
        ticket = a_ticket(department, cast.emil, subject=subject)
        if subject in "CD":
            actions.prioritise(ticket, {"C": 4, "D": 1}[subject], by=by(cast.anna))
        clock.shift(timedelta(hours=1))


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("limit", [1, 2, 3, 50])
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-activity", "EDCBA"),
        ("activity", "ABCDE"),
        ("-created", "EDCBA"),
        ("created", "ABCDE"),
        ("due", "BDECA"),
        ("importance", "CBEAD"),
    ],
)
def test_each_order_shows_every_ticket_once(
    cast: Cast, sort: str, expected: str, limit: int
) -> None:
    assert "".join(subjects(cast, sort, limit)) == expected


@pytest.mark.usefixtures("five")
def test_a_cursor_belongs_to_its_order(cast: Cast) -> None:
    new = find(by(cast.anna), "status:new")
    cursor = sorts.page(new, "-created", limit=2).next
    assert cursor
    for sort, after in (("-activity", cursor), ("due", "7."), ("due", "forged"), ("due", "0.x")):
        with pytest.raises(BadInput):
            sorts.page(new, sort, after)

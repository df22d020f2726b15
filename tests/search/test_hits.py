"""The newest documents that say something are the same, whichever way the database takes to them."""

from __future__ import annotations

import pytest

from deskbell.search import hits
from deskbell.search.looked_for import LookedFor
from tests.cast import Cast
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db

WAYS = {
    "the newest say enough": (1000, 2.5),
    "walked on": (2, 1e12),
    "told by the index": (2, 1e-12),
}


@pytest.mark.parametrize("way", WAYS)
def test_they_are_told_from_the_newest_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    tried, dearer = WAYS[way]
    monkeypatch.setattr(hits, "TRIED", tried)
    monkeypatch.setattr(hits, "DEARER", dearer)
    words = ["a pump", "a pole", "a pump", "a peg", "a pump", "a pump"]
    tickets = [a_ticket(cast.support, cast.emil, subject=word) for word in words]

    def told(*words: str, limit: int = 100, before: int = hits.END) -> list[int]:
        found = hits.newest([LookedFor(word) for word in words], limit, before)
        assert [one.id for one in found] == sorted({one.id for one in found}, reverse=True)
        return [one.ticket_id for one in found]

    pumps = [tickets[at].pk for at in (5, 4, 2, 0)]
    assert told("pump") == pumps
    assert told("pump", limit=2) == pumps[:2]
    places = [one.id for one in hits.newest([LookedFor("pump")], 100)]
    assert told("pump", before=places[2]) == pumps[3:]
    assert told("pump", before=places[0], limit=2) == pumps[1:3]
    assert told("pump", before=places[3]) == []
    assert told("nothing") == []
    assert told("pole", "peg") == [tickets[3].pk, tickets[1].pk]

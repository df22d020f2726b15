"""On SQLite, commits that need not wait for the disk do not, and all others do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import override_settings
from time_machine import Traveller

from deskbell.channels.mail import sending, smtp_client
from deskbell.database.relaxed import relaxed_commits
from deskbell.sweeps import beginning, going
from deskbell.sweeps.beginning import Wish
from deskbell.tickets import actions, settle
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from deskbell.work import claims
from deskbell.work.run import run_due
from deskbell.work.worker import Worker
from tests.cast import by, meet
from tests.desk import a_ticket
from tests.fakes import relay as fake

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL always waits"),
]

FULL, NORMAL = 2, 1


@pytest.fixture(autouse=True)
def _commits_wait() -> None:
    """The database of the tests waits for no disk at all: this connection does, as those of the desk."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = FULL")
    vars(connections["default"]).pop("_waits", None)


def how() -> int:
    """Return how this connection's commits wait."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        (found,) = cursor.fetchone()
    return int(found)


def test_commits_wait_again_after_the_block() -> None:
    with relaxed_commits():
        assert how() == NORMAL
    assert how() == FULL


def test_they_wait_again_after_an_error() -> None:
    with pytest.raises(LookupError), relaxed_commits(), transaction.atomic():
        raise LookupError
    assert how() == FULL


def test_a_transaction_that_has_begun_ends_as_it_began() -> None:
    with transaction.atomic(), relaxed_commits():
        assert how() == FULL


def test_a_connection_that_was_lost_leaves_none_that_does_not_wait() -> None:
    with relaxed_commits():
        connection.close()
    assert how() != NORMAL
    with relaxed_commits():
        connection.connection.close()  # as a disk that went away
    assert how() != NORMAL


def test_an_error_of_the_database_is_told_as_it_is() -> None:
    with pytest.raises(DatabaseError, match="nowhere"), relaxed_commits():  # noqa: SIM117
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM nowhere")


def test_settling_and_sweeps_do_not_wait_and_the_end_of_a_sweep_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast = meet()
    seen: dict[str, set[int]] = {"settle": set(), "sweep": set(), "end": set()}

    def stage(_entry: object, _ticket: object) -> None:
        seen["settle"].add(how())

    def one_more(sweep_id: int) -> bool:
        seen["sweep"].add(how())
        return real_one_more(sweep_id)

    def end(*given: object) -> None:
        seen["end"].add(how())
        real_end(*given)  # type: ignore[arg-type]

    real_one_more, real_end = going._one_more, going.end
    monkeypatch.setattr(settle.stages, "functions", (stage,))
    monkeypatch.setattr(going, "_one_more", one_more)
    monkeypatch.setattr(going, "end", end)
    ticket = a_ticket(cast.support, cast.emil)
    tickets = Ticket.objects.filter(pk=ticket.pk)
    beginning.begin(Wish("tag", tickets, {"tag": "sale"}), by=by(cast.anna))
    run_due()
    assert seen == {"settle": {NORMAL}, "sweep": {NORMAL}, "end": {FULL}}
    assert how() == FULL


def test_the_worker_waits_for_no_disk_with_its_book(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def claim(*_given: object, **_named: object) -> list[claims.Claim]:
        seen.append(how())
        return []

    monkeypatch.setattr(claims, "claim", claim)
    Worker()._dispatch()
    assert seen == [NORMAL]


def test_a_letter_leaves_after_a_commit_that_waited(
    monkeypatch: pytest.MonkeyPatch, clock: Traveller
) -> None:
    cast = meet()
    seen = []

    def claim(*given: Any) -> int:
        seen.append((how(), connection.in_atomic_block))
        return claimed(*given)

    claimed = sending._claim
    monkeypatch.setattr(sending, "_claim", claim)
    with fake.Relay() as relay, override_settings(RELAY=relay.url):
        actions.reply(a_ticket(cast.support, cast.emil), Content("Here."), by=by(cast.anna))
        clock.shift(timedelta(seconds=10))
        run_due()
        smtp_client.close_all()
    assert len(relay.letters) == 1
    assert seen == [(FULL, False)]

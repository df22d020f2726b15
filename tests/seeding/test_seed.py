"""A seeded desk is one that the door could have made, and its tables are as the migrations left them."""

import pytest
from django.db import connection

from deskbell.errors import DeskError
from deskbell.people.actors import Actor
from deskbell.people.models import Account, Agent, Customer, Department
from deskbell.seeding import load, rows, seed
from deskbell.tickets import actions, queries
from deskbell.tickets.check import check_tickets
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Message, Ticket
from tests.cast import by

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def what_holds(tables: dict[str, tuple[str, ...]]) -> dict[str, set[str]]:
    """Return the names of all indexes and constraints of the tables."""
    with connection.cursor() as cursor:
        return {
            table: set(connection.introspection.get_constraints(cursor, table)) for table in tables
        }


def test_a_seeded_desk_replays_can_be_worked_on_and_has_all_its_indexes() -> None:
    held = what_holds(rows.TABLES)
    owner = seed.seed(300, processes=0)
    assert what_holds(rows.TABLES) == held
    assert [problem for _, found in check_tickets() for problem in found] == []
    assert Ticket.objects.count() == 300
    assert 900 < Message.objects.count() < 2400
    assert Account.objects.get(email=owner.email).check_password(owner.password)
    assert (Department.objects.count(), Agent.objects.count()) == (20, 100)

    agent = Agent.objects.get(role="owner")
    newest = queries.inbox(Actor.agent(agent), "inbox").rows[0]
    ticket = queries.ticket_for(Actor.agent(agent), newest.code)
    actions.note(ticket, Content("Numbers go on after the seeded ones."), by=by(agent))
    assert Entry.objects.filter(ticket=ticket).count() == ticket.last_step


def test_a_desk_that_somebody_uses_is_left_alone() -> None:
    seed.seed(20, processes=0)
    with pytest.raises(DeskError, match="already"):
        seed.seed(20, processes=0)
    assert Ticket.objects.count() == 20


def test_a_seed_that_was_killed_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    held = what_holds(rows.TABLES)

    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(load, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            seed.seed(30, processes=0)
    assert load.note().exists()
    assert what_holds(rows.TABLES) != held
    seed.seed(30, processes=0)
    assert not load.note().exists()
    assert what_holds(rows.TABLES) == held
    assert Ticket.objects.count() == 30


def test_a_seed_that_was_killed_at_the_end_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(load, "end", killed)
        with pytest.raises(KeyboardInterrupt):
            seed.seed(30, processes=0)
    customers = Customer.objects.count()
    seed.seed(30, processes=0)
    assert (Ticket.objects.count(), Customer.objects.count()) == (30, customers)

"""What a prepared query finds is what the queryset finds that it was made of, now and every time."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from deskbell.database.prepared import Prepared, prepared_cursor
from deskbell.people.models import Department
from deskbell.tickets.models import Entry, Message, Ticket
from tests.cast import Cast
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db


def test_it_gives_whole_rows_with_what_they_point_at(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    entries = Prepared(
        lambda number, step: (
            Entry.objects.filter(ticket=number, step__gt=step)
            .select_related("cause", "ticket__department")
            .order_by("step")
        )
    )
    assert entries(ticket.pk, 0) == list(Entry.objects.filter(ticket=ticket).order_by("step"))
    first, second = entries(ticket.pk, 0)
    assert first.cause is None
    assert (first.at, first.data) == (Entry.objects.get(pk=first.pk).at, first.data)
    with CaptureQueriesContext(connection) as asked:
        assert second.ticket.department == cast.support
    assert not asked.captured_queries
    assert entries(ticket.pk, 1) == [second]
    assert entries(0, 0) == []


def test_it_gives_values_and_takes_words(cast: Cast) -> None:
    ticket, other = a_ticket(cast.support, cast.emil), a_ticket(cast.billing, cast.emil)
    by_code = Prepared(
        lambda code: Ticket.objects.filter(code=code).values_list("pk", "department__name")
    )
    assert by_code(ticket.code) == [(ticket.pk, "Support")]
    assert by_code(other.code) == [(other.pk, "Billing")]
    assert by_code("'; --") == []


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_it_takes_lists_of_any_length(cast: Cast, count: int) -> None:
    numbers = [a_ticket(cast.support, cast.emil).pk for _ in range(6)]
    among = Prepared(
        lambda numbers: (
            Message.objects.filter(ticket__in=numbers)
            .order_by("id")
            .values_list("ticket_id", flat=True)
        )
    )
    with CaptureQueriesContext(connection) as asked:
        assert among(numbers[:count]) == numbers[:count]
    assert len(asked) == bool(count)


def test_it_sees_what_changed_since(cast: Cast) -> None:
    working = Prepared(lambda: Department.objects.filter(archived_at=None))
    before = working()
    cast.billing.name = "Accounts"
    cast.billing.save()
    assert {one.name for one in working()} - {one.name for one in before} == {"Accounts"}


def test_a_value_that_finds_no_place_is_refused() -> None:
    lost = Prepared(lambda _number: Department.objects.all())
    with pytest.raises(ValueError, match="no place"):
        lost(1)


def test_what_never_changes_stands_in_the_query_whatever_it_is(cast: Cast) -> None:
    odd = "100 % %s 'of' \\ it"
    cast.billing.name = odd
    cast.billing.save()
    named = Prepared(
        lambda number: (
            Department.objects.filter(pk=number, name__contains="% %s 'of'")
            .exclude(name__in=["a", "b%"])
            .values_list("name", flat=True)
        )
    )
    for _ in range(10):
        assert named(cast.billing.pk) == [odd]
        assert named(cast.support.pk) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps the plans of all")
def test_postgres_keeps_the_plan_of_what_is_asked_again_and_again(cast: Cast) -> None:
    named = Prepared(lambda one, other: Department.objects.filter(pk__gt=one, pk__lt=other))
    for number in (1, 40_000, 3_000_000_000) * 4:  # as wide as they are, it is one statement
        named(number, number + 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, parameter_types::text FROM pg_prepared_statements")
        kept = [(sql, types) for sql, types in cursor.fetchall() if "people_department" in sql]
    [(sql, types)] = kept
    assert "$1" in sql
    assert types == "{bigint,bigint}"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="about psycopg's book of statements")
def test_words_of_other_queries_are_kept_nowhere_and_take_no_plan_along(cast: Cast) -> None:
    named = Prepared(lambda number: Department.objects.filter(pk=number))
    for _ in range(3):
        named(cast.support.pk)
    book = connection.connection._prepared
    before = dict(book._names)
    for number in range(3):
        Ticket.objects.filter(code=f"the words of people {number}").first()
    with pytest.raises(LookupError), transaction.atomic():  # a savepoint
        raise LookupError
    assert not any(b"words of people" in sql for sql, _types in (*book._counts, *book._names))
    assert before
    assert book._names == before


def test_a_cursor_of_what_is_asked_again_and_again_asks_like_any_other(cast: Cast) -> None:
    for _ in range(10):
        with CaptureQueriesContext(connection) as asked, prepared_cursor() as cursor:
            cursor.execute("SELECT name FROM people_department WHERE id = %s", [cast.support.pk])
            assert cursor.fetchall() == [("Support",)]
        assert len(asked) == 1


@pytest.mark.django_db(transaction=True)
def test_threads_ask_over_their_own_connections(cast: Cast) -> None:
    named = Prepared(
        lambda name: Department.objects.filter(name=name).values_list("name", flat=True)
    )
    named("Support")
    found: list[str] = []

    def ask(name: str) -> None:
        for _ in range(50):
            found.extend(named(name))
        connection.close()

    threads = [Thread(target=ask, args=(name,)) for name in ("Support", "Billing")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["Billing"] * 50 + ["Support"] * 50

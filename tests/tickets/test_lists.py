"""What an agent finds in lists, counters and threads, and at what price."""

from dataclasses import fields
from datetime import timedelta

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from deskbell import access
from deskbell.errors import BadInput, NoSuchTicket
from deskbell.tickets import actions, queries
from deskbell.tickets.content import Content
from deskbell.tickets.models import CodeAlias
from deskbell.tickets.thread import thread
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again


def codes(page: queries.ListPage) -> list[str]:
    return [row.code for row in page.rows]


def test_a_code_finds_its_ticket_however_it_is_typed(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    for typed in (
        ticket.code,
        ticket.code.lower(),
        ticket.code.replace("-", ""),
        f" {ticket.code} ",
    ):
        assert queries.ticket_for(by(cast.bela), typed) == ticket


def test_an_old_code_leads_on(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    CodeAlias.objects.create(code="OLD-DESKS-001", ticket=ticket)
    assert queries.ticket_for(by(cast.bela), "old-desks-001") == ticket


def test_dora_is_told_that_there_is_no_such_ticket(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    assert queries.ticket_for(by(cast.bela), ticket.code) == ticket
    with pytest.raises(NoSuchTicket):
        queries.ticket_for(by(cast.dora), ticket.code)


def test_what_dora_has_taken_stays_hers_to_see_when_she_leaves_the_department(cast: Cast) -> None:
    hers, theirs = a_ticket(cast.billing, cast.emil), a_ticket(cast.billing, cast.emil)
    actions.take(hers, by=by(cast.dora))
    cast.dora.departments.clear()
    assert codes(queries.inbox(by(cast.dora), "all")) == [hers.code]
    assert not access.may(by(cast.dora), "see", theirs)


def test_views_hold_what_their_names_say(cast: Cast) -> None:
    mine, new, answered, closed = (a_ticket(cast.support, cast.emil) for _ in range(4))
    actions.take(mine, by=by(cast.bela))
    actions.reply(answered, Content("Hello."), by=by(cast.anna))
    actions.close(closed, by=by(cast.anna))
    bela = by(cast.bela)
    assert set(codes(queries.inbox(bela, "mine"))) == {mine.code}
    assert set(codes(queries.inbox(bela, "unassigned"))) == {new.code}
    assert set(codes(queries.inbox(bela, "new"))) == {mine.code, new.code}
    assert set(codes(queries.inbox(bela, "answered"))) == {answered.code}
    assert set(codes(queries.inbox(bela, "closed"))) == {closed.code}
    assert len(codes(queries.inbox(bela, "all"))) == 4
    assert codes(queries.inbox(by(cast.dora), "all")) == []


def test_an_unknown_view_is_a_clear_no(cast: Cast) -> None:
    with pytest.raises(BadInput, match="nonsense"):
        queries.inbox(by(cast.bela), "nonsense")


def test_pages_follow_each_other_without_a_gap_or_a_repeat(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    made = []
    for number in range(7):
        made.append(a_ticket(cast.support, cast.emil).code)
        if number % 2:  # pairs share an instant: the number decides between them
            clock.shift(timedelta(minutes=1))
    seen: list[str] = []
    cursor = None
    while True:
        page = queries.inbox(by(cast.bela), "new", after=cursor, limit=2)
        seen += codes(page)
        cursor = page.next
        if cursor is None:
            break
    assert seen[:2] == [made[6], made[5]]
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("cursor", ["nonsense", "", "WyJpZCJd:x:y"])
def test_a_cursor_that_nobody_gave_is_refused(cast: Cast, cursor: str) -> None:
    if cursor:
        with pytest.raises(BadInput):
            queries.inbox(by(cast.bela), "new", after=cursor)


def test_a_list_costs_the_same_whatever_it_shows(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        actions.take(a_ticket(cast.support, cast.emil), by=by(cast.bela))
    for limit in (1, 12):
        with django_assert_num_queries(3):
            queries.inbox(by(cast.bela), "mine", limit=limit)
    with django_assert_num_queries(2):
        queries.counters(by(cast.bela))


def test_counters_count_what_the_agent_may_see(cast: Cast) -> None:
    for department in (cast.support, cast.support, cast.billing):
        a_ticket(department, cast.emil)
    mine = a_ticket(cast.support, cast.emil)
    actions.take(mine, by=by(cast.bela))
    counters = queries.counters(by(cast.bela))
    assert (counters.views["new"], counters.views["mine"], counters.views["unassigned"]) == (
        3,
        1,
        2,
    )
    assert counters.departments == {cast.support.pk: 3}
    assert queries.counters(by(cast.anna)).departments == {cast.support.pk: 3, cast.billing.pk: 1}


def test_a_thread_words_what_happened(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.assign(ticket, cast.bela, by=by(cast.anna))
    actions.reply(ticket, Content("Sent."), by=by(cast.bela), then="resolved")
    actions.confirm(ticket, by=by(cast.emil))
    told = [item.sentence for item in thread(ticket) if item.is_quiet]
    assert told == [
        "Emil Novák opened the ticket",
        "Anna van der Meulen assigned it to Bela Kerekes",
        "Bela Kerekes resolved the ticket",
        "Emil Novák said that it is solved; the ticket is closed",
    ]
    letters = [item.message.text.plain for item in thread(ticket) if item.message is not None]
    assert letters == ["After two nights the zip came apart.", "Sent."]


def test_a_thread_costs_the_same_whatever_its_length(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.assign(ticket, cast.bela, by=by(cast.anna))
    with django_assert_max_num_queries(8) as short:
        thread(ticket)
    for _ in range(10):
        writes_again(ticket, cast.emil)
        actions.reply(ticket, Content("Hm."), by=by(cast.bela))
    with django_assert_max_num_queries(8) as long:
        thread(ticket)
    assert len(short.captured_queries) == len(long.captured_queries)


def test_a_thread_since_a_step_shows_what_is_new(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    seen = ticket.last_step
    writes_again(ticket, cast.emil)
    assert [item.kind for item in thread(ticket, since=seen)] == ["message.received"]


def test_what_was_learned_at_the_closing_stands_in_the_thread(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.close(ticket, by=by(cast.anna), solution="A new zip.", root_cause="Salt water.")
    assert thread(ticket)[-1].document == {"solution": "A new zip.", "root_cause": "Salt water."}


def test_rows_are_read_in_the_order_of_their_fields() -> None:
    assert [field.name for field in fields(queries.Row)] == list(queries.ROW_FIELDS)

"""Somebody is in the middle of something, and another wants the same: who waits sees what was done, and nobody waits
for ever.

Each scene holds a transaction open until all others wait for it.  On SQLite they wait for the one writer.
"""

from collections.abc import Callable
from threading import Thread
from time import monotonic, sleep

import pytest
from django.db import connection, transaction

from deskbell.errors import BadInput, Conflict, WrongStatus
from deskbell.tickets import actions, timeline
from deskbell.tickets.models import Link, Message, Tag, Text, Ticket
from deskbell.tickets.tags import tags_for
from tests.cast import Cast, by, meet
from tests.desk import a_ticket, writes_again

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[], object]

LONG_ENOUGH = 20.0


def in_the_middle_of(first: Act, *others: Act) -> list[Exception | None]:
    """Do `first`, let all others begin and wait before it is committed; return what each of them raised."""
    outcomes: list[Exception | None] = [None] * len(others)

    def run(number: int, act: Act) -> None:
        try:
            act()
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair, daemon=True) for pair in enumerate(others)]
    with transaction.atomic():
        first()
        for waiting, thread in enumerate(threads, start=1):
            thread.start()
            until_as_many_wait(waiting)
    for thread in threads:
        thread.join(LONG_ENOUGH)
        assert not thread.is_alive(), "somebody waits for ever"
    return outcomes


def who_waits() -> float:
    """Return how many wait for a lock; SQLite does not tell, and lets all of them wait for the one writer."""
    if connection.vendor == "sqlite":
        sleep(0.2)
        return float("inf")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot()"
        )  # else a transaction sees the same all along
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        [(waiting,)] = cursor.fetchall()
    return float(waiting)


def until_as_many_wait(number: int) -> None:
    end = monotonic() + LONG_ENOUGH
    while who_waits() < number:
        assert monotonic() < end, "nobody waits"
        sleep(0.02)


def a_copy(cast: Cast) -> tuple[Ticket, Message, Ticket]:
    """Return a ticket, its message, and the ticket that the message was split off into."""
    ticket = a_ticket(cast.support, cast.emil)
    message = ticket.messages.get()
    return ticket, message, actions.split(ticket, message, by=by(cast.anna))


def is_blank(text_id: int) -> bool:
    text = Text.objects.get(pk=text_id)
    return (text.plain, text.quoted, text.html) == ("", "", "")


def test_a_link_leads_to_a_ticket_that_somebody_holds() -> None:
    cast = meet()
    held, free = (a_ticket(cast.support, cast.emil) for _ in range(2))

    def tie() -> None:
        Link.objects.create(ticket=free, other=held)
        connection.close()

    linked = Thread(target=tie)
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer")
    with transaction.atomic():
        timeline.lock(held.pk)
        linked.start()
        linked.join(LONG_ENOUGH)
        assert not linked.is_alive()
    Link.objects.filter(ticket=free).delete()  # made past the one door


def test_a_letter_waits_for_a_merge_and_somebody_else_for_both_tickets() -> None:
    cast = meet()
    survivor, source = (a_ticket(cast.support, cast.emil) for _ in range(2))
    outcomes = in_the_middle_of(
        lambda: actions.merge(source, survivor, by=by(cast.anna)),
        lambda: writes_again(Ticket.objects.get(pk=source.pk), cast.emil),
        lambda: actions.link(
            Ticket.objects.get(pk=survivor.pk), Ticket.objects.get(pk=source.pk), by=by(cast.anna)
        ),
    )
    assert outcomes[0] is None
    assert Message.objects.filter(ticket=survivor).count() == 2
    assert outcomes[1] is None or "merged" in str(outcomes[1]).lower()


def test_what_was_taken_out_of_a_ticket_is_not_purged_with_it() -> None:
    cast = meet()
    whole, part = (a_ticket(cast.support, cast.emil) for _ in range(2))
    actions.merge(part, whole, by=by(cast.anna))
    actions.delete(whole, by=by(cast.anna))
    outcomes = in_the_middle_of(
        lambda: actions.unmerge(part, by=by(cast.anna)),
        lambda: actions.purge(Ticket.objects.get(pk=whole.pk), by=by(cast.anna)),
    )
    assert outcomes == [None]
    part.refresh_from_db()
    assert part.purged_at is None
    assert part.messages.get().text.plain


def test_what_was_merged_into_a_ticket_meanwhile_is_not_forgotten_by_its_purge() -> None:
    cast = meet()
    whole, part = (a_ticket(cast.support, cast.emil) for _ in range(2))

    def merge_and_delete() -> None:
        actions.merge(part, whole, by=by(cast.anna))
        actions.delete(whole, by=by(cast.anna))

    def purge() -> None:
        actions.purge(Ticket.objects.get(pk=whole.pk), by=by(cast.anna))

    [told] = in_the_middle_of(merge_and_delete, purge)
    if told is not None:  # on SQLite it began after the merge
        assert isinstance(told, Conflict)
        purge()
    assert is_blank(part.messages.get().text_id)


def test_words_that_are_erased_are_not_written_back_by_a_redaction() -> None:
    cast = meet()
    whole, part = a_ticket(cast.support, cast.frida), a_ticket(cast.support, cast.emil)
    actions.merge(part, whole, by=by(cast.anna))
    [told] = in_the_middle_of(
        lambda: actions.erase(part, cast.emil.customer, by=by(cast.anna)),
        lambda: actions.redact(
            Ticket.objects.get(pk=whole.pk), by=by(cast.anna), passage="came apart"
        ),
    )
    assert told is None
    assert is_blank(part.messages.get().text_id)


def test_a_message_and_its_copy_purged_at_once_leave_no_word() -> None:
    cast = meet()
    ticket, message, opened = a_copy(cast)
    for one in (ticket, opened):
        actions.delete(one, by=by(cast.anna))
    outcomes = in_the_middle_of(
        lambda: actions.purge(ticket, by=by(cast.anna)),
        lambda: actions.purge(Ticket.objects.get(pk=opened.pk), by=by(cast.anna)),
    )
    assert outcomes == [None]
    assert is_blank(message.text_id)
    assert not Text.objects.filter(plain__contains="came apart").exists()


def test_a_message_is_taken_out_while_its_copy_is_purged() -> None:
    cast = meet()
    ticket, message, opened = a_copy(cast)
    actions.delete(opened, by=by(cast.anna))
    outcomes = in_the_middle_of(
        lambda: actions.purge(opened, by=by(cast.anna)),
        lambda: actions.redact_message(ticket, message, by=by(cast.anna)),
    )
    assert outcomes == [None]
    assert is_blank(message.text_id)


def test_words_that_are_taken_out_are_not_split_off_again() -> None:
    cast = meet()
    ticket, _, opened = a_copy(cast)
    copy = opened.messages.get()
    Message.objects.filter(ticket__in=(ticket, opened)).update(subject="My zip came apart")
    copy.refresh_from_db()
    outcomes = in_the_middle_of(
        lambda: actions.redact(ticket, by=by(cast.anna), passage="came apart"),
        lambda: actions.split(Ticket.objects.get(pk=opened.pk), copy, by=by(cast.anna)),
    )
    assert outcomes == [None]
    latest = Ticket.objects.latest("pk")
    assert latest.pk not in {ticket.pk, opened.pk}
    assert "came apart" not in latest.subject.plain + latest.messages.get().subject


def test_two_who_tie_parts_at_once_close_no_ring() -> None:
    cast = meet()
    first, second, third, fourth = (a_ticket(cast.support, cast.emil) for _ in range(4))

    def tie(part: Ticket, whole: Ticket) -> None:
        ends = (Ticket.objects.get(pk=one.pk) for one in (part, whole))
        actions.link(*ends, by=by(cast.anna), kind="child_of")

    tie(first, second)
    tie(third, fourth)
    [told] = in_the_middle_of(lambda: tie(second, third), lambda: tie(fourth, first))
    assert isinstance(told, BadInput)


def test_new_tags_are_made_in_one_order_however_they_are_named(db: None) -> None:
    named = tags_for(["Zip", "tent", "Ärger", "zip"], make=True)
    assert [tag.name for tag in named] == ["Zip", "tent", "Ärger"]
    assert list(Tag.objects.order_by("pk").values_list("key", flat=True)) == [
        "tent",
        "zip",
        "ärger",
    ]


def test_two_name_the_same_new_tags_the_other_way_round() -> None:
    cast = meet()
    tickets = [a_ticket(cast.support, cast.emil) for _ in range(2)]
    outcomes = in_the_middle_of(
        lambda: actions.tag(tickets[0], by=by(cast.anna), add=["zip", "tent"]),
        lambda: actions.tag(tickets[1], by=by(cast.bela), add=["tent", "zip"]),
    )
    assert outcomes == [None]
    assert Tag.objects.count() == 2


def test_one_that_is_restored_meanwhile_is_not_purged_by_the_clock() -> None:
    cast = meet()
    ticket = a_ticket(cast.support, cast.emil)
    actions.delete(ticket, by=by(cast.anna))
    [told] = in_the_middle_of(
        lambda: actions.restore(ticket, by=by(cast.anna)),
        lambda: actions.purge(Ticket.objects.get(pk=ticket.pk), by=by(cast.anna)),
    )
    assert isinstance(told, WrongStatus)
    assert ticket.messages.get().text.plain

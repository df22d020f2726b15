"""Spam and deleted tickets: out of sight, back where they stood, gone for good after the desk's time."""

from datetime import timedelta

import pytest
import time_machine

from deskbell.channels.mail.models import Delivery
from deskbell.clock import now
from deskbell.errors import MergedAway, NoSuchTicket, NotAllowed
from deskbell.people.actors import CLOCK
from deskbell.people.models import Desk
from deskbell.tickets import actions, queries
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Message, Stretch, Text, Ticket
from deskbell.tickets.settle import settle
from deskbell.tickets.state import state_of
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again

DAY = timedelta(days=1)


def status_of(ticket: Ticket) -> str:
    ticket.refresh_from_db()
    return ticket.status


def test_spam_leaves_every_list_but_its_own(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.mallory)
    actions.spam(ticket, by=by(cast.bela))
    seen = {name: queries.inbox(by(cast.anna), name).rows for name in queries.VIEWS}
    assert {name for name, rows in seen.items() if rows} == {"spam"}
    assert queries.counters(by(cast.anna)).views["inbox"] == 0


def test_no_spam_stands_where_it_stood(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.resolve(ticket, by=by(cast.anna))
    closes_at = ticket.closes_at
    actions.spam(ticket, by=by(cast.anna))
    assert ticket.closes_at is None
    assert ticket.resolved_at is not None, "it has not opened again"
    actions.not_spam(ticket, by=by(cast.anna))
    assert (ticket.status, ticket.closes_at) == ("resolved", closes_at)


def test_a_deleted_spam_ticket_is_restored_as_spam(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.reply(ticket, Content("Hello."), by=by(cast.bela))
    actions.spam(ticket, by=by(cast.bela))
    actions.delete(ticket, by=by(cast.bela))
    actions.restore(ticket, by=by(cast.bela))
    assert status_of(ticket) == "spam"
    assert state_of(ticket).hidden_at is not None
    actions.not_spam(ticket, by=by(cast.bela))
    assert (ticket.status, ticket.hidden_at) == ("answered", None)


def test_a_postponement_that_ran_out_while_it_lay_deleted_wakes_it_when_it_is_restored(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.postpone(ticket, now() + DAY, by=by(cast.bela))
    actions.delete(ticket, by=by(cast.bela))
    clock.shift(2 * DAY)
    assert actions.wake_when_due() == 0, "what lies deleted does not wake"
    actions.restore(ticket, by=by(cast.bela))
    assert status_of(ticket) == "new"


def test_a_postponement_that_lies_ahead_goes_on_when_it_is_restored(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    until = now() + DAY
    actions.postpone(ticket, until, by=by(cast.bela))
    actions.spam(ticket, by=by(cast.bela))
    actions.not_spam(ticket, by=by(cast.bela))
    assert (ticket.status, ticket.postponed_until) == ("postponed", until)


def test_what_was_judged_spam_at_the_door_begins_as_new_when_it_is_none(cast: Cast) -> None:
    ticket = actions.open_ticket(
        by=by(cast.mallory),
        subject="You have won",
        content=Content("A tent."),
        department=cast.support,
        customer=cast.mallory,
        channel="mail",
        is_spam=True,
    )
    assert (ticket.status, ticket.hidden_at) == ("spam", ticket.created_at)
    actions.not_spam(ticket, by=by(cast.bela))
    assert (ticket.status, ticket.hidden_at) == ("new", None)


def test_a_question_that_spam_had_silenced_is_asked_afterwards(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.resolve(ticket, by=by(cast.anna))
    actions.spam(ticket, by=by(cast.anna))
    settle(ticket.pk)
    assert not Delivery.objects.exists()
    actions.not_spam(ticket, by=by(cast.anna))
    settle(ticket.pk)
    assert Delivery.objects.get().purpose == Delivery.Purpose.ASK_IF_SOLVED


def test_a_letter_to_spam_begins_a_new_ticket_and_leaves_the_old_one(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.spam(ticket, by=by(cast.bela))
    received = writes_again(ticket, cast.emil)
    assert received.ticket.pk != ticket.pk
    assert status_of(ticket) == "spam"


def test_only_an_admin_purges(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.delete(ticket, by=by(cast.bela))
    with pytest.raises(NotAllowed):
        actions.purge(ticket, by=by(cast.bela))
    actions.purge(ticket, by=by(cast.anna))
    assert ticket.purged_at is not None


def test_a_purged_ticket_is_there_for_nobody_but_keeps_its_numbers(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.reply(ticket, Content("Send it in."), by=by(cast.anna))
    stretches = Stretch.objects.filter(ticket=ticket).count()
    actions.delete(ticket, by=by(cast.anna))
    actions.purge(ticket, by=by(cast.anna))
    with pytest.raises(NoSuchTicket):
        queries.ticket_for(by(cast.anna), ticket.code)
    with pytest.raises(NoSuchTicket):
        actions.restore(ticket, by=by(cast.anna))
    for name in queries.VIEWS:
        assert queries.inbox(by(cast.anna), name).rows == ()
    assert Stretch.objects.filter(ticket=ticket).count() == stretches + 1
    assert Message.objects.filter(ticket=ticket).count() == 2
    assert not Text.objects.exclude(plain="", quoted="", html="").exists()


def test_what_is_merged_goes_with_its_survivor_and_not_alone(cast: Cast) -> None:
    source, survivor = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.frida)
    actions.merge(source, survivor, by=by(cast.anna))
    with pytest.raises(MergedAway):
        actions.purge(source, by=by(cast.anna))
    actions.delete(survivor, by=by(cast.anna))
    actions.purge(survivor, by=by(cast.anna))
    source.refresh_from_db()
    assert source.purged_at is not None
    assert not Text.objects.exclude(plain="").exists()


def test_the_desk_purges_after_its_days_and_not_before(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    deleted, spam, kept = (a_ticket(cast.support, cast.emil) for _ in range(3))
    actions.delete(deleted, by=by(cast.bela))
    actions.spam(spam, by=by(cast.bela))
    actions.delete(kept, by=by(cast.bela))
    clock.shift(29 * DAY)
    actions.restore(kept, by=by(cast.bela))
    actions.delete(kept, by=by(cast.bela))
    assert actions.purge_when_due() == 0
    clock.shift(DAY)
    assert actions.purge_when_due() == 2
    assert actions.purge_when_due() == 0
    purged = Ticket.objects.exclude(purged_at=None).values_list("pk", flat=True)
    assert set(purged) == {deleted.pk, spam.pk}
    entry = Entry.objects.filter(kind="ticket.purged", ticket=deleted).get()
    assert (entry.by_kind, entry.cause and entry.cause.kind) == (CLOCK.kind, "ticket.deleted")


def test_a_desk_that_keeps_everything_purges_nothing(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    Desk.objects.update(purge_deleted_after_days=None)
    actions.delete(a_ticket(cast.support, cast.emil), by=by(cast.bela))
    clock.shift(1000 * DAY)
    assert actions.purge_when_due() == 0

"""What happens seldom, and must be right all the same."""

from datetime import timedelta

import pytest
import time_machine

from deskbell.clock import now
from deskbell.errors import BadInput
from deskbell.people.actors import CLOCK
from deskbell.people.models import Customer
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket

MONTH = timedelta(days=30)


def test_a_clock_that_ran_ahead_for_a_while_closes_nothing_too_soon(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(MONTH)
    actions.take(ticket, by=by(cast.bela))
    taken_at = ticket.entries.latest("step").at
    clock.shift(-MONTH)
    actions.resolve(ticket, by=by(cast.bela))
    ticket.refresh_from_db()
    assert ticket.resolved_at == taken_at
    assert ticket.closes_at == taken_at + timedelta(days=cast.support.close_after_days or 0)


def test_no_ticket_is_split_off_into_a_department_that_is_archived(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    cast.support.archived_at = now()
    cast.support.save()
    with pytest.raises(BadInput):
        actions.split(Ticket.objects.get(pk=ticket.pk), ticket.messages.get(), by=by(cast.anna))
    assert Ticket.objects.count() == 1


def test_an_empty_letter_to_a_ticket_without_words_begins_a_new_one(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.delete(ticket, by=by(cast.anna))
    actions.purge(ticket, by=by(cast.anna))
    came = actions.receive(ticket, Content(""), by=by(cast.emil), address=cast.emil, subject="  ")
    assert came.ticket.pk != ticket.pk
    assert came.ticket.subject.plain == "…"


def merge_customers(cast: Cast) -> Customer:
    """Let Frida's be the customer of both from now on."""
    emil, frida = cast.emil.customer, cast.frida.customer
    emil.merged_into = frida
    emil.save()
    return frida


def test_a_customer_who_was_merged_opens_a_ticket_of_the_one_they_are_now(cast: Cast) -> None:
    frida = merge_customers(cast)
    cast.emil.refresh_from_db()
    opened = actions.open_ticket(
        by=by(cast.frida),
        subject="My tent",
        content=Content("Where is it?"),
        department=cast.support,
        customer=cast.emil,
        channel="mail",
    )
    assert opened.customer == frida


def test_an_answer_that_never_reached_a_merged_customer_opens_the_ticket(cast: Cast) -> None:
    frida = merge_customers(cast)
    ticket = a_ticket(cast.support, cast.frida)
    assert ticket.customer == frida
    message = actions.reply(ticket, Content("Look."), by=by(cast.bela))
    actions.fail_delivery(
        ticket, message=message, address="emil@acme.example", reason="mailbox_unknown", by=CLOCK
    )
    ticket.refresh_from_db()
    assert ticket.status == "open"

"""Somebody leaves: their tickets go to a colleague or to the department, and nothing is lost."""

from __future__ import annotations

import pytest
from django.db import transaction

from deskbell.people.agents import archive_agent, bring_back_agent
from deskbell.people.models import Agent, Membership
from deskbell.tickets import actions, handover
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Ticket
from deskbell.work.run import run_due, run_each_twice
from tests.cast import Cast, by, hire
from tests.desk import a_ticket, writes_again

pytestmark = pytest.mark.django_db


def of_bela(cast: Cast) -> Ticket:
    """A ticket that Bela took."""
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    return ticket


def leaves(cast: Cast, heir: Agent | None) -> None:
    with transaction.atomic():
        archive_agent(cast.bela)
        handover.ask_to_hand_over(cast.bela, heir, by=by(cast.anna))


def now(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_a_colleague_has_the_tickets_from_then_on(cast: Cast) -> None:
    gita = hire("Gita", "gita@desk.example", "agent", cast.support)
    ticket, answered = of_bela(cast), of_bela(cast)
    actions.reply(answered, Content("Send it in."), by=by(cast.bela))
    leaves(cast, gita)
    run_due()
    assert now(ticket).assignee == now(answered).assignee == gita
    assert now(answered).status == "answered"
    last = Entry.objects.filter(ticket=ticket).latest("step")
    assert (last.kind, last.by_id) == ("ticket.assigned", cast.anna.pk)


def test_without_a_colleague_the_department_has_them(cast: Cast) -> None:
    ticket = of_bela(cast)
    leaves(cast, None)
    run_due()
    assert now(ticket).assignee is None
    last = Entry.objects.filter(ticket=ticket).latest("step")
    assert (last.kind, last.data["reason"]) == ("ticket.given_back", "left")


def test_what_the_colleague_cannot_answer_goes_to_its_department(cast: Cast) -> None:
    Membership.objects.create(agent=cast.bela, department=cast.billing)
    ticket, bill = of_bela(cast), a_ticket(cast.billing, cast.frida)
    actions.take(bill, by=by(cast.bela))
    leaves(cast, cast.dora)  # who works in Billing only
    run_due()
    assert now(bill).assignee == cast.dora
    assert now(ticket).assignee is None


def test_closed_tickets_keep_who_closed_them_until_they_open_again(cast: Cast) -> None:
    ticket = of_bela(cast)
    actions.resolve(ticket, by=by(cast.bela))
    actions.close(ticket, by=by(cast.bela))
    leaves(cast, None)
    run_due()
    assert now(ticket).assignee == cast.bela
    writes_again(now(ticket), cast.emil)
    assert now(ticket).status == "open"
    assert handover.give_back_of_leavers() == 1
    assert now(ticket).assignee is None
    assert handover.give_back_of_leavers() == 0


def test_what_comes_after_a_yes_is_seen_although_its_agent_has_left(cast: Cast) -> None:
    ticket = of_bela(cast)
    actions.resolve(ticket, by=by(cast.bela))
    actions.confirm(now(ticket), by=by(cast.emil))
    leaves(cast, None)
    run_due()
    writes_again(now(ticket), cast.emil, "And now the pole broke.")
    assert now(ticket).status == "open"
    handover.give_back_of_leavers()
    assert now(ticket).assignee is None


def test_what_comes_after_a_yes_on_nobodys_ticket_opens_it(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.resolve(ticket, by=by(cast.anna))
    actions.confirm(now(ticket), by=by(cast.emil))
    writes_again(now(ticket), cast.emil, "And now the pole broke.")
    assert now(ticket).status == "open"


def test_a_ticket_that_somebody_took_meanwhile_is_theirs(cast: Cast) -> None:
    ticket = of_bela(cast)
    leaves(cast, None)
    actions.take(ticket, by=by(cast.anna))
    run_due()
    assert now(ticket).assignee == cast.anna


def test_who_came_back_at_once_keeps_what_is_theirs(cast: Cast) -> None:
    ticket = of_bela(cast)
    leaves(cast, None)
    bring_back_agent(cast.bela)
    run_due()
    assert now(ticket).assignee == cast.bela


@pytest.mark.django_db(transaction=True)
def test_the_job_may_run_twice_and_twice_at_once(cast: Cast) -> None:
    ticket = of_bela(cast)
    leaves(cast, None)
    run_each_twice()
    kinds = list(Entry.objects.filter(ticket=ticket).values_list("kind", flat=True))
    assert kinds.count("ticket.given_back") == 1

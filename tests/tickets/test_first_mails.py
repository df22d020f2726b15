"""The mail with which a ticket begins, written now and leaving later: until then there is no ticket and no customer."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from deskbell import clock as our_clock
from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.errors import BadInput, NotAllowed
from deskbell.people import agents, departments
from deskbell.people.models import Address, Agent, Department
from deskbell.tickets import drafts, erasure, files, first_mails, scheduled
from deskbell.tickets.content import Recipient
from deskbell.tickets.drafts import Words
from deskbell.tickets.leaving import Plan
from deskbell.tickets.models import Draft, Ticket
from deskbell.tickets.state import state_of
from deskbell.work.jobs import run_due, run_each_twice
from tests.cast import Cast, by

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
GINA = Recipient("to", "gina@acme.example", "Gina Rossi")


def in_an_hour(
    agent: Agent,
    department: Department,
    *beside: Recipient,
    customer: Recipient = GINA,
    text: str = "They wait at the counter.",
    once: str = "",
) -> Draft:
    """Let an agent begin a ticket by a mail that leaves in an hour."""
    fields = {"subject": ["Your poles"], "customer": [customer.address], "kind": ["mail"]}
    copies = [one.address for one in beside if one.role == "cc"]
    plan = Plan(
        our_clock.now() + HOUR,
        unless_something_comes=False,
        to=(customer, *beside),
        copies=copies,
    )
    words = Words(text, fields=fields)
    return first_mails.schedule(words, plan, department, by=by(agent), once=once)


def an_hour_passes(clock: time_machine.Traveller) -> None:
    clock.shift(HOUR)
    run_due()


def test_its_ticket_begins_when_it_leaves_and_its_customer_is_met_then(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    kept = files.keep(b"slip")
    drafts.attach(cast.bela, None, kept, name="slip.pdf", content_type="application/pdf")
    in_an_hour(cast.bela, cast.support, Recipient("cc", "hans@acme.example"))
    assert not Ticket.objects.exists()
    assert not Address.objects.filter(value="gina@acme.example").exists()
    clock.shift(HOUR)
    run_each_twice()
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.assignee, ticket.channel) == ("answered", cast.bela, "mail")
    assert ticket.subject.plain == "Your poles"
    assert ticket.customer is not None
    assert ticket.customer.name == "Gina Rossi"
    assert len(state_of(ticket).participants) == 2
    assert [one.name for one in ticket.messages.get().attachments.all()] == ["slip.pdf"]
    assert {one.address for one in Delivery.objects.all()} == {
        "gina@acme.example",
        "hans@acme.example",
    }
    assert not Draft.objects.exists()


def test_several_wait_beside_what_is_begun_each_for_its_moment(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    in_an_hour(cast.bela, cast.support)
    clock.shift(HOUR / 2)
    in_an_hour(cast.bela, cast.support, text="And your tent.")
    drafts.keep(cast.bela, None, Words("Begun."), version=0, writer="window")
    clock.shift(HOUR / 2)
    run_due()
    assert Ticket.objects.count() == 1
    clock.shift(HOUR / 2)
    run_due()
    assert Ticket.objects.count() == 2
    assert Draft.objects.get().text == "Begun."


def test_pressed_twice_it_waits_once(cast: Cast) -> None:
    for _ in range(2):
        in_an_hour(cast.bela, cast.support, once="pressed twice")
    assert Draft.objects.count() == 1


def test_what_could_not_be_begun_now_is_not_kept_for_later(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        in_an_hour(cast.cecil, cast.support)
    with pytest.raises(NotAllowed):
        in_an_hour(cast.bela, cast.billing)
    with pytest.raises(BadInput):
        in_an_hour(cast.bela, cast.support, text=" ")
    with pytest.raises(BadInput):
        in_an_hour(cast.bela, cast.support, customer=Recipient("bcc", "gina@acme.example"))
    assert not Draft.objects.exists()


@pytest.mark.parametrize("what", ["moved", "gone", "no department", "address"])
def test_who_may_not_send_it_any_more_does_not_and_finds_it_where_tickets_begin(
    clock: time_machine.Traveller, cast: Cast, what: str
) -> None:
    MailBox.objects.create(address="bills@desk.example", department=cast.billing)
    agents.work_in(cast.bela, [cast.support, cast.billing])
    in_an_hour(cast.bela, cast.support, Recipient("from", "bills@desk.example"))
    match what:
        case "moved":
            agents.work_in(cast.bela, [cast.billing])
        case "gone":
            agents.archive_agent(cast.bela)
        case "no department":
            departments.archive_department(cast.support)
        case _:
            agents.work_in(cast.bela, [cast.support])
    an_hour_passes(clock)
    assert not Ticket.objects.exists()
    assert not Address.objects.filter(value="gina@acme.example").exists()
    draft = drafts.first_mails_of(cast.bela).get()
    assert (draft.text, draft.send_at) == ("They wait at the counter.", None)
    assert draft.stayed == {"no department": "bad_input", "address": "sender_not_allowed"}.get(
        what, "not_allowed"
    )


def test_words_for_two_customers_stay_apart(cast: Cast) -> None:
    waiting = in_an_hour(cast.bela, cast.support)
    begun = {"customer": ["hans@acme.example"], "kind": ["mail"]}
    drafts.keep(cast.bela, None, Words("Dear Hans,", fields=begun), version=0, writer="window")
    scheduled.take_up(waiting, by=by(cast.bela))
    gina, hans = drafts.first_mails_of(cast.bela)
    assert (gina.text, gina.fields["kind"]) == ("They wait at the counter.", ["mail"])
    assert (hans.text, hans.fields["customer"]) == ("Dear Hans,", ["hans@acme.example"])


def test_whoever_runs_the_desk_takes_one_out_and_its_writer_reads_so(cast: Cast) -> None:
    waiting = in_an_hour(cast.bela, cast.support)
    with pytest.raises(NotAllowed):
        scheduled.take_up(waiting, by=by(cast.dora))
    scheduled.take_up(waiting, by=by(cast.anna))
    draft = Draft.objects.get()
    assert (draft.agent, draft.stayed, draft.send_at) == (cast.bela, "taken_out", None)


def test_what_is_being_changed_at_its_moment_stays_here(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    scheduled.take_up(in_an_hour(cast.bela, cast.support), by=by(cast.bela), to_change=True)
    an_hour_passes(clock)
    assert Draft.objects.get().stayed == "being_changed"
    assert not Ticket.objects.exists()


def test_nothing_leaves_to_a_customer_who_was_erased(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    in_an_hour(cast.bela, cast.support, customer=Recipient("to", "emil@acme.example"))
    in_an_hour(cast.bela, cast.support)
    erasure.ask_to_erase(cast.emil.customer, by=by(cast.anna))
    run_due()
    assert [one.fields["customer"] for one in Draft.objects.all()] == [["gina@acme.example"]]

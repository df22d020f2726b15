"""Rights are asked again when the hour of a scheduled letter comes: who may not any more is told, as the owner is."""

from __future__ import annotations

import pytest
import time_machine

from deskbell import clock as our_clock
from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.notices.models import Notice
from deskbell.people import agents
from deskbell.tickets import actions, scheduled
from deskbell.tickets.content import Recipient
from deskbell.tickets.drafts import Words
from deskbell.tickets.leaving import Plan
from deskbell.tickets.models import Draft, Ticket
from deskbell.work.jobs import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again
from tests.tickets.test_scheduled import (
    HOUR,
    MAKER,
    an_hour_passes,
    forwarded_in_an_hour,
    in_an_hour,
    kept_back,
    sent,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


def test_who_may_not_write_from_its_address_any_more_does_not_and_is_told_as_the_owner_is(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    MailBox.objects.create(address="help@desk.example", department=cast.support)
    MailBox.objects.create(address="bills@desk.example", department=cast.billing)
    agents.work_in(cast.bela, [cast.support, cast.billing])
    actions.assign(ticket, cast.anna, by=by(cast.anna))
    to = (Recipient("from", "bills@desk.example"), Recipient("to", "emil@acme.example"))
    plan = Plan(our_clock.now() + HOUR, to=to)
    scheduled.schedule(ticket, Words("Good morning."), plan, by=by(cast.bela))
    agents.work_in(cast.bela, [cast.support])
    an_hour_passes(clock)
    run_due()
    assert (sent(ticket), kept_back(ticket)) == ([], ["sender_not_allowed"])
    draft = Draft.objects.get()
    assert (draft.text, draft.stayed, draft.send_at) == (
        "Good morning.",
        "sender_not_allowed",
        None,
    )
    assert told(cast.bela) == ["What you wrote for later could not leave; it is in your composer"]
    assert told(cast.anna) == [
        "What a colleague wrote for later could not leave; its words are theirs"
    ]


def test_who_still_may_writes_from_the_address_that_they_chose(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    for name in ("help", "vip"):
        MailBox.objects.create(address=f"{name}@desk.example", department=cast.support)
    to = (Recipient("from", "vip@desk.example"), Recipient("to", "emil@acme.example"))
    plan = Plan(our_clock.now() + HOUR, to=to)
    scheduled.schedule(ticket, Words("Good morning."), plan, by=by(cast.bela))
    an_hour_passes(clock)
    sender = Delivery.objects.get().sender
    assert sender is not None
    assert sender.address == "vip@desk.example"


def test_nothing_leaves_from_an_address_that_is_not_in_use_any_more(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    box = MailBox.objects.create(address="help@desk.example", department=cast.support)
    to = (Recipient("from", "help@desk.example"), MAKER)
    forwarded_in_an_hour(ticket, cast.bela, *to)
    box.archived_at = our_clock.now()
    box.save()
    an_hour_passes(clock)
    assert kept_back(ticket) == ["sender_not_allowed"]


def test_what_somebody_wrote_who_is_gone_stays_here_and_the_owner_is_told(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    actions.assign(ticket, cast.anna, by=by(cast.anna))
    in_an_hour(ticket, cast.bela)
    forwarded_in_an_hour(ticket, cast.bela)
    agents.archive_agent(cast.bela)
    an_hour_passes(clock)
    run_due()
    assert not ticket.messages.exclude(kind="customer").exists()
    assert kept_back(ticket) == ["not_allowed", "not_allowed"]
    assert len(told(cast.anna)) == 2
    assert not Notice.objects.filter(agent=cast.bela, why="held").exists()
    assert "Good morning." in Draft.objects.get().text


def test_nobody_but_its_writer_is_told_when_a_letter_stays_here_as_wished(
    cast: Cast, ticket: Ticket
) -> None:
    actions.assign(ticket, cast.anna, by=by(cast.anna))
    in_an_hour(ticket, cast.bela)
    writes_again(ticket, cast.emil)
    run_due()
    assert (len(told(cast.bela)), told(cast.anna)) == (1, [])

"""A side thread by mail: what is forwarded leaves, and what is answered comes back beside the customer's thread."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from django.test import override_settings

from deskbell.channels.mail import ids, smtp_client
from deskbell.channels.mail.models import Delivery, Letter, MailBox
from deskbell.channels.mail.spam.suspect import is_known
from deskbell.clock import now
from deskbell.people.models import Address, Department
from deskbell.tickets import actions
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.state import state_of
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.fakes import relay as fake
from tests.mails_of import arrive

pytestmark = pytest.mark.django_db

MAKER, SHOP = "zips@maker.example", "shop@repairs.example"


@pytest.fixture
def relay(clock: time_machine.Traveller) -> Iterator[fake.Relay]:
    with fake.Relay() as running, override_settings(RELAY=running.url):
        yield running
        smtp_client.close_all()


@pytest.fixture
def box(cast: Cast) -> MailBox:
    return MailBox.objects.create(address="help@desk.example", department=cast.support)


@pytest.fixture
def ticket(clock: time_machine.Traveller, cast: Cast, box: MailBox) -> Ticket:
    """Emil has written, and was answered that the maker is asked."""
    letter = writes("emil@acme.example", "1@acme.example", text="The zip came apart.")
    assert letter.ticket is not None
    actions.reply(letter.ticket, Content("We ask the maker."), by=by(cast.bela))
    return letter.ticket


def writes(
    sender: str,
    message_id: str,
    *answers: str,
    text: str = "Look.",
    to: str = "help@desk.example",
    cc: str = "",
    more: str = "",
) -> Letter:
    """Let somebody write; `answers` are the References, the nearest last."""
    head = [f"From: {sender}", f"To: {to}", "Subject: AW: The zip", f"Message-ID: <{message_id}>"]
    if cc:
        head.append(f"Cc: {cc}")
    if answers:
        head.append(f"In-Reply-To: <{answers[-1]}>")
        head.append("References: " + "\r\n ".join(f"<{one}>" for one in answers))
    if more:
        head.append(more)
    return arrive("\r\n".join([*head, "", text, ""]).encode(), mail_from=sender, rcpt=to)


def forwards(
    ticket: Ticket,
    cast: Cast,
    clock: time_machine.Traveller,
    relay: fake.Relay,
    answers: Message | None = None,
) -> EmailMessage:
    """Let Bela ask the maker, with a copy for the shop; return the letter that left."""
    run_due()
    clock.shift(timedelta(seconds=11))
    run_due()
    relay.letters.clear()
    to = [Recipient("to", MAKER, "The maker"), Recipient("cc", SHOP)]
    ticket.refresh_from_db()
    actions.forward(ticket, Content("Is it known?"), by=by(cast.bela), to=to, answers=answers)
    clock.shift(timedelta(seconds=11))
    run_due()
    assert {one.rcpt[0] for one in relay.letters} == {MAKER, SHOP}
    return relay.letters[0].message


def named_in(letter: EmailMessage, header: str) -> list[str]:
    return [one.strip("<>") for one in str(letter[header] or "").split()]


def id_of(letter: EmailMessage) -> str:
    return str(letter["Message-ID"]).strip("<>")


def test_a_forward_leads_to_its_side_thread_and_to_nothing_of_the_customers(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    letter = forwards(ticket, cast, clock, relay)
    forward = Message.objects.get(kind="forward")
    assert letter["Subject"] == "Fwd: The zip"
    assert (letter["To"], letter["Cc"]) == (f"The maker <{MAKER}>", SHOP)
    assert named_in(letter, "References") == [ids.side_reference(ticket.pk, forward.pk)]
    assert (letter["In-Reply-To"], letter["Thread-Index"], letter["Reply-To"]) == (None,) * 3
    whole = letter.as_string()
    answer = Message.objects.get(kind="reply")
    for secret in (
        ids.token_reference(ticket.pk),
        answer.message_id,
        "1@acme.example",
        "/portal/",
        "Emil",
        ticket.code,
    ):
        assert secret not in whole
    assert {one.purpose for one in forward.deliveries.all()} == {"forward"}


def test_what_the_maker_answers_joins_beside_and_the_ticket_opens(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    letter = forwards(ticket, cast, clock, relay)
    came = writes(
        f"Zips <{MAKER}>", "a@maker.example", *named_in(letter, "References"), id_of(letter)
    )
    assert (came.state, came.reason, came.ticket) == ("read", "side_thread_1", ticket)
    assert came.message is not None
    assert (came.message.kind, came.message.trust) == ("outside", "")
    assert came.message.side == Message.objects.get(kind="forward")
    ticket.refresh_from_db()
    assert ticket.status == "open"
    assert [one.address_id for one in state_of(ticket).participants] == [cast.emil.pk]


@pytest.mark.parametrize("kept", ["our id alone", "the reference alone", "capitals"])
def test_it_is_known_by_whatever_servers_left_of_ours(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay, kept: str
) -> None:
    """Outlook keeps In-Reply-To, some servers give our letter another id, others write capitals."""
    letter = forwards(ticket, cast, clock, relay)
    [reference] = named_in(letter, "References")
    answers = {
        "our id alone": (id_of(letter),),
        "the reference alone": (reference, "0100@relay.example"),
        "capitals": (id_of(letter).upper(),),
    }[kept]
    assert writes(MAKER, "a@maker.example", *answers).reason == "side_thread_1"


def test_a_second_outsider_answers_the_first_one(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    letter = forwards(ticket, cast, clock, relay)
    writes(MAKER, "a@maker.example", id_of(letter), cc=SHOP)
    came = writes(SHOP, "b@repairs.example", "a@maker.example", cc=MAKER)
    assert came.reason == "side_thread_1"
    stranger = writes("boss@maker.example", "c@maker.example", id_of(letter), "a@maker.example")
    assert stranger.reason == "side_thread_1"
    assert Message.objects.filter(kind="outside").count() == 3
    assert not ticket.participants.exclude(address=cast.emil).exists()


def test_the_customer_whom_an_outsider_copies_in_writes_as_the_customer(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    letter = forwards(ticket, cast, clock, relay)
    writes(MAKER, "a@maker.example", id_of(letter), cc="emil@acme.example")
    came = writes("emil@acme.example", "2@acme.example", id_of(letter), "a@maker.example")
    assert came.message is not None
    assert (came.message.kind, came.message.side, came.message.trust) == (
        "customer",
        None,
        "participant",
    )


def test_who_only_pretends_to_be_the_customer_stays_beside(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    """Nobody proves to be Emil without From; only outsiders were sent what this one answers."""
    letter = forwards(ticket, cast, clock, relay)
    head = f"Sender: emil@acme.example\r\nTo: help@desk.example\r\nIn-Reply-To: <{id_of(letter)}>"
    came = arrive(f"{head}\r\nMessage-ID: <x@y.example>\r\n\r\nI am Emil.\r\n".encode())
    assert came.message is not None
    assert came.message.kind == "outside"


def test_what_an_outsider_was_sent_lets_them_into_nothing_else(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    """To have been written to aside is no acceptance: with the ticket's own letters they are a new sender."""
    forwards(ticket, cast, clock, relay)
    came = writes(MAKER, "a@maker.example", Message.objects.get(kind="reply").message_id)
    assert came.message is not None
    assert (came.message.kind, came.message.trust) == ("customer", "new_sender")


def test_a_department_that_takes_no_strangers_still_hears_whom_it_asked(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    cast.support.strangers = Department.Strangers.NEW_TICKET
    cast.support.save()
    letter = forwards(ticket, cast, clock, relay)
    assert writes(MAKER, "a@maker.example", id_of(letter)).reason == "side_thread_1"


def test_we_answer_an_outsider_in_their_thread_and_the_customer_in_theirs(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    letter = forwards(ticket, cast, clock, relay)
    came = writes(MAKER, "a@maker.example", *named_in(letter, "References"), id_of(letter))
    assert came.message is not None
    second = forwards(ticket, cast, clock, relay, answers=came.message)
    assert second["Subject"] == "Re: The zip"
    assert second["In-Reply-To"] == "<a@maker.example>"
    [reference] = named_in(letter, "References")
    assert named_in(second, "References") == [reference, id_of(letter), "a@maker.example"]

    relay.letters.clear()
    actions.reply(ticket, Content("It is replaced."), by=by(cast.bela))
    clock.shift(timedelta(seconds=11))
    run_due()
    [answer] = relay.letters
    named = [*named_in(answer.message, "References"), *named_in(answer.message, "In-Reply-To")]
    assert named[-1] == "1@acme.example"
    asides = {reference, id_of(letter), id_of(second), "a@maker.example"}
    assert asides.isdisjoint(named)


def test_where_a_plus_works_the_answer_address_names_the_side_thread(
    ticket: Ticket, box: MailBox, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    box.plus_works_at = now()
    box.save()
    letter = forwards(ticket, cast, clock, relay)
    to = str(letter["Reply-To"]).partition("<")[2].rstrip(">")
    assert "help+db-" in to
    came = writes(MAKER, "a@maker.example", to=to)
    assert came.reason == "side_thread_1"
    # An address book may give it to the customer, too.
    assert writes("emil@acme.example", "9@acme.example", to=to).reason == "plus_address_1"


def test_a_machine_that_answers_aside_opens_nothing(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    letter = forwards(ticket, cast, clock, relay)
    came = writes(MAKER, "a@maker.example", id_of(letter), more="Auto-Submitted: auto-replied")
    assert (came.state, came.what, came.ticket) == ("ignored", "auto_reply", ticket)
    ticket.refresh_from_db()
    assert ticket.status == "answered"


def test_a_forward_that_does_not_arrive_is_shown_at_it_and_opens_nothing(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    run_due()
    clock.shift(timedelta(seconds=11))
    run_due()
    relay.plan(fake.refuse(550, "5.1.1 no such user"))
    asked = actions.forward(
        ticket, Content("Known?"), by=by(cast.bela), to=[Recipient("to", MAKER)]
    )
    clock.shift(timedelta(seconds=11))
    run_due()
    assert [one.state for one in asked.deliveries.all()] == [Delivery.State.FAILED]
    ticket.refresh_from_db()
    assert ticket.status == "answered"
    failed = ticket.entries.get(kind="delivery.failed")
    assert failed.cause is not None
    assert (failed.cause.kind, failed.data["message_id"]) == ("message.forwarded", asked.pk)


def test_a_hidden_ticket_takes_nothing_in_and_nothing_is_lost(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    letter = forwards(ticket, cast, clock, relay)
    actions.delete(ticket, by=by(cast.bela))
    came = writes(MAKER, "a@maker.example", id_of(letter))
    assert came.ticket is not None
    assert came.ticket != ticket
    assert (came.ticket.status, came.ticket.links.count()) == ("new", 0)


def test_an_answer_to_a_merged_ticket_lies_on_the_survivor(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    letter = forwards(ticket, cast, clock, relay)
    other = writes("emil@acme.example", "7@acme.example", text="Again.").ticket
    assert other is not None
    actions.merge(ticket, other, by=by(cast.bela))
    assert writes(MAKER, "a@maker.example", id_of(letter)).ticket == other


def test_an_outsider_is_no_stranger_to_the_filter(
    ticket: Ticket, cast: Cast, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    assert not is_known(MAKER)
    forwards(ticket, cast, clock, relay)
    assert is_known(MAKER)
    assert Address.objects.filter(value=MAKER).count() == 0

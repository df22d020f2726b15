"""What a real Postfix reports of the desk's own letters comes back to it, and is put on the letter that it is about."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.test import override_settings

from deskbell.channels.mail import compose, outcomes, smtp_client
from deskbell.channels.mail.boxes import add_mailbox
from deskbell.channels.mail.models import Delivery, Letter
from deskbell.channels.mail.outbox import SEND_JOB
from deskbell.clock import now
from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Ticket
from deskbell.work.models import Job
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.fakes.postfix import Postfix
from tests.fakes.relay import Relay, refuse

pytestmark = pytest.mark.django_db(transaction=True)

EMIL = "emil@acme.example"


@pytest.fixture(autouse=True)
def desk(server: Postfix, door: None, cast: Cast) -> Iterator[None]:
    """Answers leave through Postfix, and what comes of them comes back by it."""
    add_mailbox(address="help@desk.example", department=cast.support)
    with override_settings(RELAY=f"smtp://127.0.0.1:{server.plain}"):
        yield
        smtp_client.close_all()


def answered(cast: Cast, *to: str) -> Ticket:
    """Return a ticket whose answer Postfix has taken."""
    ticket = a_ticket(cast.support, cast.emil)
    recipients = tuple(Recipient("to", address) for address in to)
    actions.reply(ticket, Content("Try wax."), by=by(cast.bela), to=recipients)
    Delivery.objects.update(hold_until=now(), next_at=now())
    Job.objects.filter(name=SEND_JOB).update(run_at=now())
    run_due()
    assert not Delivery.objects.filter(ticket=ticket, state__in=Delivery.PENDING).exists()
    ticket.refresh_from_db()
    return ticket


def delivery_to(address: str = EMIL) -> Delivery:
    return Delivery.objects.get(address=address, purpose="reply")


def the_report(server: Postfix) -> Letter:
    """Return the report, once Postfix has brought it and the desk has read it."""
    server.until_empty()
    run_due()
    return Letter.objects.get(mail_from="")


@pytest.mark.parametrize(
    ("answer", "reason", "is_bad"),
    [
        ("550 5.1.1 nobody here", "mailbox_unknown", True),
        ("552 5.2.2 no room", "mailbox_full", False),
        ("554 5.7.1 not from you", "refused_by_policy", False),
        ("550 no", "bounced", True),
    ],
)
def test_a_letter_that_came_back_opens_its_ticket(
    server: Postfix, world: Relay, cast: Cast, answer: str, reason: str, is_bad: bool
) -> None:
    code, _, words = answer.partition(" ")
    world.plan(refuse(int(code), words))
    ticket = answered(cast)

    letter = the_report(server)
    assert (letter.state, letter.what, letter.reason) == ("read", "bounce", "bounce_recorded")
    assert letter.ticket == ticket
    ticket.refresh_from_db()
    assert ticket.status == "open"
    failed = delivery_to()
    assert (failed.state, failed.reason) == ("failed", reason)
    assert words in outcomes.sentence_of(failed)
    assert (Address.objects.get(value=EMIL).bad_since is not None) == is_bad


def test_of_two_recipients_only_the_one_that_it_did_not_reach_failed(
    server: Postfix, world: Relay, cast: Cast
) -> None:
    world.plan(refuse(550, "5.1.1 nobody here"))
    answered(cast, EMIL, "frida@acme.example")

    the_report(server)
    assert sorted(one.state for one in Delivery.objects.filter(purpose="reply")) == [
        "failed",
        "sent",
    ]


def test_a_letter_that_waits_says_so_until_it_arrives(
    server: Postfix, world: Relay, cast: Cast
) -> None:
    world.plan(refuse(450, "4.2.1 come later"), refuse(450, "4.2.1 come later"))
    with override_settings(RELAY=f"smtp://127.0.0.1:{server.impatient}"):
        ticket = answered(cast)
    server.until_it_keeps(1)
    time.sleep(1.1)  # Postfix looks at the machine's clock
    server.try_again()
    server.until_it_wrote("sender delay notification")
    server.until_it_keeps(1)
    run_due()
    letter = Letter.objects.get(mail_from="")

    assert (letter.state, letter.reason, letter.ticket) == ("ignored", "bounce_temporary", ticket)
    waits = delivery_to()
    assert (waits.state, waits.reason) == ("sent", "delayed")
    assert "goes on trying" in outcomes.sentence_of(waits)
    ticket.refresh_from_db()
    assert ticket.status == "answered"

    # The desk does not ask to be told of what arrives; another relay on the way may.
    envelope = compose.compose(waits)
    server.forget()
    server.send(envelope.data, EMIL, sender=envelope.mail_from, notify="SUCCESS")
    server.until_empty()
    run_due()
    assert Letter.objects.latest("id").reason == "bounce_arrived"
    assert outcomes.sentence_of(delivery_to()) == "Sent."

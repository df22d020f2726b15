"""A customer's first letter is acknowledged once, by a letter that no machine answers and none is answered by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import override_settings

from deskbell import languages
from deskbell.channels.mail import ids, letters, limits, precautions, sending, smtp_client
from deskbell.channels.mail.models import Delivery, Letter, MailBox
from deskbell.errors import BadInput
from deskbell.people import own_words
from deskbell.people.departments import Decisions, change_department
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.fakes import relay as fake

pytestmark = pytest.mark.django_db

State = Delivery.State


@pytest.fixture
def box(cast: Cast) -> MailBox:
    return MailBox.objects.create(
        address="help@desk.example", department=cast.support, name="Lomnica Outdoor"
    )


@pytest.fixture
def relay() -> Iterator[fake.Relay]:
    with fake.Relay() as running, override_settings(RELAY=running.url):
        yield running
        smtp_client.close_all()


def words_of(letter: fake.Arrived) -> str:
    """Return what a letter says as plain text."""
    plain = letter.message.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


def writes(
    sender: str = "Emil Novák <emil@acme.example>",
    *headers: str,
    mail_from: str = "emil@acme.example",
    source: str = "smtp",
    number: int = 1,
    says: str = "What now?",
) -> Letter:
    """Let a letter come to the desk and be settled; return its row."""
    head = [f"From: {sender}", "To: help@desk.example", "Subject: The zip came apart", *headers]
    raw = "\r\n".join([*head, f"Message-ID: <emil-{number}@acme.example>", "", says, ""])
    letter = letters.keep(
        raw.encode(),
        source=source,
        peer_ip="127.0.0.1",
        mail_from=mail_from,
        rcpt=["help@desk.example"],
    )
    run_due()
    letter.refresh_from_db()
    return letter


def acknowledgements() -> list[Delivery]:
    return list(Delivery.objects.filter(purpose="acknowledgement").order_by("pk"))


def test_the_first_letter_is_acknowledged_with_the_code(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = writes().ticket
    assert ticket is not None
    clock.shift(timedelta(seconds=10))
    run_due()
    [arrived] = relay.letters
    letter = arrived.message
    assert arrived.rcpt == ("emil@acme.example",)
    assert letter["To"] == "Emil Novák <emil@acme.example>"
    assert letter["Subject"] == f"Re: The zip came apart [{ticket.code}]"
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["X-Auto-Response-Suppress"] == "All"
    assert letter["Precedence"] == "auto_reply"
    assert letter["In-Reply-To"] == "<emil-1@acme.example>"
    assert letter["References"].split()[-1] == "<emil-1@acme.example>"
    assert letter["X-Deskbell-Installation"]
    plain = letter.get_body(("plain",))
    assert plain is not None
    text = plain.get_content()
    assert text.startswith("Hello Emil Novák,")
    assert "a person of Lomnica Outdoor will read" in text
    assert f"Its code is {ticket.code}." in text
    token = ids.read_token(arrived.message_id)
    assert token is not None
    assert token.ticket_id == ticket.pk
    kinds = list(ticket.entries.values_list("kind", flat=True))
    assert kinds == ["ticket.opened", "message.received", "ticket.acknowledged"]
    ticket.refresh_from_db()
    assert ticket.status == "new"


def test_what_the_customer_writes_next_is_not_acknowledged(cast: Cast, box: MailBox) -> None:
    first = writes()
    [told] = acknowledgements()
    again = writes("emil@acme.example", f"In-Reply-To: <{told.rfc_message_id}>", number=2)
    assert again.ticket == first.ticket
    assert len(acknowledgements()) == 1


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated",
        "Auto-Submitted: auto-notified; owner-email=x",
        "Precedence: bulk",
        "Precedence: list",
        "Precedence: junk",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "X-Auto-Response-Suppress: All",
        "X-Autoreply: yes",
        "List-Id: <zips.lists.example>",
        "List-Unsubscribe: <mailto:leave@lists.example>",
        "X-Loop: help@desk.example",
        "Return-Path: <>",
        "X-Spam-Flag: YES",
        "X-Spam-Status: Yes, score=9",
    ],
)
def test_a_machine_is_never_acknowledged(cast: Cast, box: MailBox, header: str) -> None:
    writes("emil@acme.example", header)
    assert acknowledgements() == []


@pytest.mark.parametrize(
    "sender",
    [
        "mailer-daemon@acme.example",
        "noreply@acme.example",
        "no-reply+7@acme.example",
        "do_not_reply@acme.example",
        "bounces-17@acme.example",
        "owner-zips@lists.example",
        "zips-request@lists.example",
        "help@desk.example",
        "help+else@desk.example",
    ],
)
def test_an_address_that_no_person_reads_is_never_written_to(
    cast: Cast, box: MailBox, sender: str
) -> None:
    writes(sender)
    assert acknowledgements() == []


@pytest.mark.parametrize(
    "sender", ["noreplies@acme.example", "owner@acme.example", "nora@b.example"]
)
def test_a_person_of_a_strange_name_is_one(cast: Cast, box: MailBox, sender: str) -> None:
    writes(sender)
    assert [one.address for one in acknowledgements()] == [sender]


def test_the_null_sender_is_not_answered_but_a_pipe_that_knows_none_is(
    cast: Cast, box: MailBox
) -> None:
    assert writes(mail_from="").mute == "null_sender"
    assert acknowledgements() == []
    writes(mail_from="", source="pipe", number=2)
    assert len(acknowledgements()) == 1


def test_what_did_not_come_by_mail_is_not_acknowledged(cast: Cast, box: MailBox) -> None:
    a_ticket(cast.support, cast.emil)
    run_due()
    assert acknowledgements() == []


def test_a_department_that_wants_none_sends_none(cast: Cast, box: MailBox) -> None:
    change_department(cast.support, name="Support", decisions=Decisions(acknowledges=False))
    writes()
    assert acknowledgements() == []


def test_whoever_was_answered_before_the_settling_is_not_told(cast: Cast, box: MailBox) -> None:
    letters.keep(
        b"From: emil@acme.example\r\nMessage-ID: <1@acme.example>\r\n\r\nWhat now?\r\n",
        source="pipe",
    )
    run_due(limit=1)  # it is read, and not settled yet
    actions.reply(Ticket.objects.get(), Content("Send it in."), by=by(cast.bela))
    run_due()
    assert acknowledgements() == []


def test_whoever_is_answered_before_it_leaves_gets_the_answer_alone(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = writes().ticket
    assert ticket is not None
    actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    for _second in range(2):
        clock.shift(timedelta(seconds=10))
        run_due()
    [told] = acknowledgements()
    assert (told.state, told.reason) == (State.CANCELLED, "answered_first")
    [answer] = relay.letters
    plain = answer.message.get_body(("plain",))
    assert plain is not None
    assert "Send it in." in plain.get_content()


def test_spam_that_was_found_before_it_leaves_is_told_nothing(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = writes().ticket
    assert ticket is not None
    actions.spam(ticket, by=by(cast.bela))
    clock.shift(timedelta(seconds=10))
    run_due()
    assert relay.letters == []


def test_one_sender_gets_no_more_than_the_desk_allows_a_day(
    cast: Cast, box: MailBox, clock: time_machine.Traveller
) -> None:
    precautions.change(to_a_sender="2", on_a_ticket="5", filters=True, checkers="", sealers="")
    for number in range(4):
        writes(number=number)
    assert Ticket.objects.count() == 4
    assert len(acknowledgements()) == 2
    clock.shift(timedelta(days=1, minutes=1))
    writes(number=9)
    assert len(acknowledgements()) == 3


def test_one_ticket_sends_no_more_than_five_an_hour(
    cast: Cast, box: MailBox, clock: time_machine.Traveller
) -> None:
    ticket = writes().ticket
    assert ticket is not None
    assert limits.may_acknowledge(ticket, "frida@acme.example")
    for _ in range(4):
        actions.resolve(ticket, by=by(cast.anna))
        run_due()
        actions.deny(ticket, by=by(cast.emil))
        run_due()
    assert not limits.may_acknowledge(ticket, "frida@acme.example")
    actions.resolve(ticket, by=by(cast.anna))
    run_due()
    question = Delivery.objects.filter(purpose="ask_if_solved").order_by("-pk")[0]
    assert (question.state, question.reason) == (State.CANCELLED, "too_many")


def test_a_department_has_words_of_its_own_in_each_language(
    cast: Cast,
    box: MailBox,
    relay: fake.Relay,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(languages, "spoken", lambda: ("en", "hu"))
    own = {
        "en": "Dear {name},\n\nwe got “{subject}”.\n{code} <b>{team}</b> {",
        "hu": "Szia {name}, {code}!",
    }
    own_words.replace(cast.support, "acknowledgement", own)
    customer = cast.emil.customer
    customer.name = "{code}\n{team}"
    customer.save(update_fields=["name"])
    first = writes().ticket
    assert first is not None
    clock.shift(timedelta(seconds=10))
    run_due()
    plain, rich = (relay.letters[0].message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert rich is not None
    # What is filled in is not looked at again.
    text = plain.get_content().replace("\r\n", "\n")
    assert text.startswith(
        "Dear {code} {team},\n\nwe got “The zip came apart”.\n"
        f"{first.code} <b>Lomnica Outdoor</b> {{\n"
    )
    assert "/portal/" in text
    assert "&lt;b&gt;Lomnica Outdoor&lt;/b&gt;" in rich.get_content()

    # Their card says nothing of a language, their letter is in one.
    second = writes(
        number=2, says="A cipzar elromlott, es nem tudom, hogy mit kell most tenni."
    ).ticket
    assert second is not None
    clock.shift(timedelta(seconds=10))
    run_due()
    assert words_of(relay.letters[1]).startswith(f"Szia {{code}} {{team}}, {second.code}!")

    customer.language = "en"  # what is known goes before what is guessed
    customer.save(update_fields=["language"])
    writes(number=3, says="A cipzar elromlott, es nem tudom, hogy mit kell most tenni.")
    clock.shift(timedelta(seconds=10))
    run_due()
    assert "Dear {code} {team}" in words_of(relay.letters[2])

    customer.language = "hu-HU"
    customer.save(update_fields=["language"])
    fourth = writes(number=4).ticket
    assert fourth is not None
    clock.shift(timedelta(seconds=10))
    run_due()
    assert words_of(relay.letters[3]).startswith(f"Szia {{code}} {{team}}, {fourth.code}!")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            {"en": "Hello {who}"},
            "Nothing is known to put in place of {who}; there are {name}, {code}",
        ),
        ({"en": "x" * 4001}, "too long"),
        ({"xx": "Hello"}, "does not know this language"),
    ],
)
def test_words_that_cannot_be_filled_are_refused(
    cast: Cast, words: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        own_words.replace(cast.support, "acknowledgement", words)
    assert sentence in refused.value.sentence
    assert own_words.of_department(cast.support, "acknowledgement") == {}


def test_an_acknowledgement_that_does_not_arrive_is_known_and_opens_nothing(
    cast: Cast, box: MailBox
) -> None:
    ticket = writes().ticket
    assert ticket is not None
    assert sending.fail(acknowledgements()[0], reason="refused_by_relay", code=550, words="no")
    ticket.refresh_from_db()
    assert ticket.status == "new"
    failed = ticket.entries.get(kind="delivery.failed")
    assert failed.cause == ticket.entries.get(kind="ticket.acknowledged")

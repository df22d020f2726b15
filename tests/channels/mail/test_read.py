"""From a letter on disk to a ticket, or to a row that says why not."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection

from deskbell import clock as desk_clock
from deskbell.channels.mail import ids, letters, read, reader
from deskbell.channels.mail.models import Delivery, Letter, MailBox
from deskbell.channels.mail.parse import Parsed
from deskbell.people.departments import archive_department
from deskbell.people.models import Address, Department
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.files import path_of
from deskbell.tickets.models import Message, Ticket
from deskbell.work.models import Job
from deskbell.work.run import run_due, run_each_twice
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.mails_of import MAILS, arrive, raw

pytestmark = pytest.mark.django_db


def letter_from(
    sender: str, *, answers: str = "", subject: str = "Re: zip", text: str = "Again.", mid: str = ""
) -> bytes:
    head = [f"From: {sender}", "To: help@desk.example", f"Subject: {subject}"]
    head += [f"Message-ID: <{mid or Letter.objects.count()}@elsewhere.example>"]
    head += [f"In-Reply-To: <{answers}>", f"References: <{answers}>"] if answers else []
    return "\r\n".join([*head, "", text, ""]).encode()


def answered(cast: Cast) -> tuple[Ticket, Message, str]:
    """Return a ticket of Emil's with an answer of Bela's, and the Message-ID that it went out with."""
    ticket = a_ticket(cast.support, cast.emil)
    message = actions.reply(ticket, Content("Try wax."), by=by(cast.bela))
    run_due()
    message_id = ids.message_id_for(ticket.pk, message.pk)
    ticket.refresh_from_db()
    assert ticket.status == "answered"
    return ticket, message, message_id


def test_a_letter_becomes_a_ticket_with_its_words_and_files(cast: Cast) -> None:
    letter = arrive(raw("inline_picture_by_cid"))

    assert (letter.state, letter.what) == ("read", "letter")
    assert letter.ticket is not None
    assert letter.message is not None
    assert letter.ticket.status == "new"
    assert letter.ticket.department == cast.support
    assert letter.ticket.customer == cast.emil.customer
    assert letter.message.text.html == '<p>Here: <img src="cid:zip@acme" alt="the zip"></p>'
    file = letter.message.attachments.get()
    assert (file.name, file.content_id, file.inline) == ("zip.png", "zip@acme", True)
    assert path_of(file.sha256).read_bytes().startswith(b"\x89PNG")
    roles = [(one.role, one.address) for one in letter.message.recipients.all()]
    assert roles == [("from", "emil@acme.example"), ("to", "help@desk.example")]


@pytest.mark.parametrize("name", sorted(path.stem for path in MAILS.glob("*.eml")))
def test_every_mail_is_a_ticket_or_a_visible_letter_with_a_reason(cast: Cast, name: str) -> None:
    letter = arrive(raw(name))

    if letter.state == "read":
        assert letter.ticket is not None
        assert letter.message is not None
    else:
        assert letter.state in ("parked", "ignored")
        assert letter.reason
    assert Job.objects.filter(name="read_letter").count() == 0


def test_whoever_answers_their_own_letter_comes_where_it_stands_after_a_split_was_taken_back(
    cast: Cast,
) -> None:
    arrive(letter_from("emil@acme.example", mid="emil-1"))
    ticket = Ticket.objects.get()
    opened = actions.split(ticket, ticket.messages.get(), by=by(cast.bela))
    actions.undo(opened, 1, by=by(cast.bela))
    letter = arrive(
        letter_from("emil@acme.example", mid="emil-2", answers="emil-1@elsewhere.example")
    )
    assert letter.ticket == ticket


def test_reading_twice_makes_one_ticket(cast: Cast) -> None:
    letters.keep(raw("plain_ascii"), source="smtp")
    run_each_twice()

    assert Ticket.objects.count() == 1
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_letter_make_one_ticket(cast: Cast) -> None:
    letter = letters.keep(raw("plain_ascii"), source="smtp")

    def work() -> None:
        try:
            read.read_letter(letter.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Message.objects.count() == 1


def test_the_same_bytes_twice_are_one_message(cast: Cast) -> None:
    first = arrive(raw("plain_ascii"))
    second = arrive(raw("plain_ascii"))

    assert (second.state, second.reason) == ("duplicate", "came_before")
    assert second.ticket == first.ticket
    assert Message.objects.count() == 1


def test_what_came_twice_belongs_to_the_ticket_also_when_the_first_was_not_read_yet(
    cast: Cast,
) -> None:
    first, again = (letters.keep(raw("plain_ascii"), source="smtp") for _ in range(2))
    run_due()

    first.refresh_from_db()
    again.refresh_from_db()
    assert again.state == "duplicate"
    assert first.ticket is not None
    assert (again.ticket, again.message, again.what) == (first.ticket, first.message, first.what)


def test_a_machine_without_message_ids_may_say_the_same_every_night(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    arrive(raw("no_message_id_no_date"))
    assert arrive(raw("no_message_id_no_date")).state == "duplicate"
    clock.shift(timedelta(days=1))

    assert arrive(raw("no_message_id_no_date")).state == "read"


def test_the_same_message_id_with_other_words_is_a_letter_of_its_own(cast: Cast) -> None:
    arrive(letter_from("emil@acme.example", mid="one", text="First."))
    other = arrive(letter_from("emil@acme.example", mid="one", text="Second."))

    assert other.state == "read"
    assert Ticket.objects.count() == 2


# Who may continue a ticket


def test_the_customer_who_answers_continues_the_ticket(cast: Cast) -> None:
    ticket, _message, message_id = answered(cast)
    letter = arrive(letter_from("Emil <emil@acme.example>", answers=message_id))

    assert letter.ticket == ticket
    assert letter.message is not None
    assert letter.message.trust == "participant"
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_a_colleague_with_our_token_joins_as_a_new_sender(cast: Cast) -> None:
    ticket, _message, message_id = answered(cast)
    letter = arrive(letter_from("frida@acme.example", answers=message_id))

    assert letter.ticket == ticket
    assert letter.message is not None
    assert letter.message.trust == "new_sender"


def test_whom_an_agent_copied_in_takes_part_when_they_answer(cast: Cast) -> None:
    ticket, message, message_id = answered(cast)
    delivery = _delivery(ticket, message, message_id)
    Delivery.objects.filter(pk=delivery.pk).update(address="Frida@acme.example", role="cc")
    letter = arrive(letter_from("frida@acme.example", answers=message_id))

    assert letter.ticket == ticket
    assert letter.message is not None
    assert letter.message.trust == "participant"
    party = ticket.participants.get(address=cast.frida)
    assert (party.role, party.accepted) == ("cc", True)


def test_a_department_may_give_new_senders_a_ticket_of_their_own(cast: Cast) -> None:
    Department.objects.update(strangers="new_ticket")
    ticket, _message, message_id = answered(cast)
    letter = arrive(letter_from("frida@acme.example", answers=message_id))

    assert letter.ticket is not None
    assert letter.ticket != ticket
    assert letter.ticket.links.get().other == ticket


def test_a_letter_about_an_old_ticket_of_a_closed_department_gets_a_ticket_elsewhere(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    message_id = ids.message_id_for(ticket.pk, 1)
    actions.close(ticket, by=by(cast.anna))
    archive_department(cast.support)
    clock.shift(timedelta(days=31))
    letter = arrive(letter_from("emil@acme.example", answers=message_id))

    assert (letter.state, letter.reason) == ("read", "token_1")
    assert letter.ticket is not None
    assert letter.ticket.department == cast.billing
    assert letter.ticket.links.get().other == ticket


def test_a_stranger_who_guesses_a_code_gets_a_linked_ticket(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    letter = arrive(letter_from("mallory@elsewhere.example", subject=f"Re: [{ticket.code}] zip"))

    assert letter.ticket is not None
    assert letter.ticket != ticket
    assert letter.ticket.links.get().other == ticket
    assert letter.reason == "code_3"


def test_the_customer_who_writes_the_code_continues_the_ticket(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)

    assert arrive(letter_from("emil@acme.example", subject=f"About {ticket.code}")).ticket == ticket


def test_a_stranger_who_knows_the_customers_message_id_gets_a_linked_ticket(cast: Cast) -> None:
    first = arrive(letter_from("emil@acme.example", mid="first"))
    stranger = arrive(letter_from("mallory@elsewhere.example", answers="first@elsewhere.example"))
    customer = arrive(letter_from("emil@acme.example", answers="first@elsewhere.example"))

    assert stranger.ticket != first.ticket
    assert customer.ticket == first.ticket


def test_a_made_up_token_proves_nothing(cast: Cast) -> None:
    ticket, _message, message_id = answered(cast)
    forged = message_id.replace(message_id.split("-")[3][:4], "aaaa", 1)
    letter = arrive(letter_from("mallory@elsewhere.example", answers=forged))

    assert letter.ticket != ticket


def test_of_two_tickets_the_nearest_letter_counts(cast: Cast) -> None:
    older, _, older_id = answered(cast)
    newer, _, newer_id = answered(cast)
    head = f"From: emil@acme.example\r\nReferences: <{older_id}> <{newer_id}>\r\n\r\nBoth.\r\n"

    assert arrive(head.encode()).ticket == newer
    assert older.messages.count() == 2


def test_a_letter_for_a_merged_ticket_goes_to_the_survivor(cast: Cast) -> None:
    ticket, _message, message_id = answered(cast)
    survivor = a_ticket(cast.support, cast.emil)
    Ticket.objects.filter(pk=ticket.pk).update(merged_into=survivor)

    letter = arrive(letter_from("emil@acme.example", answers=message_id))

    assert letter.ticket == survivor
    Ticket.objects.filter(pk=ticket.pk).update(merged_into=None)


def test_an_answer_waits_for_the_letter_that_it_answers(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    first = letters.keep(letter_from("emil@acme.example", mid="first"), source="pipe")
    answer = letters.keep(
        letter_from("emil@acme.example", mid="2", answers="first@elsewhere.example"), source="pipe"
    )
    Job.objects.filter(args__letter_id=first.pk).update(
        run_at=desk_clock.now() + timedelta(seconds=5)
    )
    run_due()
    answer.refresh_from_db()
    assert answer.state == "waiting"

    clock.shift(timedelta(seconds=6))
    run_due()
    run_due()
    clock.shift(timedelta(seconds=2))
    run_due()

    first.refresh_from_db()
    answer.refresh_from_db()
    assert (first.state, answer.state) == ("read", "read")
    assert answer.ticket == first.ticket


def test_two_letters_that_answer_each_other_do_not_wait_for_ever(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    letters.keep(letter_from("a@x.example", mid="a", answers="b@elsewhere.example"), source="pipe")
    letters.keep(letter_from("b@x.example", mid="b", answers="a@elsewhere.example"), source="pipe")
    run_due()
    assert Letter.objects.filter(state="waiting").count() == 2

    clock.shift(timedelta(minutes=3))
    run_due()

    assert Letter.objects.filter(state="read").count() == 2


# For whom it is


def test_the_department_is_the_one_of_the_address_that_it_was_sent_to(cast: Cast) -> None:
    MailBox.objects.create(address="help@desk.example", department=cast.support)
    MailBox.objects.create(address="bills@desk.example", department=cast.billing)

    def department_of(head: str, rcpt: str) -> str:
        text = f"From: emil@acme.example\r\nSubject: {head} {rcpt}\r\n{head}\r\n\r\nHi.\r\n"
        ticket = arrive(text.encode(), rcpt=rcpt).ticket
        assert ticket is not None
        return ticket.department.name

    assert department_of("To: help@desk.example", "bills@desk.example") == "Billing"
    assert department_of("To: x@y.example", "Bills+zip@desk.example") == "Billing"
    assert department_of("Delivered-To: bills@desk.example", "x@y.example") == "Billing"
    both = "Delivered-To: help@desk.example\r\nX-Original-To: bills@desk.example"
    assert department_of(both, "x@y.example") == "Billing"
    assert department_of("To: a@b.example, bills@desk.example", "x@y.example") == "Billing"
    assert department_of("To: a@b.example\r\nCc: bills@desk.example", "x@y.example") == "Billing"
    assert department_of("To: a@b.example", "x@y.example") == "Support"


def test_of_several_addresses_it_is_the_one_that_was_written_first(cast: Cast) -> None:
    MailBox.objects.create(address="help@desk.example", department=cast.support)
    MailBox.objects.create(address="bills@desk.example", department=cast.billing)
    head = "From: emil@acme.example\r\nTo: Help@desk.example\r\nCc: bills@desk.example, help@desk.example"
    # A Postfix on the way has sorted them.
    letter = letters.keep(
        f"{head}\r\n\r\nHi.\r\n".encode(),
        source="smtp",
        rcpt=["bills@desk.example", "help@desk.example"],
    )
    run_due()

    letter.refresh_from_db()
    assert letter.ticket is not None
    assert letter.ticket.department == cast.support


def test_a_letter_waits_until_the_desk_has_a_department(clock: time_machine.Traveller) -> None:
    letter = arrive(raw("plain_ascii"))
    assert letter.state == "waiting"

    Department.objects.create(name="Support")
    clock.shift(timedelta(minutes=2))
    run_due()

    letter.refresh_from_db()
    assert letter.state == "read"


# What it is


def test_an_out_of_office_note_does_not_open_a_ticket_again(cast: Cast) -> None:
    ticket, _message, message_id = answered(cast)
    note = raw("out_of_office").replace(
        b"MIME-Version: 1.0", f"MIME-Version: 1.0\r\nIn-Reply-To: <{message_id}>".encode()
    )
    letter = arrive(note)

    assert (letter.state, letter.what, letter.reason) == ("ignored", "auto_reply", "auto_submitted")
    assert letter.ticket == ticket
    ticket.refresh_from_db()
    assert ticket.status == "answered"


@pytest.mark.parametrize(
    ("name", "what"),
    [("machine_alarm", "bulk"), ("mailing_list", "bulk"), ("exchange_auto_reply", "auto_reply")],
)
def test_mail_of_machines_that_answers_nothing_is_a_ticket(
    cast: Cast, name: str, what: str
) -> None:
    letter = arrive(raw(name))

    assert (letter.state, letter.what) == ("read", what)


def test_an_out_of_office_note_that_answers_nothing_is_nobodys_work(cast: Cast) -> None:
    letter = arrive(raw("out_of_office"))

    assert (letter.state, letter.what, letter.reason) == ("ignored", "auto_reply", "auto_submitted")
    assert not Ticket.objects.exists()
    letters.read_again(letter, anyway=True)  # a person wants it all the same
    run_due()
    assert Ticket.objects.count() == 1


def test_our_own_letter_that_comes_back_is_shown_and_makes_nothing(cast: Cast) -> None:
    ticket, _message, message_id = answered(cast)
    ours = f"From: help@desk.example\r\nMessage-ID: <{message_id}>\r\n\r\nTry wax.\r\n"
    letter = arrive(ours.encode())

    assert (letter.state, letter.what, letter.reason) == ("ignored", "loop", "our_own_letter")
    assert letter.ticket == ticket
    assert Message.objects.count() == 2


@pytest.mark.parametrize("name", ["bounce_postfix", "bounce_exim"])
def test_a_bounce_of_our_answer_opens_the_ticket_again(cast: Cast, name: str) -> None:
    ticket, message, message_id = answered(cast)
    delivery = _delivery(ticket, message, message_id)
    letter = arrive(raw(name, **{"TOKEN@desk.example": message_id}), mail_from="")

    assert (letter.state, letter.what, letter.reason) == ("read", "bounce", "bounce_recorded")
    delivery.refresh_from_db()
    ticket.refresh_from_db()
    assert delivery.state == "failed"
    assert ticket.status == "open"
    assert Address.objects.get(value="emil@acme.example").bad_since is not None

    again = arrive(raw(name, **{"TOKEN@desk.example": message_id}) + b"\r\nagain", mail_from="")
    assert (again.state, again.reason) == ("ignored", "bounce_known")


def test_a_letter_that_is_only_late_changes_nothing(cast: Cast) -> None:
    ticket, message, message_id = answered(cast)
    _delivery(ticket, message, message_id)
    letter = arrive(raw("bounce_only_delayed", **{"TOKEN@desk.example": message_id}), mail_from="")

    assert (letter.state, letter.reason) == ("ignored", "bounce_temporary")
    ticket.refresh_from_db()
    assert ticket.status == "answered"


def test_a_bounce_of_something_that_we_never_sent_waits_for_a_person(cast: Cast) -> None:
    letter = arrive(raw("bounce_postfix"), mail_from="")

    assert (letter.state, letter.reason) == ("parked", "bounce_unknown")
    assert not Ticket.objects.exists()


def test_a_customer_who_asks_about_a_letter_that_came_back_to_them_gets_a_ticket(
    cast: Cast,
) -> None:
    letter = arrive(raw("bounce_forwarded_as_file"), mail_from="emil@acme.example")

    assert (letter.state, letter.what) == ("read", "letter")
    assert letter.message is not None
    assert letter.message.text.plain == "What does this mean?"


def test_a_long_newsletter_of_html_alone_is_read_like_any_letter(cast: Cast) -> None:
    piece = "<p>Tents <b>and</b> <a href='https://shop.example/t'>poles</a></p>\r\n" * 8_000
    head = "From: emil@acme.example\r\nSubject: News\r\nContent-Type: text/html\r\n\r\n"
    letter = arrive(f"{head}{piece}".encode())

    assert (letter.state, letter.reason) == ("read", "")


# What cannot be read


def test_a_letter_that_cannot_be_read_is_parked_and_can_be_a_ticket_all_the_same(
    cast: Cast,
) -> None:
    letter = arrive(raw("bomb_many_parts"), mail_from="emil@acme.example")
    assert (letter.state, letter.reason) == ("parked", "too_many_parts")

    letters.read_again(letter, anyway=True)
    run_due()

    letter.refresh_from_db()
    assert letter.state == "read"
    assert letter.ticket is not None
    assert letter.ticket.customer == cast.emil.customer
    assert letter.message is not None
    file = letter.message.attachments.get()
    assert path_of(file.sha256).read_bytes() == raw("bomb_many_parts")


def test_a_letter_from_nobody_is_parked_and_can_be_a_ticket_all_the_same(cast: Cast) -> None:
    letter = arrive(raw("no_from"), mail_from="")
    assert (letter.state, letter.reason) == ("parked", "no_sender")

    letters.read_again(letter, anyway=True)
    run_due()

    letter.refresh_from_db()
    assert letter.state == "read"
    assert letter.message is not None
    assert letter.message.text.plain == "Who wrote this?"


def test_a_letter_that_kills_two_readers_is_parked(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def dies(path: Path, folder: Path, **_others: object) -> Parsed:
        calls.append(path)
        raise reader.ReaderDied("died")

    with monkeypatch.context() as patch:
        patch.setattr(reader, "read", dies)
        letter = arrive(raw("plain_ascii"))
    assert (letter.state, letter.reason, letter.kills) == ("parked", "reader_died", 2)
    assert len(calls) == 2

    letters.read_again(letter)
    run_due()
    letter.refresh_from_db()
    assert letter.state == "read"


def test_an_error_of_ours_parks_the_letter_and_no_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(reader, "read", _breaks)
        broken = arrive(raw("plain_ascii"))
    fine = arrive(raw("no_subject"))

    assert (broken.state, broken.reason) == ("parked", "unexpected")
    assert fine.state == "read"


def _breaks(path: Path, folder: Path, **_others: object) -> Parsed:
    raise KeyError("no such thing")


def _delivery(ticket: Ticket, message: Message, message_id: str) -> Delivery:
    Delivery.objects.filter(message=message).delete()
    return Delivery.objects.create(
        ticket=ticket,
        message=message,
        purpose="reply",
        address="emil@acme.example",
        rfc_message_id=message_id,
        entry_step=ticket.last_step,
        state="sent",
    )


def through_a_list(claimed: str, *, answers: str = "", subject: str = "Re: zip") -> bytes:
    """Return a letter of Mallory's list that says it was written by whom it claims."""
    return letter_from(
        "Emil via Zips <zips@evil.example>"
        f"\r\nReply-To: {claimed}\r\nList-Id: <zips.evil.example>"
        "\r\nList-Post: <mailto:zips@evil.example>",
        answers=answers,
        subject=subject,
    )


def test_who_asks_to_be_answered_at_a_customers_address_does_not_join_their_ticket(
    cast: Cast,
) -> None:
    MailBox.objects.create(address="help@desk.example", department=cast.support)
    ticket, _message, _message_id = answered(cast)
    honest = arrive(letter_from("emil@acme.example", subject=f"Re: {ticket.code}"))
    assert honest.ticket == ticket  # so a code is enough for the customer

    for forged in (
        through_a_list("emil@acme.example", subject=f"Re: {ticket.code}"),
        letter_from(
            "no-reply@evil.example\r\nReply-To: emil@acme.example", subject=f"Re: {ticket.code}"
        ),
        letter_from(
            "help@desk.example\r\nReply-To: emil@acme.example", subject=f"Re: {ticket.code}"
        ),
        letter_from("SRS0=a=b=acme.example=emil@evil.example", subject=f"Re: {ticket.code}"),
        letter_from("\r\nReply-To: emil@acme.example", subject=f"Re: {ticket.code}"),
        letter_from("\r\nSender: emil@acme.example", subject=f"Re: {ticket.code}"),
    ):
        letter = arrive(forged)
        assert letter.ticket not in (None, ticket)


def test_who_has_our_token_and_claims_to_be_the_customer_joins_as_themselves(cast: Cast) -> None:
    ticket, _message, message_id = answered(cast)
    letter = arrive(through_a_list("emil@acme.example", answers=message_id))

    assert letter.ticket == ticket
    assert letter.message is not None
    assert letter.message.trust == "new_sender"
    assert letter.message.address is not None
    assert letter.message.address.value == "zips@evil.example"
    assert letter.message.facts["writer"]["address"] == "emil@acme.example"


def test_a_web_form_that_writes_from_our_own_address_opens_a_ticket_of_its_writer(
    cast: Cast,
) -> None:
    MailBox.objects.create(address="help@desk.example", department=cast.support)
    letter = arrive(raw("sender_form_at_our_own_address"))

    assert letter.ticket is not None
    assert letter.ticket.customer is not None
    assert letter.message is not None
    assert letter.message.address is not None
    assert letter.message.address.value == "frida@buyer.example"
    assert letter.message.facts["writer"]["rule"] == "own_address"


def test_a_receipt_that_a_letter_was_read_is_no_ticket(cast: Cast) -> None:
    letter = arrive(raw("receipt_that_it_was_read"))

    assert (letter.state, letter.reason, letter.ticket) == ("ignored", "receipt_unknown", None)


def test_a_letter_that_an_agent_hands_on_offers_its_writer_as_the_customer(cast: Cast) -> None:
    of_an_agent = arrive(raw("forward_gmail_en", **{"emil@acme.example": cast.bela.account.email}))
    of_a_customer = arrive(raw("forward_outlook_de"))

    assert of_an_agent.message is not None
    assert of_an_agent.message.facts["inside"] == ["frida@buyer.example", "Frida Berg"]
    assert of_an_agent.ticket is not None
    assert of_an_agent.ticket.customer is not None  # nothing is done by itself
    assert not of_an_agent.ticket.customer.addresses.filter(value="frida@buyer.example").exists()
    assert of_a_customer.message is not None
    assert "inside" not in of_a_customer.message.facts


def test_what_is_told_of_a_letter_goes_with_its_words(cast: Cast) -> None:
    letter = arrive(raw("calendar_alone"))
    assert letter.message is not None
    assert letter.ticket is not None
    assert letter.message.facts["invitation"]["summary"] == "The zip, at last"

    actions.redact(letter.ticket, passage="Room 5", by=by(cast.anna))

    letter.message.refresh_from_db()
    assert letter.message.facts == {}

"""Customers' letters come through a real Postfix, by SMTP: each is one message, or its sender hears of it."""

from __future__ import annotations

import os
import smtplib
from pathlib import Path

import pytest
from django.test import override_settings

from deskbell.channels.mail import letters, smtp_server
from deskbell.channels.mail.boxes import add_mailbox
from deskbell.channels.mail.models import Letter
from deskbell.tickets.models import Message, Ticket
from deskbell.work.run import run_due
from tests.cast import Cast
from tests.channels.mail.door import an_open_door
from tests.channels.mail.fetch.desk import a_letter
from tests.fakes.between import Between
from tests.fakes.certificate import certificate_and_key
from tests.fakes.postfix import Postfix
from tests.fakes.relay import Relay

pytestmark = pytest.mark.django_db(transaction=True)

HELP = "help@desk.example"
EMIL = "emil@acme.example"
DATE = "Date: Mon, 2 Mar 2026 12:00:00 +0000"


@pytest.fixture(autouse=True)
def boxes(cast: Cast) -> None:
    """Letters to help@ are Support's, to accounts@ Billing's."""
    add_mailbox(address=HELP, department=cast.support)
    add_mailbox(address="accounts@desk.example", department=cast.billing)


def only_letter() -> Letter:
    """Return the one letter that came, read."""
    run_due()
    return Letter.objects.get()


def bytes_of(letter: Letter) -> bytes:
    return letters.path_of(letter).read_bytes()


def test_a_letter_becomes_a_ticket(server: Postfix, door: None, cast: Cast) -> None:
    server.send(a_letter(), HELP, port=server.mx)
    server.until_empty()

    letter = only_letter()
    assert (letter.source, letter.mail_from, letter.rcpt) == ("smtp", EMIL, [HELP])
    assert letter.helo == "mail.desk.example"
    ticket = Ticket.objects.get()
    assert (letter.ticket, ticket.department) == (ticket, cast.support)
    assert "TLS connection established" in server.log()


def test_several_recipients_are_one_letter_and_one_message(
    server: Postfix, door: None, cast: Cast
) -> None:
    letter = a_letter()
    letter["Cc"] = "accounts@desk.example"
    server.send(letter, HELP, "accounts@desk.example")
    server.until_empty()

    # Postfix sorts them: whom the customer wrote to first is still who gets it.
    assert only_letter().rcpt == ["accounts@desk.example", HELP]
    assert Message.objects.count() == 1
    assert Ticket.objects.get().department == cast.support


def test_one_address_of_a_domain_is_the_desks_and_the_others_stay_with_postfix(
    server: Postfix, door: None, cast: Cast
) -> None:
    add_mailbox(address="support@shop.example", department=cast.support)
    server.send(a_letter(), "support+zip@shop.example", port=server.mx)
    server.until_empty()

    assert only_letter().rcpt == ["support+zip@shop.example"]
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        server.send(a_letter(), "others@shop.example", port=server.mx)


def test_letters_to_all_addresses_of_an_old_domain_come_to_a_box(
    server: Postfix, door: None, cast: Cast
) -> None:
    hello = add_mailbox(address="hello@desk.example", department=cast.billing)
    for to in ("anybody@old.desk.example", "accounts@old.desk.example"):
        server.send(a_letter(to=to), to, port=server.mx)
    server.until_empty()

    run_due()
    rcpt = sorted(letter.rcpt[0] for letter in Letter.objects.all())
    assert rcpt == ["accounts@desk.example", hello.address]
    assert {ticket.department for ticket in Ticket.objects.all()} == {cast.billing}


def test_postfix_insists_on_the_certificate_of_the_desk(
    server: Postfix, data: Path, cast: Cast, tmp_path: Path
) -> None:
    add_mailbox(address="help@sure.example", department=cast.support)
    somebodys = tmp_path / "somebody.pem"
    somebodys.write_bytes(certificate_and_key("127.0.0.1", "desk.example"))
    with override_settings(SMTP_CERTIFICATE=str(somebodys)), an_open_door(server.sure):
        server.send(a_letter(), "help@sure.example")
        [waits] = server.until_it_keeps(1)
        assert "not trusted" in waits.reason or "not verified" in waits.reason
    assert not Letter.objects.exists()

    ours = str(server.certificate_of_the_desk)
    with override_settings(SMTP_CERTIFICATE=ours), an_open_door(server.sure):
        server.try_again()
        server.until_empty()
    assert only_letter().rcpt == ["help@sure.example"]
    assert "Verified TLS connection established" in server.log()


def test_addresses_and_headers_beyond_ascii_arrive_as_they_were_written(
    server: Postfix, door: None
) -> None:
    head = "From: Jiří <jiří@příklad.example>\r\nTo: help@desk.example\r\nSubject: Zip se rozpadl ❄\r\n"
    raw = f"{head}Message-ID: <1@příklad.example>\r\n{DATE}\r\n\r\nPo dvou nocích.\r\n".encode()
    with smtplib.SMTP("127.0.0.1", server.plain) as line:
        line.ehlo()
        line.sendmail("jiří@příklad.example", HELP, raw, ["SMTPUTF8", "BODY=8BITMIME"])
    server.until_empty()

    letter = only_letter()
    assert letter.mail_from == "jiří@příklad.example"
    assert bytes_of(letter).endswith(raw)
    assert Message.objects.get().subject == "Zip se rozpadl ❄"


def test_eight_bits_arrive_as_they_were_sent(server: Postfix, door: None) -> None:
    raw = (
        b"From: emil@acme.example\r\nTo: help@desk.example\r\nSubject: zip\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=iso-8859-2\r\nContent-Transfer-Encoding: 8bit\r\n"
        b"Message-ID: <8bit@acme.example>\r\n" + DATE.encode() + b"\r\n\r\n"
        b"Zip se rozpadl, b\xecda.\r\n.\r\n..\r\n"
    )
    server.send(raw, HELP, options=["BODY=8BITMIME"])
    server.until_empty()

    assert bytes_of(only_letter()).endswith(raw)
    assert "běda" in Message.objects.get().text.plain


@pytest.mark.slow
def test_the_largest_letter_that_the_guide_lets_through_is_not_too_large_for_the_desk(
    server: Postfix, door: None
) -> None:
    line = b"x" * 76 + b"\r\n"
    raw = bytes(a_letter()).replace(b"\n", b"\r\n") + line * (51_190_000 // len(line))
    server.send(raw, HELP)
    server.until_empty()
    assert Letter.objects.get().size_bytes > len(raw)

    with pytest.raises(smtplib.SMTPResponseException) as refused:
        server.send(raw + line * 1000, HELP)
    assert refused.value.smtp_code == 552


@pytest.mark.parametrize("to", [HELP, "help@unsized.example"])
def test_who_sends_too_large_a_letter_is_told_so(
    server: Postfix, world: Relay, data: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    # The second asks not how much the desk takes: it is told after the letter.
    add_mailbox(address="help@unsized.example", department=cast.support)
    monkeypatch.setattr(smtp_server, "MAX_BYTES", 100_000)
    with an_open_door(server.desk):
        server.send(bytes(a_letter()) + b"x\r\n" * 50_000, to)
        server.until_empty()

    [report] = world.letters
    assert (report.mail_from, report.rcpt) == ("<>", (EMIL,))
    assert b"5.3.4" in report.data
    assert not Letter.objects.exists()


def test_who_writes_to_nobody_hears_of_it(server: Postfix, world: Relay, door: None) -> None:
    server.send(a_letter(), "nobdy@desk.example", HELP)
    server.until_empty()

    [report] = world.letters
    assert (report.mail_from, report.rcpt) == ("<>", (EMIL,))
    assert b"There is no such mail box here" in report.data
    assert only_letter().rcpt == [HELP]


def test_a_postfix_that_asks_the_desk_refuses_who_is_unknown_at_its_own_door(
    server: Postfix, world: Relay, door: None
) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        server.send(a_letter(), "nobdy@desk.example", port=server.mx)

    [(code, words)] = refused.value.recipients.values()
    assert code == 550
    assert b"There is no such mail box here" in words
    server.until_empty()
    assert not Letter.objects.exists()


def test_while_the_disk_is_full_postfix_keeps_the_letter(
    server: Postfix, door: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        server.send(a_letter(), HELP)
        [waits] = server.until_it_keeps(1)
        assert "cannot store letters at the moment" in waits.reason
    assert not Letter.objects.exists()

    server.try_again()
    server.until_empty()
    only_letter()


def test_while_the_desk_is_stopped_postfix_keeps_the_letters(server: Postfix, data: Path) -> None:
    for number in range(3):
        server.send(a_letter(f"Zip {number}"), HELP)
    server.until_it_keeps(3)

    with an_open_door(server.desk):
        server.try_again()
        server.until_empty()
    run_due()
    assert Letter.objects.count() == Message.objects.count() == 3


def test_a_letter_that_was_half_here_when_the_desk_stopped_comes_again(
    server: Postfix, data: Path
) -> None:
    with an_open_door() as door, Between(to=door, port=server.desk) as between:
        between.plan("cut_in_letter")
        server.send(bytes(a_letter()) + b"More.\r\n" * 50_000, HELP)
        [waits] = server.until_it_keeps(1)
        assert "lost connection" in waits.reason
        assert not Letter.objects.exists()

        server.try_again()
        server.until_empty()
    only_letter()


def test_a_letter_whose_250_was_lost_is_one_message(server: Postfix, data: Path) -> None:
    with an_open_door() as door, Between(to=door, port=server.desk) as between:
        between.plan("cut_after_dot")
        server.send(a_letter(), HELP)
        server.until_it_keeps(1)
        run_due()
        assert Message.objects.count() == 1

        server.try_again()
        server.until_empty()
    run_due()
    assert [letter.reason for letter in Letter.objects.order_by("id")] == ["", "came_before"]
    assert Message.objects.count() == 1


def test_many_letters_at_once_are_as_many_messages(server: Postfix, door: None) -> None:
    for number in range(40):
        server.send(a_letter(f"Zip {number}"), HELP)
    server.until_empty()

    run_due()
    subjects = set(Message.objects.values_list("subject", flat=True))
    assert subjects == {f"Zip {number}" for number in range(40)}
    assert Letter.objects.count() == 40

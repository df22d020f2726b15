"""An agent answers a notice from their own mail program: it becomes theirs on the ticket, or waits with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import override_settings

from deskbell.channels.mail import (
    boxes,
    from_agents,
    ids,
    letters,
    plus,
    read,
    recipients,
    replies,
    smtp_client,
)
from deskbell.channels.mail.models import Delivery, Letter, MailBox
from deskbell.channels.mail.spam.trusted import Word
from deskbell.notices.models import Notice
from deskbell.notices.wishing import keep_wish
from deskbell.people.agents import archive_agent, change_agent, work_in
from deskbell.people.customers import customer_for
from deskbell.tickets import actions
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Message, Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.fakes import relay as fake

pytestmark = pytest.mark.django_db

BELA = "Bela <bela@desk.example>"


@pytest.fixture
def box(cast: Cast) -> MailBox:
    return MailBox.objects.create(
        address="help@desk.example", department=cast.support, agents_answer="plus"
    )


@pytest.fixture
def ticket(clock: time_machine.Traveller, cast: Cast, box: MailBox) -> Ticket:
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    run_due()
    Notice.objects.all().delete()
    return ticket


@pytest.fixture
def relay() -> Iterator[fake.Relay]:
    with fake.Relay() as running, override_settings(RELAY=running.url):
        yield running
        smtp_client.close_all()


@pytest.fixture
def told(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> fake.Arrived:
    """The letter that told Bela of Anna's note."""
    actions.note(ticket, Content("A secret of ours."), by=by(cast.anna), mentions=[cast.bela])
    run_due()
    clock.shift(timedelta(minutes=2))
    run_due()
    [arrived] = relay.letters
    relay.letters.clear()
    return arrived


def address_in(told: fake.Arrived) -> str:
    found = re.search(r"[^\s<>]+@desk\.example", str(told.message["Reply-To"]))
    assert found
    return found[0]


def answer(
    told: fake.Arrived,
    text: str = "Wax it.",
    *headers: str,
    sender: str = BELA,
    to: str = "",
    mail_from: str = "bela@desk.example",
    source: str = "smtp",
) -> Letter:
    """Let somebody answer the notice; return the letter when it has been read."""
    to = to or address_in(told)
    quoted = "\r\n".join(f"> {line}" for line in _text(told).splitlines())
    head = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: Re: {told.message['Subject']}".replace("\n", ""),
        f"Message-ID: <{Letter.objects.count()}@laptop.example>",
        f"In-Reply-To: <{told.message_id}>",
        f"References: <{told.message_id}>",
        *headers,
    ]
    if not any(one.lower().startswith("content-type") for one in headers):
        head.append("Content-Type: text/plain; charset=utf-8")
    raw = "\r\n".join(
        [
            *head,
            "",
            text,
            "",
            "On Mon, 2 Mar 2026 at 12:05, Lomnica Outdoor <help@desk.example> wrote:",
            quoted,
            "",
        ]
        if text
        else [*head, "", quoted]
    )
    letter = letters.keep(
        raw.encode(), source=source, peer_ip="127.0.0.1", mail_from=mail_from, rcpt=[to]
    )
    run_due()
    letter.refresh_from_db()
    return letter


def _text(told: fake.Arrived) -> str:
    body = told.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def notes(ticket: Ticket) -> list[str]:
    found = ticket.messages.filter(kind="note", author_id__isnull=False).order_by("id")
    return [one.text.plain for one in found][1:]  # the first one is Anna's


def refusals() -> list[Delivery]:
    return list(Delivery.objects.filter(purpose="not_taken"))


def test_an_answer_to_a_notice_is_a_note_without_what_it_repeats(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    text = _text(told)
    assert text.startswith("##- Write above this line -##")
    assert "becomes a note on the ticket" in text
    letter = answer(told)
    assert (letter.state, letter.reason, letter.ticket) == ("read", "agent_noted", ticket)
    note = ticket.messages.latest("id")
    assert letter.message == note
    assert (note.kind, note.author_kind, note.author_id) == ("note", "agent", cast.bela.pk)
    assert (note.text.plain, note.text.quoted, note.text.html) == ("Wax it.", "", "")
    assert not Message.objects.filter(kind="customer", text__plain__contains="Wax").exists()
    assert Ticket.objects.count() == 1


def test_what_an_agent_mails_is_masked_like_any_letter_and_may_be_taken_back(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    letter = answer(told, text="They pay by 4111 1111 1111 1111.")
    assert notes(ticket) == ["They pay by •••• •••• •••• 1111."]
    assert (letter.reason, letter.is_masked) == ("agent_noted", True)
    note = ticket.messages.latest("pk")
    assert note.facts == {"masked": [[0, "", 1]]}
    step = ticket.entries.get(kind="note.added", data__message_id=note.pk).step
    assert ticket.entries.get(kind="text.masked").cause == ticket.entries.get(step=step)
    actions.undo(ticket, step, by=by(cast.bela))


def test_who_wished_so_answers_the_customer(
    cast: Cast, ticket: Ticket, told: fake.Arrived, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    keep_wish(cast.bela, ways={}, gather_minutes=60, answer=True)
    letter = answer(told)
    assert letter.reason == "agent_answered"
    ticket.refresh_from_db()
    assert ticket.status == "answered"
    clock.shift(timedelta(seconds=10))
    run_due()
    [arrived] = relay.letters
    assert arrived.rcpt == ("emil@acme.example",)
    assert "Wax it." in _text(arrived)
    assert b"secret" not in arrived.data


def test_what_is_answered_to_a_letter_of_somebody_outside_never_goes_to_the_customer(
    cast: Cast, ticket: Ticket, clock: time_machine.Traveller, relay: fake.Relay
) -> None:
    keep_wish(cast.bela, ways={"answer": ["mail"]}, gather_minutes=60, answer=True)
    maker = customer_for("zips@maker.example", "The maker")
    side = actions.forward(
        ticket, Content("Known?"), by=by(cast.bela), to=[Recipient("to", maker.value)]
    )
    clock.shift(timedelta(seconds=10))
    run_due()
    relay.letters.clear()
    actions.receive_aside(ticket, Content("It is."), by=by(maker), address=maker, side=side)
    run_due()
    clock.shift(timedelta(minutes=2))
    run_due()
    [told] = relay.letters
    assert "becomes a note on the ticket" in " ".join(_text(told).split())
    letter = answer(told, "Then send us ten.")
    assert letter.reason == "agent_noted"
    assert letter.message is not None
    assert (letter.message.kind, letter.message.text.plain) == ("note", "Then send us ten.")
    # Nor when what it told of is forgotten, or the answer does not say what it answers.
    Notice.objects.all().delete()
    assert answer(told, "And blue ones.").reason == "agent_noted"


def test_nothing_of_a_notice_comes_along_however_it_is_repeated(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    # A program that repeats without a sign, above a line of its own that nobody knows.
    whole = f"Wax it.\n\nBelow is what you got, friend!\n{_text(told)}"
    letter = answer(told, whole.replace("\n", "\r\n"))
    assert letter.state == "read"
    [text] = notes(ticket)
    assert "secret" not in text
    assert text.startswith("Wax it.")


def test_the_address_itself_is_repeated_to_nobody(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    answer(told, f"Wax it.\r\n\r\nDienaars, Lomnica <{address_in(told)}> skribis:")
    assert notes(ticket) == ["Wax it."]


def test_files_are_kept_and_shown_below(cast: Cast, ticket: Ticket, told: fake.Arrived) -> None:
    parts = "\r\n".join(
        [
            "--b",
            "Content-Type: text/plain",
            "",
            "See the picture.",
            "--b",
            'Content-Type: image/png; name="zip.png"',
            "Content-Disposition: inline; filename=zip.png",
            "Content-ID: <zip@laptop>",
            "Content-Transfer-Encoding: base64",
            "",
            "iVBORw0KGgo=",
            "--b--",
        ]
    )
    letter = answer(told, parts, "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b")
    assert letter.message is not None
    [file] = letter.message.attachments.all()
    assert (file.name, file.inline) == ("zip.png", False)


def test_the_address_is_short_signed_and_of_one_agent_and_ticket(
    cast: Cast, ticket: Ticket, box: MailBox, told: fake.Arrived
) -> None:
    address = address_in(told)
    local = address.partition("@")[0]
    assert len(local) <= 64
    assert local.startswith("help+r-")
    named = replies.ReplyAddress(cast.bela.pk, ticket.pk)
    assert replies.read(address) == replies.read(address.upper()) == named
    for forged in (
        address.replace("+r-", "+r-2"),
        f"{address[: -len('@desk.example') - 1]}a@desk.example",
        address.replace("desk.example", "elsewhere.example"),
        address.replace("help+", "other+"),
    ):
        assert forged == address or replies.read(forged) is None
    largest = replies.address_for(
        MailBox(address="helpdesk@desk.example", agents_answer="plus"), 2**63 - 1, 2**63 - 1
    )
    assert len(largest.partition("@")[0]) <= 64
    too_long = MailBox(address=f"{'x' * 45}@desk.example", agents_answer="plus")
    assert replies.address_for(too_long, 1, 1) == ""
    # A signature of another kind is none of this.
    token = ids.message_id_for(ticket.pk, 1).split("@")[0].rpartition("-")[2]
    assert replies.read(f"help+r-{cast.bela.pk}-{ticket.pk}-{token}@desk.example") is None


@pytest.mark.parametrize(
    ("mode", "host", "starts"),
    [
        ("off", "0.0.0.0:25", ""),
        ("plus", "127.0.0.1:2525", "help+r-"),
        ("domain", "127.0.0.1:2525", "r-"),
        ("auto", "127.0.0.1:2525", ""),
        ("auto", "[::1]:2525", ""),
        ("auto", "0.0.0.0:25", "help+r-"),
    ],
)
def test_a_mail_box_says_whether_notices_are_answered(
    cast: Cast, box: MailBox, mode: str, host: str, starts: str
) -> None:
    box.agents_answer = mode
    box.save()
    with override_settings(SMTP=host):
        address = replies.address_for(box, 1, 2)
        assert address.startswith(starts) if starts else address == ""
        if address:
            assert recipients.is_ours(address) is True
            box.agents_answer = "off"
            box.save()
            assert recipients.is_ours(address) is False


def test_what_decides_by_itself_offers_it_once_the_plus_is_proved(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    with fake.Relay() as relay, override_settings(RELAY=relay.url, SMTP="127.0.0.1:2525"):
        box = boxes.add_mailbox(address="desk@desk.example", department=cast.support)
        run_due()
        assert replies.address_for(box, cast.bela.pk, 1) == "", "nobody knows yet whether it comes"
        [probe] = relay.letters
        letters.keep(
            probe.data,
            source="smtp",
            peer_ip="127.0.0.1",
            mail_from="desk@desk.example",
            rcpt=list(probe.rcpt),
        )
        run_due()
        box.refresh_from_db()
        address = replies.address_for(box, cast.bela.pk, 1)
        assert address.startswith("desk+r-")
        # Tried again, it is not offered until the answer is there; what was given out is still taken.
        plus.try_out(box)
        box.refresh_from_db()
        assert replies.address_for(box, cast.bela.pk, 1) == ""
        assert recipients.is_ours(address) is True
        smtp_client.close_all()


def test_the_door_takes_genuine_addresses_only(
    cast: Cast, ticket: Ticket, box: MailBox, told: fake.Arrived
) -> None:
    address = address_in(told)
    assert recipients.is_ours(address) is True
    assert recipients.is_ours(address.replace("+r-", "+r-1")) is False
    assert recipients.is_ours("r-1-2-aaaaaaaaaaaaaaaa@desk.example") is False
    assert recipients.is_ours("help+newsletter@desk.example") is True
    box.agents_answer = "domain"
    box.save()
    assert recipients.is_ours(address) is False
    assert recipients.is_ours(replies.address_for(box, cast.bela.pk, ticket.pk)) is True


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "X-Autoreply: yes",
        "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent",
        "Precedence: bulk",
        "List-Id: <x.example>",
        "Return-Path: <>",
    ],
)
def test_what_a_machine_answers_is_nothing_and_nobody_is_told(
    cast: Cast, ticket: Ticket, told: fake.Arrived, header: str
) -> None:
    letter = answer(told, "I am on holiday.", header)
    assert letter.state == "ignored"
    assert notes(ticket) == []
    assert refusals() == []
    assert Ticket.objects.count() == 1


def test_somebody_away_whose_program_says_so_in_the_subject_only(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    raw = (
        f"From: {BELA}\r\nTo: {address_in(told)}\r\nSubject: Automatic reply: [x]\r\n"
        "Message-ID: <away@laptop.example>\r\n\r\nBack on Monday.\r\n"
    )
    letter = letters.keep(
        raw.encode(), source="smtp", mail_from="bela@desk.example", rcpt=[address_in(told)]
    )
    run_due()
    letter.refresh_from_db()
    assert (letter.state, letter.reason) == ("ignored", "auto_reply_subject")


def test_the_null_sender_and_reports_are_no_notes(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    assert answer(told, mail_from="").state == "ignored"
    report = (
        f"From: mailer-daemon@desk.example\r\nTo: {address_in(told)}\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\n"
        "Sorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
        "Final-Recipient: rfc822; bela@desk.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    letter = letters.keep(report.encode(), source="smtp", mail_from="", rcpt=[address_in(told)])
    run_due()
    letter.refresh_from_db()
    assert letter.what == "bounce"
    assert notes(ticket) == []


@pytest.mark.parametrize("sender", ["mallory@elsewhere.example", "anna@desk.example"])
def test_nobody_else_writes_by_an_agents_address(
    cast: Cast, ticket: Ticket, told: fake.Arrived, sender: str
) -> None:
    letter = answer(told, sender=sender, mail_from=sender)
    assert (letter.state, letter.reason) == ("parked", "reply_not_theirs")
    assert notes(ticket) == []
    [refusal] = refusals()
    assert refusal.account == cast.bela.account


def test_a_letter_that_fails_dmarc_is_not_taken(
    cast: Cast, ticket: Ticket, told: fake.Arrived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "_word_about", lambda _letter: Word("fail"))
    letter = answer(told)
    assert (letter.state, letter.reason) == ("parked", "reply_forged")
    assert notes(ticket) == []
    assert len(refusals()) == 1


def test_who_lost_the_right_is_told_once_why_and_the_letter_is_kept(
    cast: Cast, ticket: Ticket, told: fake.Arrived, relay: fake.Relay
) -> None:
    actions.assign(ticket, cast.anna, by=by(cast.anna))
    work_in(cast.bela, [])
    letter = answer(told)
    assert (letter.state, letter.reason, letter.ticket) == ("parked", "reply_not_allowed", ticket)
    run_due()
    [arrived] = [one for one in relay.letters if "not taken" in str(one.message["Subject"])]
    assert arrived.rcpt == ("bela@desk.example",)
    assert arrived.message["Auto-Submitted"] == "auto-replied"
    assert arrived.message["In-Reply-To"] == f"<{letter.rfc_message_id}>"
    assert "may not do that" in _text(arrived)
    assert "Nothing is lost" in _text(arrived)
    letters.read_again(letter)
    run_due()
    assert len(refusals()) == 1


def test_who_has_left_is_told_that_it_was_not_taken(
    cast: Cast, ticket: Ticket, told: fake.Arrived, relay: fake.Relay
) -> None:
    archive_agent(cast.bela)
    letter = answer(told)
    assert (letter.state, letter.reason) == ("parked", "reply_has_left")
    run_due()
    assert "no longer works here" in _text(relay.letters[-1])


def test_who_has_another_address_now_writes_from_that_one(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    change_agent(
        cast.bela,
        name="Bela Kerekes",
        email="kerekes@desk.example",
        role="agent",
        departments=[cast.support],
    )
    assert answer(told).reason == "reply_not_theirs"
    assert answer(told, sender="kerekes@desk.example").reason == "agent_noted"


def test_an_empty_answer_is_told_and_does_nothing(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    assert answer(told, "").reason == "reply_empty"
    assert notes(ticket) == []
    assert len(refusals()) == 1


def test_a_ticket_that_was_merged_takes_it_where_it_went(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    other = a_ticket(cast.support, cast.frida)
    actions.merge(ticket, other, by=by(cast.anna))
    letter = answer(told)
    assert (letter.state, letter.ticket) == ("read", other)


def test_a_deleted_ticket_takes_nothing_and_the_letter_waits(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    actions.delete(ticket, by=by(cast.anna))
    assert answer(told).reason == "reply_not_now"
    actions.purge(ticket, by=by(cast.anna))
    assert answer(told).reason == "reply_no_ticket"


def test_two_machines_that_answer_each_other_come_to_an_end(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    for _ in range(from_agents.REFUSALS + 3):
        answer(told, sender="mallory@elsewhere.example")
    assert len(refusals()) == from_agents.REFUSALS


def test_an_answer_to_a_notice_at_the_ordinary_address_is_no_customers_letter(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    letter = answer(told, to="help@desk.example")
    assert (letter.state, letter.reason) == ("parked", "reply_elsewhere")
    assert Ticket.objects.count() == 1
    assert not Message.objects.filter(text__plain__contains="Wax").exists()
    assert len(refusals()) == 1
    assert answer(told, "Away.", "Auto-Submitted: auto-replied", to="help@desk.example").state == (
        "ignored"
    )


def test_through_a_pipe_without_an_envelope_the_headers_say_it(
    cast: Cast, ticket: Ticket, told: fake.Arrived
) -> None:
    raw = (
        f"From: {BELA}\r\nTo: Desk <{address_in(told).upper()}>\r\nSubject: Re: zip\r\n"
        "Message-ID: <piped@laptop.example>\r\n\r\nWax it.\r\n"
    )
    letters.keep(raw.encode(), source="pipe")
    run_due()
    assert notes(ticket) == ["Wax it."]


def test_a_made_up_address_makes_no_ticket(cast: Cast, box: MailBox) -> None:
    raw = f"From: {BELA}\r\nTo: x@desk.example\r\nMessage-ID: <1@x.example>\r\n\r\nWax it.\r\n"
    letter = letters.keep(
        raw.encode(), source="pipe", rcpt=["help+r-1-1-aaaaaaaaaaaaaaaa@desk.example"]
    )
    run_due()
    letter.refresh_from_db()
    assert (letter.state, letter.reason) == ("parked", "reply_address_unknown")
    assert not Ticket.objects.exists()
    # A person may still want it as a ticket.
    letters.read_again(letter, anyway=True)
    run_due()
    assert Ticket.objects.count() == 1


def test_a_gathered_letter_about_several_tickets_is_not_answered_by_mail(
    cast: Cast, ticket: Ticket, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    keep_wish(cast.bela, ways={"mention": ["gathered"]}, gather_minutes=15, answer=False)
    other = a_ticket(cast.support, cast.frida)
    for one in (ticket, other):
        actions.note(one, Content("Bela?"), by=by(cast.anna), mentions=[cast.bela])
    run_due()
    clock.shift(timedelta(minutes=15))
    run_due()
    [arrived] = relay.letters
    assert arrived.message["Reply-To"] is None
    assert "Write above this line" not in _text(arrived)

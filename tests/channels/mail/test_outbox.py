"""Answers wait ten seconds, then leave by SMTP; whatever the relay does, nobody gets two letters."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import getaddresses

import pytest
import time_machine
from django.test import override_settings

from deskbell.channels.mail import ids, sending, smtp_client
from deskbell.channels.mail.boxes import add_mailbox, change_mailbox
from deskbell.channels.mail.compose import compose
from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.channels.mail.outbox import SEND_BEHIND_JOB, SEND_JOB, box_for, try_at_once
from deskbell.channels.mail.outcomes import REASONS, sentence_of
from deskbell.channels.mail.smtp_line import Patience
from deskbell.clock import now
from deskbell.errors import CannotUndo
from deskbell.people.models import Desk
from deskbell.security.secrets import seal
from deskbell.tickets import actions
from deskbell.tickets.content import Content, NewFile, Recipient
from deskbell.tickets.files import keep
from deskbell.tickets.models import Message, Ticket
from deskbell.work.jobs import BEHIND, OUTSIDE
from deskbell.work.models import Job
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again
from tests.fakes import relay as fake

pytestmark = pytest.mark.django_db

State = Delivery.State
SENDING = (SEND_JOB, SEND_BEHIND_JOB)


@pytest.fixture
def box(cast: Cast) -> MailBox:
    return MailBox.objects.create(
        address="help@desk.example", department=cast.support, name="Lomnica Outdoor"
    )


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> Iterator[fake.Relay]:
    monkeypatch.setattr(
        smtp_client, "PATIENCE", Patience(connect=1, command=1, until_dot=2, dot=1, quiet_dot=0.3)
    )
    with fake.Relay() as running, override_settings(RELAY=running.url):
        yield running
        smtp_client.close_all()


def a_letter(cast: Cast, **changes: str) -> Ticket:
    """A ticket that Emil's letter opened."""
    return actions.open_ticket(
        by=by(cast.emil),
        subject=changes.get("subject", "The zip came apart"),
        content=Content("After two nights the zip came apart."),
        department=cast.support,
        customer=cast.emil,
        channel="mail",
        message_id=changes.get("message_id", "emil-1@acme.example"),
        references=changes.get("references", ""),
        recipients=(Recipient("to", "help@desk.example", "Lomnica"),),
    )


def delivery_of(message: Message) -> Delivery:
    return Delivery.objects.get(message=message)


def after(clock: time_machine.Traveller, **span: float) -> int:
    clock.shift(timedelta(**span))
    return run_due()


def test_an_answer_waits_ten_seconds_and_then_arrives(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_letter(cast)
    message = actions.reply(ticket, Content("Send it to us, please."), by=by(cast.bela))
    after(clock, seconds=9)
    assert delivery_of(message).state == State.HELD
    assert relay.letters == []
    after(clock, seconds=1)
    sent = delivery_of(message)
    assert (sent.state, sent.code, sent.attempts, sent.reason) == (State.SENT, 250, 1, "")
    assert sent.sent_at is not None
    [letter] = relay.letters
    assert letter.mail_from == "help@desk.example"
    assert letter.rcpt == ("emil@acme.example",)
    plain, rich = letter.message.get_body(("plain",)), letter.message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert '<p dir="auto">Send it to us, please.</p>' in rich.get_content()
    *words, link = plain.get_content().splitlines()
    assert words == [
        "Send it to us, please.",
        "",
        "-- ",
        "Bela Kerekes",
        "Lomnica Outdoor",
        "",
        "See all letters on one page, and answer there:",
    ]
    assert link.startswith("http://127.0.0.1:8000/portal/")
    after(clock, days=1)
    assert len(relay.letters) == 1


def test_the_headers_keep_the_thread_together(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_letter(cast, references="older@acme.example oldest@acme.example")
    first = actions.reply(ticket, Content("First."), by=by(cast.bela))
    first.refresh_from_db()
    actions.receive(
        ticket,
        Content("And the strap."),
        by=by(cast.emil),
        address=cast.emil,
        message_id="emil-2@acme.example",
        references=f"emil-1@acme.example {first.message_id}",
    )
    actions.note(ticket, Content("He is right."), by=by(cast.bela))
    second = actions.reply(ticket, Content("Second."), by=by(cast.bela))
    after(clock, seconds=10)
    letter = relay.letters[1].message
    second.refresh_from_db()
    token = ids.token_reference(ticket.pk)
    assert letter["Message-ID"] == f"<{second.message_id}>"
    assert letter["In-Reply-To"] == "<emil-2@acme.example>"
    assert str(letter["References"]).split() == [
        f"<{one}>"
        for one in (
            token,
            "older@acme.example",
            "oldest@acme.example",
            "emil-1@acme.example",
            first.message_id,
            "emil-2@acme.example",
        )
    ]
    assert letter["Subject"] == f"Re: The zip came apart [{ticket.code}]"
    assert letter["Auto-Submitted"] is None
    assert ids.read_token(str(letter["Message-ID"])) == ids.Token(ticket.pk, second.pk)


def test_an_answer_on_a_survivor_threads_with_the_letter_that_it_answers(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    survivor = a_letter(cast)
    part = a_letter(cast, subject="The strap", message_id="emil-2@acme.example")
    actions.merge(part, survivor, by=by(cast.bela))
    actions.reply(survivor, Content("Send both to us."), by=by(cast.bela))
    after(clock, seconds=10)
    letter = relay.letters[0].message
    assert letter["In-Reply-To"] == "<emil-2@acme.example>"
    assert str(letter["References"]).split() == [
        f"<{one}>"
        for one in (
            ids.token_reference(survivor.pk),
            "emil-1@acme.example",
            "emil-2@acme.example",
        )
    ]


def test_what_is_taken_back_in_time_never_leaves_nor_is_ever_referred_to(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_letter(cast)
    first = actions.reply(ticket, Content("Wait for it."), by=by(cast.bela), then="resolved")
    after(clock, seconds=9)
    step = ticket.entries.get(kind="message.replied").step
    actions.undo(ticket, step, by=by(cast.bela))
    after(clock, seconds=60)
    assert relay.letters == [], "neither the answer nor the question"
    actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    after(clock, seconds=10)
    [letter] = relay.letters
    first.refresh_from_db()
    assert "Send it in." in letter.message.as_string()
    assert first.message_id not in str(letter.message["References"])


def test_what_has_left_is_not_taken_back(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_letter(cast)
    actions.reply(ticket, Content("Wait for it."), by=by(cast.bela))
    after(clock, seconds=10)
    assert len(relay.letters) == 1
    with pytest.raises(CannotUndo, match="already left"):
        actions.undo(ticket, ticket.entries.get(kind="message.replied").step, by=by(cast.bela))
    ticket.refresh_from_db()
    assert ticket.status == "answered"


def test_the_thread_holds_when_the_first_mail_box_is_named_in_the_middle(
    cast: Cast, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_letter(cast)
    actions.reply(ticket, Content("First."), by=by(cast.bela))
    after(clock, seconds=10)
    add_mailbox(address="help@desk.example", department=cast.support)
    actions.reply(ticket, Content("Second."), by=by(cast.bela))
    after(clock, seconds=10)
    answers = [one for one in relay.letters if one.rcpt == ("emil@acme.example",)]
    before, since = (str(one.message["References"]).split()[0] for one in answers)
    assert before == since
    assert ids.read_token(since) == ids.Token(ticket.pk)
    assert answers[1].message_id.endswith("@desk.example")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("The zip", "Re: The zip [{}]"),
        ("Re: AW: re[2]: The zip", "Re: The zip [{}]"),
        ("", "Re: [{}]"),
        ("Reise nach Rom", "Re: Reise nach Rom [{}]"),
    ],
)
def test_the_subject_stays_the_threads_own(
    cast: Cast,
    box: MailBox,
    relay: fake.Relay,
    clock: time_machine.Traveller,
    theirs: str,
    ours: str,
) -> None:
    ticket = a_letter(cast, subject=theirs)
    actions.reply(ticket, Content("Yes."), by=by(cast.bela))
    after(clock, seconds=10)
    assert relay.letters[0].message["Subject"] == ours.format(ticket.code)


def test_everybody_on_an_answer_gets_a_letter_of_the_same_id(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_letter(cast)
    message = actions.reply(
        ticket,
        Content("To all of you."),
        by=by(cast.bela),
        to=(
            Recipient("to", "emil@acme.example", "Emil Novák"),
            Recipient("cc", "frida@acme.example", "Berg, Frida"),
            Recipient("cc", "EMIL@acme.example", "again"),
            Recipient("bcc", "boss@acme.example"),
        ),
    )
    after(clock, seconds=10)
    assert sorted(letter.rcpt[0] for letter in relay.letters) == [
        "boss@acme.example",
        "emil@acme.example",
        "frida@acme.example",
    ]
    assert len({letter.message_id for letter in relay.letters}) == 1
    for letter in relay.letters:
        assert getaddresses([str(letter.message["To"])]) == [("Emil Novák", "emil@acme.example")]
        assert ("Berg, Frida", "frida@acme.example") in getaddresses([str(letter.message["Cc"])])
        assert b"boss@" not in letter.data
    message.refresh_from_db()
    assert message.message_id == relay.letters[0].message_id


def test_a_stranger_is_sent_nothing_until_an_agent_accepts_them(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_letter(cast)
    actions.receive(
        ticket,
        Content("Send me everything."),
        by=by(cast.mallory),
        address=cast.mallory,
        trust="new_sender",
    )
    both = (
        Recipient("to", "emil@acme.example"),
        Recipient("cc", cast.mallory.value),
    )
    refused = actions.reply(ticket, Content("Secret."), by=by(cast.bela), to=both)
    after(clock, seconds=10)
    assert [letter.rcpt for letter in relay.letters] == [("emil@acme.example",)]
    kept_back = Delivery.objects.get(message=refused, address=cast.mallory.value)
    assert (kept_back.state, kept_back.reason) == (State.CANCELLED, "not_accepted_yet")
    actions.accept_sender(ticket, cast.mallory, by=by(cast.bela))
    actions.reply(ticket, Content("Welcome."), by=by(cast.bela), to=both)
    after(clock, seconds=10)
    assert relay.letters[-1].rcpt == (cast.mallory.value,)


def test_the_desk_does_not_write_to_itself(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_letter(cast)
    to = (Recipient("to", "emil@acme.example"), Recipient("cc", "Help@desk.example"))
    actions.reply(ticket, Content("Hello."), by=by(cast.bela), to=to)
    after(clock, seconds=10)
    assert [letter.rcpt for letter in relay.letters] == [("emil@acme.example",)]
    assert Delivery.objects.get(reason="own_mail_box").state == State.CANCELLED


def test_files_go_with_the_answer_under_their_names(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    files = (
        NewFile("Číslo účtu.pdf", "application/pdf", keep(b"%PDF-1.7 \x00\xff")),
        NewFile("a\r\nBcc: x@y.example.txt", "text/plain; charset=x", keep(b"plain")),
        NewFile("zip.png", "image/png", keep(b"\x89PNG"), content_id="zip@desk", inline=True),
        NewFile("old.eml", "message/rfc822", keep(b"Subject: old\r\n\r\nHello")),
    )
    html = '<p>Look: <img src="cid:zip@desk"></p>'
    ticket = a_letter(cast)
    actions.reply(ticket, Content("Look.", html=html, files=files), by=by(cast.bela))
    after(clock, seconds=10)
    letter = relay.letters[0].message
    plain, rich = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert plain.get_content().splitlines()[:3] == ["Look.", "", "-- "]
    assert rich is not None
    assert html in rich.get_content()
    found = {
        part.get_filename(): (part.get_content_type(), part.get_payload(decode=True))
        for part in letter.walk()
        if part.get_filename()
    }
    assert found == {
        "Číslo účtu.pdf": ("application/pdf", b"%PDF-1.7 \x00\xff"),
        "a Bcc: x@y.example.txt": ("text/plain", b"plain"),
        "zip.png": ("image/png", b"\x89PNG"),
        "old.eml": ("application/octet-stream", b"Subject: old\r\n\r\nHello"),
    }
    picture = next(part for part in letter.walk() if part.get_filename() == "zip.png")
    assert picture["Content-ID"] == "<zip@desk>"
    assert picture.get_content_disposition() == "inline"


def test_a_relay_that_asks_for_patience_gets_it_with_growing_pauses(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    relay.plan(fake.refuse(451, "greylisted"), fake.refuse(452, "full", at="MAIL"))
    message = actions.reply(a_letter(cast), Content("Hello."), by=by(cast.bela))
    after(clock, seconds=10)
    waiting = delivery_of(message)
    assert (waiting.state, waiting.code, waiting.words) == (State.DEFERRED, 451, "greylisted")
    assert "try again" in sentence_of(waiting)
    assert "greylisted" in sentence_of(waiting)
    assert sentence_of(waiting).endswith("It is tried again in 1 minute.")
    after(clock, seconds=59)
    assert relay.transactions == 1
    after(clock, seconds=1)
    assert delivery_of(message).code == 452
    after(clock, seconds=119)
    assert relay.transactions == 2
    after(clock, seconds=1)
    assert (delivery_of(message).state, delivery_of(message).attempts) == (State.SENT, 3)
    assert len(relay.letters) == 1


def test_a_letter_refused_for_good_opens_the_ticket_again_once(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    relay.always(fake.refuse(550, "5.1.1 no such user"))
    ticket = a_letter(cast)
    to = (Recipient("to", "emil@acme.example"), Recipient("cc", "frida@acme.example"))
    message = actions.reply(ticket, Content("Hello."), by=by(cast.bela), to=to)
    assert ticket.status == "answered"
    after(clock, seconds=10)
    ticket.refresh_from_db()
    assert ticket.status == "open"
    assert {d.state for d in Delivery.objects.filter(message=message)} == {State.FAILED}
    failed = Delivery.objects.get(message=message, address="emil@acme.example")
    assert (failed.code, failed.reason) == (550, "refused_by_relay")
    assert "5.1.1 no such user" in sentence_of(failed)
    kinds = list(ticket.entries.values_list("kind", flat=True))
    assert kinds.count("delivery.failed") == 2
    after(clock, days=1)
    # Two for the answer, and one that tells Bela of it.
    assert relay.transactions == 3


def test_after_five_days_the_desk_gives_up_and_says_so(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    relay.always(fake.refuse(450, "later"))
    ticket = a_letter(cast)
    message = actions.reply(ticket, Content("Hello."), by=by(cast.bela))
    after(clock, seconds=10)
    for _ in range(60):
        if delivery_of(message).state == State.FAILED:
            break
        due = sending.due_at(delivery_of(message))
        assert due is not None
        clock.move_to(due)
        run_due()
    failed = delivery_of(message)
    assert failed.state == State.FAILED
    assert failed.first_at is not None
    passed = now() - failed.first_at
    assert timedelta(days=5) <= passed <= timedelta(days=5, hours=4)
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_a_cut_after_the_dot_is_sent_again_with_the_same_id_and_the_same_bytes(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    relay.plan(fake.DROP_AFTER_DOT, fake.DROP_IN_DATA)
    html, file = "<p>Hello.</p>", NewFile("a.bin", "application/octet-stream", keep(b"\x00\x01"))
    message = actions.reply(
        a_letter(cast), Content("Hello.", html=html, files=(file,)), by=by(cast.bela)
    )
    after(clock, seconds=10)
    assert delivery_of(message).reason == "connection_lost"
    after(clock, minutes=1)
    after(clock, minutes=2)
    assert delivery_of(message).state == State.SENT
    message.refresh_from_db()
    first, second = relay.seen
    assert first.data == second.data
    assert first.message_id == message.message_id


def test_a_relay_that_hangs_is_left_and_tried_again(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    relay.plan(fake.hang("RCPT"))
    message = actions.reply(a_letter(cast), Content("Hello."), by=by(cast.bela))
    after(clock, seconds=10)
    assert (delivery_of(message).state, delivery_of(message).reason) == (
        State.DEFERRED,
        "timed_out",
    )
    after(clock, minutes=1)
    assert delivery_of(message).state == State.SENT


def test_what_a_killed_worker_had_claimed_is_sent_when_the_claim_runs_out(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    message = actions.reply(a_letter(cast), Content("Hello."), by=by(cast.bela))
    clock.shift(timedelta(seconds=10))
    # What is left of a worker that was killed right after its claim.
    Delivery.objects.filter(message=message).update(
        state=State.QUEUED, attempts=1, next_at=now() + sending.CLAIM
    )
    run_due()
    assert relay.letters == []
    clock.shift(sending.CLAIM)
    run_due()
    assert (delivery_of(message).state, len(relay.letters)) == (State.SENT, 1)


def test_without_a_relay_nothing_is_lost_and_the_reason_is_told(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    with override_settings(RELAY=""):
        message = actions.reply(a_letter(cast), Content("Hello."), by=by(cast.bela))
        after(clock, seconds=10)
        waiting = delivery_of(message)
        assert (waiting.state, waiting.reason) == (State.DEFERRED, "no_relay")
        assert sentence_of(waiting) == str(REASONS["no_relay"])
        after(clock, days=9)
        assert delivery_of(message).state == State.DEFERRED
    after(clock, minutes=1)
    assert delivery_of(message).state == State.SENT


def test_naming_a_relay_at_the_mail_box_sends_what_waited_at_once(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    with override_settings(RELAY="smtp://127.0.0.1:9"):
        message = actions.reply(a_letter(cast), Content("Hello."), by=by(cast.bela))
        for seconds in (10, 60, 120, 300):
            after(clock, seconds=seconds)
        waiting = delivery_of(message)
        assert (waiting.state, waiting.reason) == (State.DEFERRED, "connection_refused")
        assert sentence_of(waiting).endswith("It is tried again in 10 minutes.")
        change_mailbox(box, address=box.address, department=cast.support, name="", relay=relay.url)
        run_due()
        assert delivery_of(message).state == State.SENT


def test_the_first_mail_box_sends_what_was_written_before_it(
    cast: Cast, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    with override_settings(RELAY=""):
        message = actions.reply(a_letter(cast), Content("Hello."), by=by(cast.bela))
        after(clock, seconds=10)
        assert delivery_of(message).reason == "no_relay"
        add_mailbox(address="help@desk.example", department=cast.support, relay=relay.url)
        run_due()
    assert delivery_of(message).state == State.SENT
    assert relay.letters[0].mail_from == "help@desk.example"


def test_a_start_with_another_relay_tries_at_once_but_hurries_no_recipients_server(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    relay.plan(fake.refuse(451, "greylisted"))
    greylisted = actions.reply(a_letter(cast), Content("One."), by=by(cast.bela))
    after(clock, seconds=10)
    with override_settings(RELAY=""):
        message = actions.reply(
            a_letter(cast, message_id="emil-2@acme.example"), Content("Two."), by=by(cast.bela)
        )
        after(clock, seconds=10)
    assert try_at_once() == 1
    run_due()
    assert delivery_of(message).state == State.SENT
    assert delivery_of(greylisted).state == State.DEFERRED


def test_a_mail_box_may_have_a_relay_of_its_own(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    with fake.Relay(user="help", password="secret") as own:
        box.relay = seal(own.url)
        box.save(update_fields=["relay"])
        actions.reply(a_letter(cast), Content("Hello."), by=by(cast.bela))
        after(clock, seconds=10)
        assert [letter.user for letter in own.letters] == ["help"]
        smtp_client.close_all()
    assert relay.letters == []


def test_a_relay_address_sealed_with_a_lost_key_asks_to_be_entered_again(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    box.relay = "not sealed by us"
    box.save(update_fields=["relay"])
    message = actions.reply(a_letter(cast), Content("Hello."), by=by(cast.bela))
    after(clock, seconds=10)
    assert (delivery_of(message).state, delivery_of(message).reason) == (
        State.DEFERRED,
        "relay_unreadable",
    )


def test_an_address_that_cannot_be_one_fails_at_once(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    to = (Recipient("to", "emil@acme.example\r\nRCPT TO:<x@y.example>"),)
    message = actions.reply(a_letter(cast), Content("Hello."), by=by(cast.bela), to=to)
    after(clock, seconds=10)
    assert (delivery_of(message).state, delivery_of(message).reason) == (
        State.FAILED,
        "bad_address",
    )
    assert relay.transactions == 0


def test_an_answer_leaves_from_the_box_that_was_written_to(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    MailBox.objects.create(address="a-first@desk.example", department=cast.support)
    MailBox.objects.create(address="billing@desk.example", department=cast.billing)
    ticket = a_letter(cast)
    actions.reply(ticket, Content("From help."), by=by(cast.bela))
    actions.transfer(ticket, cast.billing, by=by(cast.anna))
    actions.reply(ticket, Content("From billing."), by=by(cast.anna))
    after(clock, seconds=10)
    assert [letter.message["From"] for letter in relay.letters] == [
        "Lomnica Outdoor <help@desk.example>",
        "Lomnica Outdoor <billing@desk.example>",
    ]


@pytest.mark.parametrize(
    ("box_name", "team", "shown"),
    [("Zip doctors", "Lomnica", "Zip doctors"), ("", "Lomnica", "Lomnica"), ("", "", "Support")],
)
def test_the_senders_name_is_of_the_box_else_of_the_team_else_of_the_department(
    cast: Cast, box: MailBox, box_name: str, team: str, shown: str
) -> None:
    MailBox.objects.filter(pk=box.pk).update(name=box_name)
    Desk.objects.update(name=team)
    message = actions.reply(a_letter(cast), Content("Hello."), by=by(cast.bela))
    head = compose(delivery_of(message)).data.partition(b"\r\n\r\n")[0].decode()
    assert f"From: {shown} <help@desk.example>" in head


def test_an_answer_on_a_survivor_leaves_from_the_box_that_the_part_was_written_to(
    cast: Cast, box: MailBox
) -> None:
    other = MailBox.objects.create(address="tents@desk.example", department=cast.support)
    survivor = a_letter(cast)
    part = actions.open_ticket(
        by=by(cast.emil),
        subject="The tent",
        content=Content("It leaks."),
        department=cast.support,
        customer=cast.emil,
        channel="mail",
        recipients=(Recipient("to", "tents@desk.example"),),
    )
    assert box_for(survivor) == box
    actions.merge(part, survivor, by=by(cast.bela))
    survivor.refresh_from_db()
    assert box_for(survivor) == other


def test_a_desk_without_mail_boxes_answers_from_the_address_that_was_written_to(
    cast: Cast, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    actions.reply(a_letter(cast), Content("Hello."), by=by(cast.bela))
    after(clock, seconds=10)
    assert relay.letters[0].message["From"] == "Lomnica Outdoor <help@desk.example>"


def test_a_letter_that_comes_back_after_it_was_sent_opens_the_ticket_once(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_letter(cast)
    message = actions.reply(ticket, Content("Hello."), by=by(cast.bela))
    after(clock, seconds=10)
    assert delivery_of(message).state == State.SENT
    assert sending.fail(delivery_of(message), reason="bounced", code=None, words="user unknown")
    assert not sending.fail(delivery_of(message), reason="bounced", code=None, words="again")
    back = delivery_of(message)
    assert (back.state, back.reason, back.words) == (State.FAILED, "bounced", "user unknown")
    ticket.refresh_from_db()
    assert ticket.status == "open"
    assert ticket.entries.filter(kind="delivery.failed").count() == 1


def test_a_note_and_a_customers_letter_send_nothing(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.note(ticket, Content("Between us."), by=by(cast.bela))
    writes_again(ticket, cast.emil)
    assert not Delivery.objects.exists()
    actions.reply(ticket, Content("This leaves."), by=by(cast.bela))
    assert Delivery.objects.count() == 1


def test_no_answer_waits_behind_what_the_desk_writes_by_itself(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    actions.reply(a_letter(cast), Content("Hello."), by=by(cast.bela))
    actions.resolve(a_letter(cast), by=by(cast.anna))
    run_due()
    lanes = {
        delivery.purpose: Job.objects.get(key=str(delivery.pk), name__in=SENDING).lane
        for delivery in Delivery.objects.filter(state=State.HELD)
    }
    assert lanes == {"reply": OUTSIDE, "ask_if_solved": BEHIND}
    after(clock, seconds=10)
    assert len(relay.letters) == 2


def test_an_answer_that_is_refused_leaves_no_delivery_and_no_job(cast: Cast, box: MailBox) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    before = Job.objects.filter(name=SEND_JOB).count()
    with pytest.raises(Exception, match="may not"):
        actions.reply(ticket, Content("Hello."), by=by(cast.dora))
    assert not Delivery.objects.exists()
    assert Job.objects.filter(name=SEND_JOB).count() == before


def test_a_question_that_was_tried_before_is_withdrawn_when_the_ticket_opens_again(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_letter(cast)
    actions.resolve(ticket, by=by(cast.anna))
    run_due()
    relay.plan(fake.refuse(451, "later"))
    after(clock, seconds=10)
    assert Delivery.objects.get().state == State.DEFERRED
    writes_again(ticket, cast.emil, "It came apart again.")
    after(clock, minutes=2)
    question = Delivery.objects.get()
    assert (question.state, question.reason) == (State.CANCELLED, "no_longer_resolved")
    assert question.next_at is None
    assert relay.letters == []


def test_a_question_that_was_withdrawn_leaves_when_the_resolution_stands_again(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_letter(cast)
    actions.resolve(ticket, by=by(cast.anna))
    run_due()
    actions.delete(ticket, by=by(cast.anna))
    after(clock, seconds=10)
    assert Delivery.objects.get().state == State.CANCELLED
    actions.restore(ticket, by=by(cast.anna))
    run_due()
    assert Delivery.objects.get().state == State.HELD
    after(clock, seconds=10)
    assert Delivery.objects.get().state == State.SENT
    assert len(relay.letters) == 1


def test_nobody_is_asked_about_a_ticket_that_is_closed_by_then(
    cast: Cast, box: MailBox, relay: fake.Relay, clock: time_machine.Traveller
) -> None:
    ticket = a_letter(cast)
    actions.resolve(ticket, by=by(cast.anna))
    run_due()
    actions.close(ticket, by=by(cast.anna))
    after(clock, seconds=10)
    assert Delivery.objects.get().state == State.CANCELLED
    assert relay.letters == []

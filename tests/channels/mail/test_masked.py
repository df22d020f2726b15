"""A card number that comes by mail stands nowhere in the desk: no row, no file, no log; the letter is sealed."""

from __future__ import annotations

import smtplib
from base64 import b64encode
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test import override_settings

from deskbell.backups import shelf
from deskbell.channels.mail import blocking, ids, letters
from deskbell.channels.mail.models import Letter
from deskbell.errors import CannotUndo
from deskbell.masking import rules
from deskbell.tickets import actions
from deskbell.tickets.check import check_ticket
from deskbell.tickets.content import Content
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.tickets.thread import thread
from deskbell.work.models import Job
from deskbell.work.run import run_due, run_each_twice
from tests.cast import Cast, by, meet
from tests.channels.mail.door import an_open_door
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db(transaction=True)

CARD = "4111 1111 1111 1111"
# The number of a card in whichever way it was written, and whatever the way does to it.
TRACES = (
    "4111 1111 1111",
    "411111111111",
    "4111&nbsp;1111",
    b64encode(b"4111 1111 1111").decode(),
)
LEFT = "•••• •••• •••• 1111"


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    with override_settings(DATA=tmp_path):  # other tests leave files behind in theirs
        yield meet()


def a_letter(
    text: str, *, subject: str = "My card", mid: str = "1", answers: str = ""
) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = "Emil Novák <emil@acme.example>", "help@desk.example"
    letter["Subject"], letter["Message-ID"] = subject, f"<{mid}@acme.example>"
    if answers:
        letter["In-Reply-To"] = f"<{answers}>"
    letter.set_content(text)
    return letter


def arrives(letter: EmailMessage, *, rcpt: str = "help@desk.example") -> Letter:
    kept = letters.keep(bytes(letter), source="smtp", mail_from="emil@acme.example", rcpt=[rcpt])
    run_due()
    kept.refresh_from_db()
    return kept


def where() -> set[str]:
    """Return every column of every table, and every file of the data folder, in which a trace of the card stands."""
    found = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField | models.JSONField):
                values = model._default_manager.values_list(field.attname, flat=True)
                told = " ".join(str(value) for value in values)
                if any(trace in told for trace in TRACES):
                    found.add(f"{model.__name__}.{field.name}")
    for path in Path(settings.DATA).rglob("*"):
        if path.is_file() and any(trace.encode() in path.read_bytes() for trace in TRACES):
            found.add(path.suffix or "file")
    return found


def test_a_card_that_comes_by_smtp_stands_nowhere_and_its_letter_is_sealed(cast: Cast) -> None:
    letter = a_letter(f"Take it off my card {CARD}, 12/27.", subject=f"Card {CARD}")
    letter.add_alternative(
        "<p>Take it off my card <b>4111</b> 1111&nbsp;1111 1111, 12/27.</p>", subtype="html"
    )
    letter.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename=f"{CARD}.pdf")
    with an_open_door() as port, smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.send_message(letter, "emil@acme.example", ["help@desk.example"])
    assert where() == {".eml"}, "until it is read it waits as it came"
    run_each_twice()

    ticket, message, kept = Ticket.objects.get(), Message.objects.get(), Letter.objects.get()
    assert where() == set()
    assert message.text.plain.strip() == f"Take it off my card {LEFT}, 12/27."
    assert "<b>••••</b> ••••&nbsp;•••• 1111" in message.text.html
    assert ticket.subject.plain == message.subject == f"Card {LEFT}"
    assert message.attachments.get().name == f"{LEFT}.pdf"
    assert not letters.path_of(kept).exists()
    assert (kept.state, kept.sealed_at is not None, kept.is_masked) == ("read", True, True)
    assert check_ticket(ticket.pk) == []


def test_the_timeline_says_that_something_was_masked_and_by_which_rule(cast: Cast) -> None:
    own = rules.make(name="account", pattern="K-[0-9]+", put="K-…", by=by(cast.anna))
    arrives(a_letter(f"{CARD} and K-77, K-78"))

    ticket = Ticket.objects.get()
    told = Entry.objects.get(ticket=ticket, kind="text.masked")
    came = Entry.objects.get(ticket=ticket, kind="message.received")
    assert told.data == {
        "rules": [0, own.pk],
        "times": [1, 2],
        "message_id": came.data["message_id"],
    }
    assert told.cause == came
    sentences = [item.sentence for item in thread(ticket)]
    assert "Masked before it was kept: card number, account" in sentences
    assert ticket.messages.get().facts["masked"] == [[0, "", 1], [own.pk, "account", 2]]
    assert check_ticket(ticket.pk) == []


def test_what_a_letter_repeats_is_masked_too(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    answer = actions.reply(ticket, Content("We got it."), by=by(cast.bela))
    token = ids.message_id_for(ticket.pk, answer.pk)
    arrives(a_letter("Thanks.\n\nOn Monday Bela wrote:\n> 4111 1111 1111\n> 1111", answers=token))

    message = ticket.messages.latest("pk")
    assert "> •••• •••• ••••\n> 1111" in message.text.quoted
    assert "4111" not in message.text.quoted
    assert where() == set()


def test_a_letter_without_anything_to_mask_is_kept_as_it_came(cast: Cast) -> None:
    kept = arrives(a_letter("My order is 4111 1111 1111 1112, call +49 1512 3456783."))
    assert (kept.sealed_at, letters.path_of(kept).exists()) == (None, True)
    assert not Entry.objects.filter(kind="text.masked").exists()
    assert "masked" not in Message.objects.get().facts


def test_a_desk_may_decide_to_keep_card_numbers(cast: Cast) -> None:
    rules.mask_cards(on=False, by=by(cast.anna))
    kept = arrives(a_letter(CARD))
    assert Message.objects.get().text.plain.strip() == CARD
    assert kept.sealed_at is None
    rules.mask_cards(on=True, by=by(cast.anna))
    arrives(a_letter(f"Again {CARD}", mid="2"))
    assert Message.objects.latest("pk").text.plain.strip() == f"Again {LEFT}"


def test_a_letter_that_comes_twice_leaves_no_bytes_before_or_after_it_was_read(cast: Cast) -> None:
    raw = bytes(a_letter(CARD))
    first = letters.keep(
        raw, source="smtp", mail_from="emil@acme.example", rcpt=["help@desk.example"]
    )
    before = letters.keep(raw, source="smtp")
    run_due()
    after = letters.keep(raw, source="imap")
    run_due()
    for one in (first, before, after):
        one.refresh_from_db()
        assert (one.sealed_at is not None, one.is_masked) == (True, True)
        assert not letters.path_of(one).exists()
    assert Message.objects.count() == 1
    assert where() == set()


def test_the_bytes_of_a_sealed_letter_wait_for_a_backup_that_is_being_made(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as while_it_lasts:
        while_it_lasts.setattr(shelf, "under_way", lambda: True)
        kept = arrives(a_letter(CARD))
        assert letters.path_of(kept).exists()
        assert kept.sealed_at is not None
    Job.objects.filter(name="shred_letter").update(run_at=kept.received_at)
    run_each_twice()
    assert not letters.path_of(kept).exists()


def test_an_answer_to_a_sealed_letter_finds_its_ticket(cast: Cast) -> None:
    arrives(a_letter(CARD, mid="first"))
    [letter] = Letter.objects.all()
    assert (letter.rfc_message_id, letter.mail_from) == ("first@acme.example", "emil@acme.example")
    arrives(
        a_letter("And the tent?", subject="Something else", mid="2", answers="first@acme.example")
    )
    assert [one.ticket for one in Message.objects.order_by("pk")] == [Ticket.objects.get()] * 2


def test_words_that_are_taken_out_later_empty_the_envelope_of_a_sealed_letter(cast: Cast) -> None:
    kept = arrives(a_letter(f"{CARD} at home"))
    ticket = Ticket.objects.get()
    actions.redact_message(ticket, ticket.messages.get(), by=by(cast.anna))
    kept.refresh_from_db()
    assert (kept.mail_from, kept.rfc_message_id, kept.is_masked) == ("", "", False)
    assert kept.sealed_at is not None


def test_a_code_in_the_subject_leads_to_its_ticket_though_a_rule_covers_it(cast: Cast) -> None:
    rules.make(name="numbers", pattern="[0-9]{3}", put="…", by=by(cast.anna))
    ticket = a_ticket(cast.support, cast.emil)
    kept = arrives(a_letter("Again.", subject=f"Re: {ticket.code}"))
    assert kept.ticket == ticket
    assert ticket.code not in Message.objects.latest("pk").subject


def test_a_letter_that_makes_no_message_is_sealed_once_that_is_decided(cast: Cast) -> None:
    blocking.block("emil@acme.example", by=by(cast.anna))
    kept = arrives(a_letter(CARD))
    assert (kept.state, kept.is_masked) == ("ignored", True)
    assert not letters.path_of(kept).exists()
    letters.read_again(kept)
    kept.refresh_from_db()
    assert kept.state == "ignored", "nothing is left to read"


def test_a_letter_that_needs_a_look_keeps_its_bytes_until_it_was_looked_at(cast: Cast) -> None:
    letter = a_letter(CARD)
    del letter["From"]
    kept = letters.keep(bytes(letter), source="pipe")
    run_due()
    kept.refresh_from_db()
    assert (kept.state, kept.sealed_at, letters.path_of(kept).exists()) == ("parked", None, True)
    letters.read_again(kept, anyway=True)
    run_due()
    kept.refresh_from_db()
    assert (kept.state, kept.is_masked) == ("read", True)
    assert where() == set()


def test_a_text_too_long_to_be_shown_is_masked_in_its_file_too(cast: Cast) -> None:
    arrives(a_letter(f"{'So it goes. ' * 90_000}\n{CARD}\n"))
    message = Message.objects.get()
    file = message.attachments.get()
    assert where() == set()
    assert file.size_bytes > 1_000_000


def test_a_meeting_keeps_its_moments_and_loses_the_card_in_its_place(cast: Cast) -> None:
    letter = a_letter("See you.")
    letter.add_attachment(
        "\r\n".join(
            (
                "BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "UID:1",
                "DTSTART:20261201T100000Z", f"SUMMARY:Pay by {CARD}", f"LOCATION:{CARD}",
                "ORGANIZER;CN=Emil:mailto:emil@acme.example", "END:VEVENT", "END:VCALENDAR",
            )
        ),
        subtype="calendar",
    )  # fmt: skip
    arrives(letter)
    event = Message.objects.get().facts["invitation"]
    assert (event["place"], event["summary"]) == (LEFT, f"Pay by {LEFT}")
    assert event["starts"] == "2026-12-01T10:00:00+00:00"


def test_the_names_of_people_are_masked_and_their_addresses_are_not(cast: Cast) -> None:
    letter = a_letter("Hello.")
    del letter["From"], letter["To"]
    letter["From"] = f'"Gina {CARD}" <gina@acme.example>'
    letter["To"] = f'"{CARD}" <help@desk.example>'
    arrives(letter)
    assert where() == set()
    assert Ticket.objects.get().customer.name == f"Gina {LEFT}"  # type: ignore[union-attr]


def test_nobody_undoes_a_masking(cast: Cast) -> None:
    arrives(a_letter(CARD))
    ticket = Ticket.objects.get()
    told = Entry.objects.get(kind="text.masked")
    with pytest.raises(CannotUndo):
        actions.undo(ticket, told.step, by=by(cast.anna))

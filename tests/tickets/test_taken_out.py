"""What is taken out is gone from every row and file that held it, and the timeline still replays.

Redaction, purge and erasure are tried on real letters; their jobs run twice, in a row and at once.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test import override_settings

from deskbell.api import uploads
from deskbell.channels.mail import letters
from deskbell.channels.mail.models import Delivery, Letter
from deskbell.clock import now
from deskbell.errors import BadInput, NotAllowed
from deskbell.people.models import Address, Customer
from deskbell.tickets import actions, erasure, files
from deskbell.tickets.check import check_ticket
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.history import state_at
from deskbell.tickets.models import Message, Ticket
from deskbell.work.models import Job
from deskbell.work.run import run_due, run_each_twice
from tests.cast import Cast, by, meet
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db(transaction=True)

# The number of no card: that would be masked before anybody could take it out.
SECRET = "4111 1111 1111 1112"
NAME = "Emil Zeisig"
ADDRESS = "zeisig@acme.example"


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    with override_settings(DATA=tmp_path):  # other tests leave files behind in theirs
        yield meet()


def arrives(text: str, *, subject: str = "My card", answers: str = "", file: bytes = b"") -> None:
    letter = EmailMessage()
    letter["From"], letter["To"] = f"{NAME} <{ADDRESS}>", "help@desk.example"
    letter["Subject"], letter["Message-ID"] = subject, f"<{len(text)}.{subject[:2]}@acme.example>"
    if answers:
        letter["In-Reply-To"] = f"<{answers}>"
    letter.set_content(text)
    letter.add_alternative(f"<p>{text.replace(' ', '<b> </b>')}</p>", subtype="html")
    if file:
        letter.add_attachment(file, maintype="text", subtype="plain", filename="card.txt")
    letters.keep(bytes(letter), source="smtp", mail_from=ADDRESS, rcpt=["help@desk.example"])
    run_due()


def a_ticket_with_a_secret(cast: Cast) -> Ticket:
    """Return a ticket whose letter names a card, answered with the card quoted, and written to again."""
    arrives(f"My card is {SECRET} since May.", subject=f"Card {SECRET}", file=SECRET.encode())
    ticket = Ticket.objects.get()
    answer = Content(f"We have noted {SECRET}.", quoted=f"> My card is {SECRET} since May.")
    message = actions.reply(ticket, answer, by=by(cast.anna))
    actions.describe(ticket, by=by(cast.anna), description=f"About {SECRET}")
    actions.escalate(ticket, f"They wrote {SECRET}", by=by(cast.anna))
    message.refresh_from_db()
    arrives(f"Again: {SECRET}", answers=message.message_id)
    ticket.refresh_from_db()
    assert where(SECRET), "the search would find it"
    return ticket


def where(words: str) -> set[str]:
    """Return every column of every table, and every file of the data folder, in which the words stand."""
    found = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField | models.JSONField):
                values = model._default_manager.values_list(field.attname, flat=True)
                if any(words in str(value) for value in values):
                    found.add(f"{model.__name__}.{field.name}")
    files = (path for path in Path(settings.DATA).rglob("*") if path.is_file())
    kept = (path for path in files if {"letters", "files"} & set(path.parts))
    found |= {path.suffix or "file" for path in kept if words.encode() in path.read_bytes()}
    return found


def the_jobs_run() -> None:
    """Let every file be old enough to be shredded, and run each job twice and twice at once."""
    past = time.time() - 2 * 3600
    for path in Path(settings.DATA / "files").rglob("*"):
        os.utime(path, (past, past))
    Job.objects.exclude(name="send_delivery").update(run_at=now())
    run_each_twice()


def test_a_passage_goes_wherever_it_stands_and_all_else_stays(cast: Cast) -> None:
    ticket = a_ticket_with_a_secret(cast)
    with pytest.raises(BadInput):
        actions.redact(ticket, by=by(cast.anna), passage="stands nowhere")
    actions.redact(ticket, by=by(cast.anna), passage=SECRET)
    the_jobs_run()
    assert where(SECRET) <= {"file"}, "only the attached file is left; it goes with its message"
    first = Message.objects.order_by("pk")[0]
    assert first.text.plain.strip() == "My card is █████ since May."
    ticket.refresh_from_db()
    assert ticket.subject.plain == "Card █████"
    assert check_ticket(ticket.pk) == []


def test_a_message_goes_with_its_file_and_its_letter(cast: Cast) -> None:
    ticket = a_ticket_with_a_secret(cast)
    for message in Message.objects.filter(ticket=ticket):
        actions.redact_message(ticket, message, by=by(cast.anna))
    the_jobs_run()
    assert where(SECRET) == {"Text.plain"}, "subject, description and reason are no messages"
    assert not any(letters.path_of(letter).exists() for letter in Letter.objects.all())
    assert Letter.objects.filter(sealed_at=None).count() == 0
    assert check_ticket(ticket.pk) == []


def test_an_agent_takes_words_out_of_their_own_tickets_only(cast: Cast) -> None:
    ticket = a_ticket_with_a_secret(cast)
    with pytest.raises(NotAllowed):
        actions.redact(ticket, by=by(cast.bela), passage=SECRET)
    actions.assign(ticket, cast.bela, by=by(cast.anna))
    actions.redact(ticket, by=by(cast.bela), passage=SECRET)


def test_a_purge_leaves_no_word_and_a_timeline_that_replays(cast: Cast) -> None:
    ticket = a_ticket_with_a_secret(cast)
    was_open = now()
    actions.delete(ticket, by=by(cast.anna))
    actions.purge(ticket, by=by(cast.anna))
    the_jobs_run()
    assert where(SECRET) == set()
    assert where(ADDRESS) <= {"Address.value"}, "only the list of customers still knows them"
    assert check_ticket(ticket.pk) == []
    assert state_at(ticket, was_open).status == "open"
    assert not Delivery.objects.filter(state__in=Delivery.PENDING).exists()


def test_a_letter_that_was_sealed_does_not_come_back_by_coming_again(cast: Cast) -> None:
    ticket = a_ticket_with_a_secret(cast)
    raw = [letters.path_of(letter).read_bytes() for letter in Letter.objects.all()]
    actions.delete(ticket, by=by(cast.anna))
    actions.purge(ticket, by=by(cast.anna))
    the_jobs_run()
    for again in raw:
        letters.keep(again, source="smtp")
    the_jobs_run()
    assert where(SECRET) == set()
    assert Ticket.objects.count() == 1


def test_an_erased_customer_is_known_nowhere(cast: Cast) -> None:
    ticket = a_ticket_with_a_secret(cast)
    other = actions.open_ticket(
        by=by(cast.frida),
        subject="My tent",
        content=Content("Where is it?"),
        department=cast.support,
        customer=cast.frida,
        channel="mail",
    )
    emil = Address.objects.get(value=ADDRESS)
    actions.add_participant(other, emil, by=by(cast.anna))
    to = (Recipient("to", "frida@acme.example"), Recipient("cc", ADDRESS, NAME))
    actions.reply(other, Content("It is here."), by=by(cast.anna), to=to)
    with pytest.raises(NotAllowed):
        erasure.ask_to_erase(emil.customer, by=by(cast.bela))
    erasure.ask_to_erase(emil.customer, by=by(cast.anna))
    the_jobs_run()
    assert where(SECRET) == set()
    assert where(NAME) == set()
    assert where(ADDRESS) == set()
    assert Customer.objects.get(pk=emil.customer_id).erased_at is not None
    texts = [message.text.plain for message in Message.objects.filter(ticket=other)]
    assert texts == ["Where is it?", "It is here."], "what others said on their tickets stays"
    assert [problem for one in (ticket, other) for problem in check_ticket(one.pk)] == []


def test_a_file_that_another_message_holds_too_is_not_shredded(cast: Cast) -> None:
    ticket = a_ticket_with_a_secret(cast)
    first = Message.objects.order_by("pk")[0]
    opened = actions.split(ticket, first, by=by(cast.anna))
    actions.redact_message(ticket, first, by=by(cast.anna))
    the_jobs_run()
    assert where(SECRET) >= {"file"}
    assert SECRET in opened.messages.get().text.plain
    first.refresh_from_db()
    assert (first.text.plain, first.text.redacted_at is None) == ("", False)


def test_a_message_and_the_copy_that_was_split_off_go_one_after_the_other(cast: Cast) -> None:
    ticket = a_ticket_with_a_secret(cast)
    opened = actions.split(ticket, Message.objects.order_by("pk")[0], by=by(cast.anna))
    for one in (ticket, opened):
        actions.delete(one, by=by(cast.anna))
        actions.purge(one, by=by(cast.anna))
    the_jobs_run()
    assert where(SECRET) == set()


def test_a_passage_goes_from_the_copy_that_was_split_off_too(cast: Cast) -> None:
    ticket = a_ticket_with_a_secret(cast)
    opened = actions.split(
        ticket, Message.objects.order_by("pk")[0], by=by(cast.anna), subject="Card"
    )
    actions.redact(ticket, by=by(cast.anna), passage=SECRET)
    assert SECRET not in opened.messages.get().preview
    the_jobs_run()
    assert where(SECRET) <= {"file"}


def test_a_passage_goes_from_all_that_was_merged_however_deep(cast: Cast) -> None:
    deep = a_ticket_with_a_secret(cast)
    middle, top = (a_ticket(cast.support, cast.frida) for _ in range(2))
    actions.merge(deep, middle, by=by(cast.anna))
    actions.merge(middle, top, by=by(cast.anna))
    actions.redact(top, by=by(cast.anna), passage=SECRET)
    the_jobs_run()
    assert where(SECRET) <= {"file"}
    actions.redact_message(top, Message.objects.filter(ticket=deep)[0], by=by(cast.anna))
    the_jobs_run()
    assert where(SECRET) == set()


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p>Pin: <b>tulip 99</b></p>", "<p>Pin: <b>█████</b></p>"),
        ("<p>Pin: tulip<br>99</p>", ""),
        ("<p>Pin: tu<b>lip</b><br>99</p>", ""),
        ('<p title="tulip 99">Pin: </p>', ""),
        ("<p>Pin: tulip&nbsp;99</p>", ""),
        ("<p>Nothing of it</p>", "<p>Nothing of it</p>"),
    ],
)
def test_a_passage_hides_behind_no_tag(cast: Cast, html: str, left: str) -> None:
    ticket = actions.open_ticket(
        by=by(cast.emil),
        subject="Pin",
        content=Content("Pin: tulip\n99", html=html),
        department=cast.support,
        customer=cast.emil,
        channel="mail",
    )
    actions.redact(ticket, by=by(cast.anna), passage="tulip 99")
    text = Message.objects.get().text
    assert (text.plain, text.html) == ("Pin: █████", left)


def test_a_file_sent_ahead_with_the_same_bytes_outlives_the_message(cast: Cast) -> None:
    ticket = a_ticket_with_a_secret(cast)
    ahead = uploads.take(
        cast.bela, io.BytesIO(SECRET.encode()), name="a.txt", content_type="text/plain"
    )
    first = Message.objects.order_by("pk")[0]
    assert first.attachments.get().sha256 == ahead.sha256
    actions.redact_message(ticket, first, by=by(cast.anna))
    the_jobs_run()
    assert files.path_of(ahead.sha256).exists()
    ahead.delete()
    the_jobs_run()
    assert not files.path_of(ahead.sha256).exists()


def test_who_was_only_written_to_is_forgotten_there_too(cast: Cast) -> None:
    other = a_ticket(cast.support, cast.frida)
    to = (Recipient("to", "frida@acme.example"), Recipient("cc", "Emil@ACME.example", "Emil Novák"))
    actions.reply(other, Content("It is here."), by=by(cast.anna), to=to)
    erasure.ask_to_erase(cast.emil.customer, by=by(cast.anna))
    the_jobs_run()
    assert where("Emil@ACME.example") == where("emil@acme.example") == where("Novák") == set()


def test_a_letter_that_made_no_message_is_forgotten_too(cast: Cast) -> None:
    other = a_ticket(cast.support, cast.frida)
    away = EmailMessage()
    away["From"], away["To"] = "Emil <emil@acme.example>", "help@desk.example"
    away["Subject"], away["Message-ID"] = "Out of office", "<away@acme.example>"
    away["Auto-Submitted"] = "auto-replied"
    away.set_content(f"I am away until {SECRET}.")
    letter = letters.keep(bytes(away), source="smtp", mail_from="Emil@acme.example")
    Letter.objects.filter(pk=letter.pk).update(state="ignored", ticket=other)
    erasure.ask_to_erase(cast.emil.customer, by=by(cast.anna))
    the_jobs_run()
    assert where(SECRET) == set()
    assert where("Emil@acme.example") == set()


def test_asking_twice_leaves_one_entry(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.note(ticket, Content("A colleague's note."), by=by(cast.bela))
    for _ in range(2):
        erasure.ask_to_erase(cast.emil.customer, by=by(cast.anna))
        the_jobs_run()
    assert ticket.entries.filter(kind="customer.erased").count() == 1

"""An answer or a note that is taken back: ten seconds to do it, and its words are in the composer again."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.tickets import actions, files
from deskbell.tickets.models import Draft, DraftFile, Ticket
from deskbell.work.models import Job
from tests.cast import Cast, by
from tests.web.desk.pages import fresh, page_of, press
from tests.web.desk.test_undo import offered

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n and so on"


def sends_ahead(client: Client, ticket: Ticket, name: str, **fields: str) -> str:
    file = SimpleUploadedFile(name, PNG + name.encode(), "image/png")
    answer = client.post(f"/tickets/{ticket.code}/draft/files", {"file": file, **fields})
    return str(json.loads(answer.content)["token"])


def takes_back(client: Client, ticket: Ticket) -> str:
    """Press Undo, and return the page that one is led to."""
    answer = client.post(offered(page_of(client, ticket)), {"_method": "DELETE"})
    assert answer.status_code == 302
    return client.get(answer["Location"]).content.decode()


def test_a_letter_says_for_ten_seconds_that_it_leaves(
    clock: time_machine.Traveller, bela: Client, ticket: Ticket
) -> None:
    press(bela, ticket, "messages", text="Too early.")
    page = page_of(bela, ticket)
    assert '<desk-leaving class="ticket__undo" data-seconds="10"' in page
    assert "Leaves within ten seconds" in page, "who has no scripts reads it, too"
    clock.shift(timedelta(seconds=7, milliseconds=500))
    assert 'data-seconds="3"' in page_of(bela, ticket)
    clock.shift(timedelta(seconds=3))
    page = page_of(bela, ticket)
    assert "<desk-leaving" not in page
    assert offered(page), "until a worker has it in hand it may still be tried"
    Delivery.objects.update(state=Delivery.State.SENT, attempts=1)
    assert not offered(page_of(bela, ticket))


def test_a_note_leaves_nowhere_and_says_nothing_of_the_kind(bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "messages", text="Seen.", kind="note")
    page = page_of(bela, ticket)
    assert offered(page)
    assert "<desk-leaving" not in page


def test_an_answer_comes_back_with_everything_that_stood_in_the_form(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    shown = sends_ahead(bela, ticket, "shown.png", inline="1")
    beside = sends_ahead(bela, ticket, "beside.png")
    form = {
        "text": "",
        "html": f'<p>See <strong>here</strong>: <img src="/files/{shown}" alt="zip"></p>',
        "file": [shown, beside],
        "to": '"Novák, Emil" <emil@acme.example>',
        "cc": "frida@acme.example",
        "bcc": "gina@acme.example",
    }
    bela.post(f"/tickets/{ticket.code}/messages", form)
    page = takes_back(bela, ticket)

    kept = Draft.objects.get()
    picture, file = kept.files.all()
    assert (picture.name, picture.inline, file.name, file.inline) == (
        "shown.png",
        True,
        "beside.png",
        False,
    )
    assert kept.html == (
        f'<p>See <strong>here</strong>: <img src="/files/{picture.token}" alt="zip"></p>'
    )
    assert kept.fields == {
        "kind": ["reply"],
        "to": ['"Novák, Emil" <emil@acme.example>'],
        "cc": ["frida@acme.example"],
        "bcc": ["gina@acme.example"],
    }
    assert "gina@acme.example" in page
    assert "See here" in re.sub(r"\s+", " ", page)
    assert bela.get(f"/files/{picture.token}").status_code == 200

    # Sent again, it is whole again; and again.
    for _ in range(2):
        kept = Draft.objects.get()
        fields = {name: values[0] for name, values in kept.fields.items()}
        names = [one.token for one in kept.files.all()]
        again = {"text": kept.text, "html": kept.html, "file": names, **fields}
        bela.post(f"/tickets/{ticket.code}/messages", again)
        message = ticket.messages.filter(kind="reply").latest("id")
        assert sorted(one.name for one in message.attachments.all()) == ["beside.png", "shown.png"]
        assert message.attachments.get(inline=True).content_id in message.text.html
        assert not Draft.objects.exists()
        takes_back(bela, ticket)
    roles = ticket.messages.latest("id").recipients.values_list("role", "address")
    assert ("bcc", "gina@acme.example") in set(roles)
    for job in Job.objects.filter(name=files.SHRED_JOB):
        files.shred_file(**job.args)
    assert all(files.path_of(one.sha256).exists() for one in DraftFile.objects.all())


def test_the_address_it_left_from_is_chosen_again(cast: Cast, bela: Client, ticket: Ticket) -> None:
    for address in ("help@desk.example", "sales@desk.example"):
        MailBox.objects.create(address=address, department=cast.support)
    press(
        bela,
        ticket,
        "messages",
        text="Hello.",
        to="emil@acme.example",
        **{"from": "sales@desk.example"},
    )
    page = takes_back(bela, ticket)
    assert '<option value="sales@desk.example" selected>' in page


def test_a_note_comes_back_with_whom_it_called(cast: Cast, bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "messages", text="Look, Cecil.", kind="note", call=str(cast.cecil.pk))
    page = takes_back(bela, ticket)
    assert ">Look, Cecil.</textarea>" in page
    assert 'name="kind" value="note" checked' in page
    assert f'name="call" value="{cast.cecil.pk}" checked' in page


def test_what_was_begun_meanwhile_stands_below_it(bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "messages", text="Send <it> in.\nSoon.")
    where = f"/tickets/{ticket.code}/draft"
    bela.post(where, {"html": "<p>And <b>then</b>?</p>", "writer": "window", "version": "0"})
    page = takes_back(bela, ticket)
    kept = Draft.objects.get()
    assert kept.text == "Send <it> in.\nSoon.\n\nAnd then?"
    assert kept.html == "<p>Send &lt;it&gt; in.<br>Soon.</p><p>And <b>then</b>?</p>"
    assert "Soon." in page
    # The window in which it was begun does not write over what came back.
    late = bela.post(where, {"text": "And then? I", "writer": "window", "version": "1"})
    assert late.status_code == 409
    assert Draft.objects.get().text == kept.text


def test_what_was_begun_as_a_note_does_not_leave_with_an_answer_by_mistake(
    bela: Client, ticket: Ticket
) -> None:
    press(bela, ticket, "messages", text="Dear Emil.")
    where = f"/tickets/{ticket.code}/draft"
    bela.post(where, {"text": "He is a nuisance.", "kind": "note", "version": "0"})
    assert 'name="kind" value="note" checked' in takes_back(bela, ticket)


def test_words_for_the_customer_and_for_somebody_outside_leave_together_by_no_mistake(
    bela: Client, ticket: Ticket
) -> None:
    form = {"kind": "forward", "outside_to": "maker@mill.example"}
    press(bela, ticket, "messages", text="Is it known?", **form)
    where = f"/tickets/{ticket.code}/draft"
    bela.post(where, {"text": "Dear Emil,", "kind": "reply", "version": "0"})
    takes_back(bela, ticket)
    assert Draft.objects.get().fields["kind"] == ["note"]


def test_what_a_colleague_takes_back_is_theirs(cast: Cast, bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "messages", text="Of Bela's.")
    takes_back(bela, ticket)
    assert Draft.objects.get().agent == cast.bela


def test_a_mail_that_began_a_ticket_goes_back_to_where_tickets_begin(
    cast: Cast, bela: Client
) -> None:
    form = {
        "kind": "mail", "customer": "gina@acme.example", "name": "Gina", "subject": "Poles",
        "text": "Dear Gina,\nthey are here.", "department": str(cast.support.pk),
    }  # fmt: skip
    form |= {"cc": "Boss <boss@acme.example>", "bcc": "h@acme.example", "once": "one"}
    bela.post("/tickets/new", form)
    ticket = Ticket.objects.get(subject__plain="Poles")
    assert 'data-seconds="10"' in page_of(bela, ticket), "it counts as an answer does"
    page = takes_back(bela, ticket)
    assert fresh(ticket).status == "deleted"
    for words in ('value="gina@acme.example"', 'value="Gina"', 'value="Poles"', "they are here."):
        assert words in page
    for named in ("Boss &lt;boss@acme.example&gt;", "h@acme.example"):
        assert f'value="{named}"' in page
    again = form | {"once": Draft.objects.get().once}
    bela.post("/tickets/new", again)
    assert not Draft.objects.exists()


def test_taking_back_something_else_leaves_the_draft_alone(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    bela.post(f"/tickets/{ticket.code}/draft", {"text": "I begin.", "version": "0"})
    actions.take(ticket, by=by(cast.bela))
    takes_back(bela, ticket)
    assert (Draft.objects.get().text, Draft.objects.get().version) == ("I begin.", 1)

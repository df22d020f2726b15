"""What threads show, messages only or everything; without scripts here."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from time_machine import Traveller

from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Draft, Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn
from tests.web.desk.pages import page_of, press, refused

pytestmark = pytest.mark.django_db

ONLY = 'data-thread="messages"'


def pressed(page: str) -> list[str]:
    """Return what the switch says is shown."""
    return re.findall(r'name="shown" value="(\w+)"[^>]*aria-pressed="true"', page)


def test_who_wants_messages_only_has_them_on_every_ticket(
    cast: Cast, ticket: Ticket, bela: Client, as_: SignIn
) -> None:
    other = a_ticket(cast.support, cast.emil, subject="Poles")
    page = page_of(bela, ticket)
    assert (ONLY in page, pressed(page)) == (False, ["everything"])
    press(bela, ticket, "shown", shown="messages")
    for one in (ticket, other):
        page = page_of(bela, one)
        assert (ONLY in page, pressed(page)) == (True, ["messages"])
    assert ONLY not in page_of(as_(cast.anna), ticket)
    press(bela, other, "shown", shown="everything")
    assert ONLY not in page_of(bela, ticket)


def test_a_page_that_has_changed_by_itself_is_left_as_it_is(ticket: Ticket, bela: Client) -> None:
    answer = bela.post(
        f"/tickets/{ticket.code}/shown",
        {"shown": "messages"},
        headers={"accept": "application/json"},
    )
    assert answer.status_code == 204
    assert ONLY in page_of(bela, ticket)
    assert "messages only" in refused(bela, ticket, "shown", shown="poems")[1]


def test_what_is_being_written_stands_there_again(ticket: Ticket, bela: Client) -> None:
    assert 'form="writes"' in page_of(bela, ticket)
    written = {"text": "We look at the zip.", "kind": "note", "shown": "messages"}
    file = SimpleUploadedFile("zip.txt", b"a zip", "text/plain")
    answer = bela.post(f"/tickets/{ticket.code}/shown", {**written, "files": file})
    assert answer.status_code == 302
    page = page_of(bela, ticket)
    assert "We look at the zip." in page
    assert "zip.txt" in page
    draft = Draft.objects.get(ticket=ticket)
    assert (draft.text, draft.fields["kind"]) == ("We look at the zip.", ["note"])
    assert "shown" not in draft.fields
    assert not ticket.messages.filter(kind="note").exists()


def test_nothing_written_is_no_draft(ticket: Ticket, bela: Client) -> None:
    press(bela, ticket, "shown", shown="messages", text="", kind="reply", to="emil@acme.example")
    assert not Draft.objects.filter(ticket=ticket).exists()


def test_the_heading_of_a_day_without_messages_goes_with_its_lines(
    clock: Traveller, cast: Cast, as_: SignIn
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    clock.shift(timedelta(days=1))
    actions.take(ticket, by=by(cast.bela))
    clock.shift(timedelta(days=1))
    actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    days = re.findall(
        r'<li class="entry entry--day" ?(data-quiet)?>', page_of(as_(cast.bela), ticket)
    )
    assert days == ["", "data-quiet", ""]

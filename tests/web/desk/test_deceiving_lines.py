"""Names, subjects and file names that are made to deceive are harmless wherever they are shown or sent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deskbell.channels.mail import parse, wire
from deskbell.clock import now
from deskbell.tickets import actions
from deskbell.tickets.actions import open_ticket
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

DECEIVING = (
    "Invoice \u202efdp.exe\u2066\u200b\u2069\r\nBcc: all@acme.example\u2028\ufeff<b>bold</b> \u200f"
    + "x" * 900
)
TURNS_OR_HIDES = re.compile("[\u200b\u200e\u200f\u2028\u202a-\u202e\u2060\u2066-\u2069\ufeff\r]")


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return open_ticket(
        by=by(cast.emil),
        subject=DECEIVING,
        content=Content("Hello"),
        department=cast.support,
        customer=cast.emil,
        channel="mail",
    )


def test_a_subject_cannot_turn_the_line_around_it(cast: Cast, as_: SignIn, ticket: Ticket) -> None:
    assert ticket.subject.plain.startswith("Invoice fdp.exe Bcc: all@acme.example <b>bold</b> xxx")
    assert len(ticket.subject.plain) == 500
    bela = as_(cast.bela)
    for path in ("/", f"/tickets/{ticket.code}"):
        page = bela.get(path).content.decode()
        assert "<b>bold" not in page
        shown = [page[at.start() :][:80] for at in re.finditer("Invoice", page)]
        assert shown
        assert not TURNS_OR_HIDES.search("".join(shown))


def test_a_subject_is_described_anew_without_what_nobody_sees(cast: Cast, ticket: Ticket) -> None:
    actions.describe(ticket, by=by(cast.bela), subject="Zip\u202epiZ \u200b")
    ticket.refresh_from_db()
    assert ticket.subject.plain == "ZippiZ"


def test_words_that_join_their_letters_stay_as_they_are(cast: Cast, ticket: Ticket) -> None:
    for subject in ("می‌خواهم", "👩‍🔧 broke", "क्‍ष"):
        actions.describe(ticket, by=by(cast.bela), subject=subject)
        ticket.refresh_from_db()
        assert ticket.subject.plain == subject


def test_a_sender_and_a_file_cannot_look_like_others(tmp_path: Path) -> None:
    raw = (
        "From: \u202eecivreS\u202c \u2067<x>\u2069 <emil@acme.example>\r\nSubject: x\r\n"
        'Content-Type: application/pdf; name="bill\u202efdp.exe"\r\n\r\nx'
    )
    letter = parse.parse(raw.encode(), tmp_path).inbound
    assert not TURNS_OR_HIDES.search(letter.sender_name + letter.files[0].name)
    assert letter.files[0].name == "billfdp.exe"


def test_what_goes_out_carries_none_of_it_in_its_headers() -> None:
    letter = wire.Outgoing(
        sender=wire.Mailbox("help@desk.example", DECEIVING),
        to=(wire.Mailbox("emil@acme.example", DECEIVING),),
        subject=DECEIVING,
        date=now(),
        message_id="a@desk.example",
        text="x",
        html="",
    )
    head = wire.letter_bytes(letter).partition(b"\r\n\r\n")[0]
    assert not re.search(rb"^bcc:", head, re.IGNORECASE | re.MULTILINE)
    assert max(map(len, head.split(b"\r\n"))) <= 998

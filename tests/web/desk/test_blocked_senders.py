"""A sender who is blocked: their letters are kept, and make nothing."""

from __future__ import annotations

import pytest

from deskbell.channels.mail import blocking, letters, sealing
from deskbell.channels.mail.models import BlockedSender, Letter
from deskbell.errors import BadInput, NotAllowed
from deskbell.tickets.models import Message, Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def writes(address: str, subject: str = "Cheap watches") -> Letter:
    letter = letters.keep(
        f"From: <{address}>\r\nTo: help@desk.example\r\nSubject: {subject}\r\n\r\nBuy.\r\n".encode(),
        source="smtp",
    )
    run_due()
    letter.refresh_from_db()
    return letter


@pytest.mark.parametrize("sender", ["Mallory@Elsewhere.example", "@elsewhere.example"])
def test_what_a_blocked_sender_writes_is_kept_and_makes_nothing(cast: Cast, sender: str) -> None:
    blocking.block(sender, by=by(cast.bela))
    letter = writes("mallory@elsewhere.example")
    assert (letter.state, letter.what, letter.reason) == ("ignored", "spam", "blocked_sender")
    assert not Ticket.objects.exists()
    assert letters.path_of(letter).exists()
    assert writes("emil@acme.example").state == "read"


def test_nor_does_it_reach_a_ticket_of_theirs(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.mallory)
    blocking.block("mallory@elsewhere.example", by=by(cast.bela))
    letter = writes("mallory@elsewhere.example", f"Re: again [{ticket.code}]")
    assert letter.ticket == ticket
    assert Message.objects.filter(ticket=ticket).count() == 1


def test_one_letter_is_read_all_the_same_and_all_when_unblocked(cast: Cast, as_: SignIn) -> None:
    blocked = blocking.block("mallory@elsewhere.example", by=by(cast.bela))
    letter = writes("mallory@elsewhere.example")
    bela = as_(cast.bela)
    assert "Its sender is blocked" in bela.get(f"/letters/{letter.pk}").content.decode()
    bela.post(f"/letters/{letter.pk}/reading", {"anyway": "1"})
    run_due()
    assert Ticket.objects.count() == 1
    bela.post(f"/blocked-senders/{blocked.pk}")
    assert writes("mallory@elsewhere.example", "I am sorry").state == "read"


@pytest.mark.parametrize(
    "sender",
    [
        "mallory",
        "@",
        "@localhost",
        "a@b",
        "two@x.example, y@z.example",
        "bela@desk.example",
        "@desk.example",
    ],
)
def test_what_is_no_sender_or_ours_is_refused(cast: Cast, sender: str) -> None:
    with pytest.raises(BadInput):
        blocking.block(sender, by=by(cast.bela))


def test_light_agents_block_nobody(cast: Cast, as_: SignIn) -> None:
    with pytest.raises(NotAllowed):
        blocking.block("mallory@elsewhere.example", by=by(cast.cecil))
    assert as_(cast.cecil).get("/blocked-senders").status_code == 403


def test_from_a_ticket_it_is_spam_and_its_sender_blocked_in_one_go(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.mallory)
    bela = as_(cast.bela)
    assert "Spam, and block mallory@elsewhere.example" in bela.get(
        f"/tickets/{ticket.code}"
    ).content.decode().replace("&#39;", "'")
    form = {"block": "mallory@elsewhere.example"}
    assert bela.post(f"/tickets/{ticket.code}/spam", form).status_code == 302
    ticket.refresh_from_db()
    assert ticket.status == "spam"
    page = bela.get("/blocked-senders").content.decode()
    assert "mallory@elsewhere.example" in page
    assert "Bela Kerekes" in page


def test_an_address_of_ours_blocks_neither_itself_nor_marks_spam(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.mallory)
    bela = as_(cast.bela)
    answer = bela.post(f"/tickets/{ticket.code}/spam", {"block": "anna@desk.example"})
    assert answer.status_code == 422
    ticket.refresh_from_db()
    assert ticket.status == "new"
    assert not BlockedSender.objects.exists()


def test_who_is_forgotten_is_forgotten_here_too(cast: Cast) -> None:
    blocking.block("mallory@elsewhere.example", by=by(cast.bela))
    sealing.seal_all_of(cast.mallory.customer)
    assert not BlockedSender.objects.exists()

"""Under which name an answer comes, whether as text alone, signed by whom, and where notices are ended."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from deskbell.channels.mail.compose import compose
from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.people import own_words
from deskbell.people.models import Agent
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.fakes.relay import Arrived

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(cast: Cast) -> MailBox:
    return MailBox.objects.create(address="help@desk.example", department=cast.support)


@pytest.fixture
def ticket(cast: Cast, box: MailBox) -> Ticket:
    return a_ticket(cast.support, cast.emil)


def answered(cast: Cast, ticket: Ticket, text: str = "Send it in.", html: str = "") -> EmailMessage:
    actions.reply(ticket, Content(text, html=html), by=by(cast.bela))
    envelope = compose(Delivery.objects.select_related("sender").latest("pk"))
    return Arrived(
        envelope.mail_from, (envelope.rcpt,), envelope.data, encrypted=False, user=""
    ).message


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("choice", "name"),
    [
        ("team", "Lomnica Outdoor"),
        ("agent", "Bela Kerekes"),
        ("both", "Bela Kerekes, Lomnica Outdoor"),
    ],
)
def test_an_answer_comes_under_the_name_that_the_mail_box_chose(
    cast: Cast, box: MailBox, ticket: Ticket, choice: str, name: str
) -> None:
    MailBox.objects.filter(pk=box.pk).update(from_name=choice)
    letter = answered(cast, ticket)
    [author] = letter["From"].addresses
    assert (author.display_name, author.addr_spec) == (name, "help@desk.example")
    assert letter["Sender"] is None
    assert letter["List-Unsubscribe"] is None


def test_a_mail_box_sends_text_alone_where_the_team_prefers_that(
    cast: Cast, box: MailBox, ticket: Ticket
) -> None:
    MailBox.objects.filter(pk=box.pk).update(is_plain=True)
    letter = answered(cast, ticket, html="<p>Send it <b>in</b>.</p>")
    assert letter.get_content_type() == "text/plain"
    assert text_of(letter).startswith("Send it in.\n\n-- \nBela Kerekes\n")


def test_the_departments_words_stand_around_the_agents(cast: Cast, ticket: Ticket) -> None:
    Agent.objects.filter(pk=cast.bela.pk).update(signature="Béla\nhttps://lomnica.example/bela")
    own_words.write("answer", cast.support, "", "Dear {name|customer},\n\n{answer}\n\nWarmly")
    own_words.write("signature", None, "en", "{signature}\n\n{department} of {team}")
    letter = answered(cast, ticket, html="<p>Send it <b>in</b>.</p>")
    assert text_of(letter).startswith(
        "Dear Emil Novák,\n\nSend it in.\n\nWarmly\n\n"
        "-- \nBéla\nhttps://lomnica.example/bela\n\nSupport of Lomnica Outdoor\n"
    )
    html = text_of(letter, "html")
    dear, words, warmly, signed = (
        html.index(one)
        for one in ('<p dir="auto">Dear', "<p>Send it <b>in", "Warmly", 'class="moz-signature"')
    )
    assert dear < words < warmly < signed
    assert '<a href="https://lomnica.example/bela">' in html

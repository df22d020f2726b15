"""After a resolve the customer is asked, once, in their language, with two links that are theirs alone."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.utils import translation

from deskbell import languages
from deskbell.channels.mail import ids, sending
from deskbell.channels.mail.compose import compose
from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.notices import letters, solved_links
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again
from tests.fakes.relay import Arrived

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    MailBox.objects.create(
        address="help@desk.example", department=cast.support, name="Lomnica Outdoor"
    )
    ticket = a_ticket(cast.support, cast.emil, subject="<b>Zip</b> & Reißverschluß")
    actions.take(ticket, by=by(cast.bela))
    return ticket


def questions() -> list[Delivery]:
    return list(Delivery.objects.filter(purpose=Delivery.Purpose.ASK_IF_SOLVED).order_by("pk"))


def the_letter() -> Arrived:
    [delivery] = questions()
    envelope = compose(delivery)
    return Arrived(envelope.mail_from, (envelope.rcpt,), envelope.data, encrypted=False, user="")


def test_a_resolve_asks_the_customer_once(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    actions.resolve(ticket, by=by(cast.bela))
    run_due()
    [asked] = questions()
    assert (asked.address, asked.state, asked.message) == (
        "emil@acme.example",
        Delivery.State.HELD,
        None,
    )
    assert ids.read_token(asked.rfc_message_id) == ids.Token(ticket.pk, step=asked.entry_step)
    kinds = list(ticket.entries.values_list("kind", flat=True))
    assert kinds[-2:] == ["ticket.resolved", "resolution.asked"]
    clock.shift(timedelta(days=1))
    run_due()
    assert len(questions()) == 1


def test_a_silent_resolve_asks_nobody(cast: Cast, ticket: Ticket) -> None:
    actions.resolve(ticket, by=by(cast.bela), silent=True)
    run_due()
    assert questions() == []


def test_a_customer_who_resolves_it_themselves_is_not_asked(cast: Cast, ticket: Ticket) -> None:
    actions.resolve(ticket, by=by(cast.emil))
    run_due()
    assert questions() == []


def test_each_resolution_asks_again_with_a_letter_of_its_own(cast: Cast, ticket: Ticket) -> None:
    for _ in range(2):
        actions.resolve(ticket, by=by(cast.bela))
        run_due()
        actions.deny(ticket, by=by(cast.emil))
        run_due()
    first, second = questions()
    assert first.rfc_message_id != second.rfc_message_id


def test_a_question_is_withdrawn_when_the_ticket_opens_before_it_left(
    clock: time_machine.Traveller, cast: Cast, ticket: Ticket
) -> None:
    actions.resolve(ticket, by=by(cast.bela))
    run_due()
    writes_again(ticket, cast.emil)
    clock.shift(timedelta(seconds=10))
    run_due()
    [asked] = questions()
    assert (asked.state, asked.reason) == (Delivery.State.CANCELLED, "no_longer_resolved")


def test_the_letter_asks_in_text_and_html_with_two_links(cast: Cast, ticket: Ticket) -> None:
    actions.resolve(ticket, by=by(cast.bela))
    run_due()
    letter = the_letter().message
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Subject"] == f"Re: <b>Zip</b> & Reißverschluß [{ticket.code}]"
    assert letter["From"] == "Lomnica Outdoor <help@desk.example>"
    plain, rich = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert rich is not None
    text, html = plain.get_content(), rich.get_content()
    assert "Bela Kerekes thinks that this is solved:" in text
    assert "Hello Emil Novák," in text
    assert "<b>Zip</b> & Reißverschluß" in text
    assert "&lt;b&gt;Zip&lt;/b&gt; &amp; Reißverschluß" in html
    assert "If we hear nothing for 4 days, we close it." in text
    [yes] = re.findall(r"http://127\.0\.0\.1:8000/solved/\S+\?answer=yes", text)
    [no] = re.findall(r"http://127\.0\.0\.1:8000/solved/\S+\?answer=no", text)
    assert f'href="{yes}"' in html
    assert f'href="{no}"' in html


def test_the_letter_is_fit_for_every_mail_program(cast: Cast, ticket: Ticket) -> None:
    actions.resolve(ticket, by=by(cast.bela))
    run_due()
    rich = the_letter().message.get_body(("html",))
    assert rich is not None
    html = rich.get_content()
    for unwanted in ("<table", "<img", "<script", "url(", "@import", "http-equiv"):
        assert unwanted not in html
    assert 'name="color-scheme" content="light dark"' in html
    assert re.findall(r'(?:src|href)="(?!http://127\.0\.0\.1:8000/(?:solved|portal)/)', html) == []


@pytest.mark.parametrize(("has_texts", "spoken"), [(True, "hu"), (False, "en")])
def test_the_letter_speaks_the_customers_language_once_there_are_texts(
    cast: Cast,
    ticket: Ticket,
    monkeypatch: pytest.MonkeyPatch,
    has_texts: bool,
    spoken: str,
) -> None:
    monkeypatch.setattr(languages, "spoken", lambda: ("en", "hu") if has_texts else ("en",))
    customer = cast.emil.customer
    customer.language = "hu-HU"
    customer.save(update_fields=["language"])
    actions.resolve(ticket, by=by(cast.bela))
    run_due()
    assert translation.get_language() == "en"
    rich = the_letter().message.get_body(("html",))
    assert rich is not None
    assert f'<html lang="{spoken}" dir="ltr">' in rich.get_content()


def test_a_ticket_that_never_closes_by_itself_threatens_with_nothing(
    cast: Cast, ticket: Ticket
) -> None:
    cast.support.close_after_days = None
    cast.support.save(update_fields=["close_after_days"])
    actions.resolve(ticket, by=by(cast.bela))
    run_due()
    assert b"we close it" not in the_letter().data


def test_a_question_that_cannot_be_delivered_opens_the_ticket(cast: Cast, ticket: Ticket) -> None:
    actions.resolve(ticket, by=by(cast.bela))
    run_due()
    assert sending.fail(questions()[0], reason="refused_by_relay", code=550, words="no such user")
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_an_agents_html_travels_beside_its_text(cast: Cast, ticket: Ticket) -> None:
    message = actions.reply(ticket, Content("Hi.", html="<p>Hi &amp; bye</p>"), by=by(cast.bela))
    words = letters.answer(message, "Zip & Co")
    assert words.text == "Hi.\n\n-- \nBela Kerekes\nZip & Co\n"
    assert '<div dir="auto"><p>Hi &amp; bye</p></div>' in words.html
    assert ">Bela Kerekes<br>\nZip &amp; Co</p>" in words.html


def test_an_answer_without_formatting_is_paragraphs_as_a_person_writes_them(
    cast: Cast, ticket: Ticket
) -> None:
    text = "Hello,\n\nsee https://acme.example/a?b=1&c=2.\n<i>\n\n> Is it?\nYes."
    html = letters.answer(actions.reply(ticket, Content(text), by=by(cast.bela))).html
    assert '<p dir="auto">Hello,</p>' in html
    assert 'see <a href="https://acme.example/a?b=1&amp;c=2">https://acme.example/a?' in html
    assert "c=2</a>.<br>\n&lt;i&gt;</p>" in html
    assert re.search(r'<blockquote [^>]*><p dir="auto">Is it\?</p></blockquote>\n<p', html)


def test_a_link_is_about_one_resolution_and_cannot_be_made_up() -> None:
    token = solved_links.token(12, 7)
    assert solved_links.read(token) == solved_links.Question(12, 7)
    assert solved_links.read(token.replace("12-7", "13-7")) is None
    assert solved_links.read("12-7") is None
    assert solved_links.read("") is None
    # Signed by the same key for another purpose.
    assert solved_links.read(signing.Signer(sep=".").sign("12-7")) is None
    assert re.fullmatch(r"[\w.-]+", token)

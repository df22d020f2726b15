"""The link to a customer's page is theirs alone, on one ticket, for a season; every letter to them carries it."""

import re
from datetime import timedelta

import pytest
from django.core import signing

from deskbell import clock, languages
from deskbell.channels.mail.compose import compose
from deskbell.channels.mail.models import Delivery
from deskbell.notices import letters, portal_links
from deskbell.notices.portal_links import GOOD_FOR, Place
from deskbell.tickets import actions
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.conftest import NOON
from tests.desk import a_ticket
from tests.fakes.relay import Arrived

PLACE = Place(12, 7, NOON)
LINK = re.compile(r"http://127\.0\.0\.1:8000/portal/([\w.-]+)")


def letter_of(delivery: Delivery) -> Arrived:
    envelope = compose(delivery)
    return Arrived(envelope.mail_from, (envelope.rcpt,), envelope.data, encrypted=False, user="")


def places_in(delivery: Delivery) -> set[Place | None]:
    """Return whose pages the letter links to, in its text and in its HTML."""
    parts = [part for part in letter_of(delivery).message.walk() if not part.is_multipart()]
    found = [LINK.findall(part.get_content()) for part in parts]
    assert all(found), "each part has the link"
    return {portal_links.read(token) for tokens in found for token in tokens}


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


def test_a_link_says_whose_page_and_cannot_be_made_up() -> None:
    token = portal_links.token(PLACE)
    assert portal_links.read(token) == PLACE
    for wrong in (
        token.replace("12-7", "13-7"),
        token.replace("12-7", "12-8"),
        token[:-1],
        "12-7",
        "",
    ):
        assert portal_links.read(wrong) is None
    assert portal_links.read(signing.Signer(sep=".").sign(token.partition(".")[0])) is None
    assert re.fullmatch(r"[\w.-]+", token)


def test_a_link_is_good_for_ninety_days() -> None:
    assert PLACE.is_good(NOON + timedelta(days=90, seconds=-1))
    assert not PLACE.is_good(NOON + GOOD_FOR)


def test_of_a_cut_link_enough_is_left_to_know_whose_it_was() -> None:
    token = portal_links.token(PLACE)
    body = token.partition(".")[0]
    for rest in (token[:-1], token + ">", token[: len(body) + 9]):
        assert portal_links.recover(rest) == PLACE
    for rest in (token[: len(body) + 8], body, body + ".AAAAAAAAAAAA", "", "..", "é.éééééééé"):
        assert portal_links.recover(rest) is None


@pytest.mark.django_db
def test_every_recipient_of_an_answer_gets_a_link_of_their_own(cast: Cast, ticket: Ticket) -> None:
    actions.add_participant(ticket, cast.frida, by=by(cast.anna))
    message = actions.reply(ticket, Content("Hi.", html="<p>Hi.</p>"), by=by(cast.bela))
    found = {one.address: places_in(one) for one in Delivery.objects.all()}
    at = message.sent_at.replace(microsecond=0)
    assert found == {
        "emil@acme.example": {Place(ticket.pk, cast.emil.pk, at)},
        "frida@acme.example": {Place(ticket.pk, cast.frida.pk, at)},
    }


@pytest.mark.django_db
def test_who_is_written_to_without_taking_part_gets_no_link(cast: Cast, ticket: Ticket) -> None:
    to = (Recipient("to", "emil@acme.example"), Recipient("cc", "boss@elsewhere.example"))
    actions.reply(ticket, Content("Hi."), by=by(cast.bela), to=to)
    boss = Delivery.objects.get(address="boss@elsewhere.example")
    assert b"/portal/" not in compose(boss).data


@pytest.mark.django_db
def test_the_question_has_the_link_too(cast: Cast, ticket: Ticket) -> None:
    actions.resolve(ticket, by=by(cast.anna))
    run_due()
    asked = Delivery.objects.get(purpose=Delivery.Purpose.ASK_IF_SOLVED)
    [place] = places_in(asked)
    assert place is not None
    assert (place.ticket_id, place.address_id) == (ticket.pk, cast.emil.pk)


@pytest.mark.django_db
def test_the_same_letter_has_the_same_link_whenever_it_is_tried(cast: Cast, ticket: Ticket) -> None:
    actions.reply(ticket, Content("Hi."), by=by(cast.bela))
    delivery = Delivery.objects.get()
    assert compose(delivery).data == compose(delivery).data


@pytest.mark.django_db
def test_the_line_speaks_the_recipients_language(
    cast: Cast, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "spoken", lambda: ("en", "hu"))
    cast.emil.customer.language = "hu"
    cast.emil.customer.save(update_fields=["language"])
    actions.reply(ticket, Content("Hi.", html="<p>Hi.</p>"), by=by(cast.bela))
    rich = letter_of(Delivery.objects.get()).message.get_body(("html",))
    assert rich is not None
    assert '<html lang="hu" dir="ltr">' in rich.get_content()


@pytest.mark.django_db
def test_a_fresh_link_is_mailed_at_once_and_only_to_whom_it_belongs(
    cast: Cast, ticket: Ticket
) -> None:
    entry = actions.ask_for_portal(ticket, cast.emil, by=by(cast.emil))
    delivery = Delivery.objects.get()
    assert (delivery.purpose, delivery.address) == ("portal", "emil@acme.example")
    assert delivery.hold_until is not None
    assert delivery.hold_until <= clock.now()
    assert places_in(delivery) == {Place(ticket.pk, cast.emil.pk, entry.at.replace(microsecond=0))}
    assert "Auto-Submitted" in letter_of(delivery).message


@pytest.mark.django_db
def test_a_fresh_link_for_somebody_who_left_meanwhile_says_so(cast: Cast, ticket: Ticket) -> None:
    words = letters.portal(ticket, "Lomnica Outdoor", "Emil", "")
    assert "you take part in this no longer" in words.text
    assert "/portal/" not in words.text + words.html

"""What a canned answer says for a ticket: in which language, and with what in its places."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deskbell.knowledge import filling
from deskbell.knowledge.filling import About, Filled, about_ticket
from deskbell.knowledge.models import CannedText
from deskbell.people.models import Customer, Desk
from deskbell.tickets import actions
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again

CZECH = "Dobrý den, prosím vás, co mám dělat, aby zip nebyl rozbitý? Děkuji, ale je to pro mě moc."


def _said(texts: list[CannedText], wishes: list[str]) -> str:
    found = filling.in_language(texts, wishes)
    return found.plain if found else ""


def test_it_speaks_the_first_language_that_it_can() -> None:
    texts = [CannedText(language="en", plain="Hello"), CannedText(language="cs", plain="Ahoj")]
    assert _said(texts, ["cs", "en"]) == "Ahoj"
    assert _said(texts, ["lv", "en"]) == "Hello"
    assert _said(texts, ["lv"]) == "Hello"
    assert _said([], ["en"]) == ""


def test_a_customer_is_answered_in_their_language_else_in_that_of_the_desk(cast: Cast) -> None:
    Desk.objects.update(language="hu")
    ticket = a_ticket(cast.support, cast.emil)
    assert about_ticket(ticket).languages == ["hu"]
    Customer.objects.filter(pk=cast.emil.customer_id).update(language="nl-BE")
    ticket.refresh_from_db()
    assert about_ticket(ticket).languages == ["nl", "hu"]


def test_whose_language_nobody_set_is_answered_in_that_of_their_last_words(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    writes_again(ticket, cast.emil, CZECH)
    ticket.refresh_from_db()
    assert about_ticket(ticket).languages == ["cs", "en"]
    writes_again(ticket, cast.emil, "Díky!")  # which tells nothing
    assert about_ticket(ticket).languages == ["cs", "en"]
    for _ in range(5):
        writes_again(ticket, cast.emil, "Díky!")
    assert about_ticket(ticket).languages == ["en"]


def test_the_last_words_may_have_been_said_on_a_part(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    part = a_ticket(cast.support, cast.emil, text=CZECH)
    actions.merge(part, ticket, by=by(cast.bela))
    ticket.refresh_from_db()
    assert filling.last_words(ticket) == CZECH
    assert about_ticket(ticket).languages == ["cs", "en"]


def test_its_places_are_filled_for_the_ticket(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    plain = "Dear {first_name|customer},\nyour ticket is {code}."
    said = filling.fill(plain, "<p>Dear {name}</p>", "en", about_ticket(ticket), cast.bela)
    assert said == Filled(
        f"Dear Emil,\nyour ticket is {ticket.code}.", "<p>Dear Emil Novák</p>", "en"
    )


def test_where_nothing_is_known_stands_what_was_written_for_that(cast: Cast) -> None:
    said = filling.fill(
        "Dear {first_name|customer} of {company|yours}", "", "en", About(), cast.bela
    )
    assert said.plain == "Dear customer of yours"


def test_what_a_customer_calls_themselves_is_never_more_than_words(cast: Cast) -> None:
    about = About(name="<b onclick=x>{code}</b>", code="ABC")
    said = filling.fill("{name}", "<p>{name}</p>", "en", about, cast.bela)
    assert said.html == "<p>&lt;b onclick=x&gt;{code}&lt;/b&gt;</p>"
    assert said.plain == "<b onclick=x>{code}</b>"


def test_every_place_has_a_value(cast: Cast) -> None:
    values = filling.values_for(about_ticket(a_ticket(cast.support, cast.emil)), cast.bela, "en")
    assert tuple(values) == filling.PLACES
    assert (values["company"], values["team"]) == ("Acme", "Lomnica Outdoor")


@pytest.mark.parametrize(
    ("language", "said"), [("en", "2 Mar 2026, 13:05"), ("cs", "2. 3. 2026, 13:05")]
)
def test_when_it_is_due_is_told_in_the_language_and_the_zone_of_the_desk(
    cast: Cast, language: str, said: str
) -> None:
    Desk.objects.update(time_zone="Europe/Prague")
    about = About(due_at=datetime(2026, 3, 2, 12, 5, tzinfo=UTC))
    assert filling.values_for(about, cast.bela, language)["due"].replace("\xa0", " ") == said


@pytest.mark.parametrize(
    ("name", "language", "first"),
    [
        ("Emil Novák", "en", "Emil"),
        ("Novák, Emil Jan", "en", "Emil"),
        ("Kerekes Béla", "hu", "Béla"),
        ("Kerekes, Béla", "hu", "Béla"),
        ("Acme,", "en", "Acme,"),
        ("Emil", "en", "Emil"),
        ("emil@acme.example", "en", ""),
        ("", "en", ""),
    ],
)
def test_the_first_name_out_of_a_whole_one(name: str, language: str, first: str) -> None:
    assert filling.first_name(name, language) == first.removesuffix(",")

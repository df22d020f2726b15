"""Which canned answers are offered to whom, by what they type and by what the customer says."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deskbell.knowledge import canned, offers, uses
from deskbell.knowledge.canned import Said, Wanted
from deskbell.knowledge.filling import About, about_ticket
from deskbell.people.models import Agent
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket


def _make(cast: Cast, name: str, text: str, short: str = "") -> int:
    wanted = Wanted(name, {"en": Said(text)}, abbreviation=short)
    return canned.make(wanted, by=by(cast.anna)).pk


def _offered(agent: Agent, typed: str = "", ticket: Ticket | None = None) -> list[str]:
    about = about_ticket(ticket) if ticket else About()
    return [one.answer.name for one in offers.offered(by(agent), typed, ticket, about)]


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


def test_what_is_typed_narrows_by_name_abbreviation_and_text(cast: Cast) -> None:
    _make(cast, "Return label", "Stick it on the parcel.", short="ret")
    _make(cast, "Broken zip", "Send in the tent, we return it soon.")
    _make(cast, "Reklamační řád", "Práva kupujícího.")
    assert _offered(cast.bela, "ret") == ["Return label", "Broken zip"]
    assert _offered(cast.bela, "zip tent") == ["Broken zip"]
    assert _offered(cast.bela, "RÁD") == ["Reklamační řád"]
    assert _offered(cast.bela, "rad") == ["Reklamační řád"]
    assert _offered(cast.bela, "quux") == []


def test_what_is_typed_stands_at_the_beginning_of_a_word(cast: Cast) -> None:
    _make(cast, "Return label", "Stick it on the parcel.")
    assert _offered(cast.bela, "abel") == []
    assert _offered(cast.bela, "parc lab") == ["Return label"]
    # The stems by which it is found as well are no words of it.
    assert _offered(cast.bela, "en") == []
    assert _offered(cast.bela, "·en") == []


def test_with_nothing_typed_what_fits_the_ticket_stands_first(cast: Cast, ticket: Ticket) -> None:
    _make(cast, "Address", "We live in Poprad.")
    _make(cast, "Sewing", "We sew in another zip.")
    assert _offered(cast.bela, "", ticket) == ["Sewing", "Address"]
    found = offers.fitting(by(cast.bela), ticket, about_ticket(ticket))
    assert [one.because for one in found] == [("zip",)]


def test_greetings_and_thanks_make_nothing_fit(cast: Cast) -> None:
    _make(cast, "Refund", "Kedves ügyfelünk! A pénzt visszautaljuk.\nÜdvözlettel")
    _make(cast, "Hours", "Dear customer,\nwe open at nine.\nBest regards")
    ticket = a_ticket(
        cast.support,
        cast.emil,
        subject="Sátor",
        text="Kedves bolt, elszakadt a sátor. Üdvözlettel, best regards",
    )
    assert offers.fitting(by(cast.bela), ticket, about_ticket(ticket)) == []


def test_another_form_of_a_word_fits_as_well(cast: Cast) -> None:
    answer = _make(cast, "Sewing", "Broken zippers are replaced.")
    ticket = a_ticket(cast.support, cast.emil, subject="My zipper broke", text="It does not close.")
    found = offers.fitting(by(cast.bela), ticket, about_ticket(ticket))
    assert [(one.answer_id, one.because) for one in found] == [(answer, ("zipper",))]


def test_what_is_not_for_them_is_not_offered(cast: Cast, ticket: Ticket) -> None:
    canned.make(
        Wanted("Billing zip", {"en": Said("The zip.")}, department=cast.billing), by=by(cast.anna)
    )
    canned.make(Wanted("Own zip", {"en": Said("The zip.")}, owner=cast.dora), by=by(cast.dora))
    assert _offered(cast.bela, "zip") == []
    assert _offered(cast.bela, "", ticket) == []
    assert _offered(cast.dora, "zip") == ["Billing zip", "Own zip"]


def test_what_answered_tickets_of_the_same_tag_fits_without_a_shared_word(
    cast: Cast, ticket: Ticket
) -> None:
    answer = _make(cast, "Warranty", "Three years from the day of purchase.")
    for _again in range(2):
        earlier = a_ticket(cast.support, cast.emil)
        actions.tag(earlier, add=["warranty"], by=by(cast.bela))
        sent = actions.reply(
            earlier, Content("Three years from the day of purchase."), by=by(cast.bela)
        )
        uses.count([answer], sent, by=by(cast.bela))
    assert offers.fitting(by(cast.bela), ticket, about_ticket(ticket)) == []
    actions.tag(ticket, add=["warranty"], by=by(cast.bela))
    found = offers.fitting(by(cast.bela), ticket, about_ticket(ticket))
    assert [(one.answer_id, one.because, one.tagged) for one in found] == [(answer, (), 2)]


def test_what_fits_costs_the_same_queries_for_one_answer_as_for_many(
    cast: Cast, ticket: Ticket
) -> None:
    about, counted = about_ticket(ticket), []
    for many in (1, 40):
        for number in range(many):
            _make(cast, f"Zip {number}", f"zip rare{number}")
        with CaptureQueriesContext(connection) as asked:
            offers.fitting(by(cast.bela), ticket, about)
        counted.append(len(asked))
    assert counted[0] == counted[1] < 8


def test_what_is_filled_in_is_no_word_of_an_answer(cast: Cast) -> None:
    _make(cast, "Thanks", "Dear {first_name|customer}, thanks.")
    assert _offered(cast.bela, "customer") == []


def test_words_that_everybody_says_tell_nothing_apart() -> None:
    keys = offers.keys_of("Please have you the zippers of it 12")
    assert set(keys.values()) == {"zippers"}
    assert {"zippers", "zipper"} <= keys.keys()

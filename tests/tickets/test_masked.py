"""Whatever somebody outside says is masked, by whichever way it comes; what agents write in the desk stays."""

from __future__ import annotations

import pytest

from deskbell.masking import rules
from deskbell.search.models import Document
from deskbell.tickets import actions
from deskbell.tickets.check import check_ticket
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Entry, Message, Text, Ticket
from deskbell.tickets.replay import replay
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again

pytestmark = pytest.mark.django_db

CARD, LEFT = "4111 1111 1111 1111", "•••• •••• •••• 1111"


def masked_on(ticket: Ticket) -> list[dict[str, object]]:
    return [entry.data for entry in Entry.objects.filter(ticket=ticket, kind="text.masked")]


def test_a_ticket_begins_without_the_card_in_subject_words_and_search(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil, subject=f"Card {CARD}", text=f"It is {CARD}.")
    message = ticket.messages.get()
    assert (ticket.subject.plain, message.text.plain) == (f"Card {LEFT}", f"It is {LEFT}.")
    assert message.preview == f"It is {LEFT}."
    assert masked_on(ticket) == [{"rules": [0], "times": [2], "message_id": message.pk}]
    assert not any("4111" in one.words for one in Document.objects.all())
    assert check_ticket(ticket.pk) == []


def test_whoever_writes_again_leaves_no_card_and_the_state_is_as_without_it(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    came = writes_again(ticket, cast.emil, f"Then {CARD}.")
    assert came.message.text.plain == f"Then {LEFT}."
    ticket.refresh_from_db()
    assert ticket.last_message_id == came.message.pk
    assert replay(ticket).status == "new"
    assert check_ticket(ticket.pk) == []


def test_the_same_form_sent_twice_is_one_message_though_it_was_masked(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    for _ in range(2):
        actions.receive(
            ticket, Content(CARD), by=by(cast.emil), address=cast.emil, channel="portal", once="x"
        )
    assert ticket.messages.filter(text__plain=LEFT).count() == 1


def test_what_an_outsider_answers_is_masked(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    asked = actions.forward(
        ticket, Content("Known?"), by=by(cast.bela), to=[Recipient("to", "gina@maker.example")]
    )
    said = actions.receive_aside(
        ticket, Content(CARD), by=by(cast.mallory), address=cast.mallory, side=asked, subject=CARD
    )
    assert (said.text.plain, said.subject) == (LEFT, LEFT)
    assert len(masked_on(ticket)) == 1


def test_what_a_customer_says_with_their_no_and_in_rating_is_masked(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.resolve(ticket, by=by(cast.anna), silent=True)
    actions.rate(ticket, by=by(cast.emil), score="good", words=f"Take {CARD}")
    assert actions.rate(ticket, by=by(cast.emil), score="good", words=f"Take {CARD}") is None
    actions.deny(ticket, by=by(cast.emil), comment=f"No: {CARD}")
    words = set(Text.objects.values_list("plain", flat=True))
    assert {f"Take {LEFT}", f"No: {LEFT}"} <= words
    assert not any(CARD in one for one in words)
    assert [one["message_id"] is None for one in masked_on(ticket)] == [True, False]
    assert check_ticket(ticket.pk) == []


def test_what_an_agent_writes_in_the_desk_stays_as_it_is(cast: Cast) -> None:
    rules.make(name="account", pattern="HU[0-9]+", put="HU…", by=by(cast.anna))
    ticket = a_ticket(cast.support, cast.emil)
    message = actions.reply(ticket, Content("Pay to HU4211773016."), by=by(cast.bela))
    assert message.text.plain == "Pay to HU4211773016."
    assert masked_on(ticket) == []


def test_a_message_that_was_masked_begins_a_ticket_of_its_own_as_it_is(cast: Cast) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    came = writes_again(ticket, cast.emil, CARD)
    opened = actions.split(ticket, came.message, by=by(cast.bela))
    assert Message.objects.get(ticket=opened).facts["masked"] == [[0, "", 1]]
    assert check_ticket(opened.pk) == []

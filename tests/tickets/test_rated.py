"""Customers say what they think of an answer and of the solution, change their mind, and take their words along."""

import pytest

from deskbell.errors import BadInput, MergedAway, NotAllowed, WrongStatus
from deskbell.tickets import actions, erasure, ratings
from deskbell.tickets.content import Content
from deskbell.tickets.models import Message, Text, Ticket
from deskbell.tickets.state import Rating, state_of
from deskbell.tickets.thread import thread
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


@pytest.fixture
def answer(cast: Cast, ticket: Ticket) -> Message:
    return actions.reply(ticket, Content("Send it in."), by=by(cast.bela))


def lines(ticket: Ticket) -> list[tuple[str, dict[str, str]]]:
    """Return the quiet lines about ratings, with their words."""
    return [
        (item.sentence, item.document)
        for item in thread(ticket)
        if item.kind in ("ticket.rated", "answer.rated")
    ]


def test_an_answer_is_rated_and_the_agent_reads_it_in_the_thread(
    cast: Cast, ticket: Ticket, answer: Message
) -> None:
    actions.rate_answer(ticket, answer, by=by(cast.emil), score="good", words="  Quick! ")
    assert lines(ticket) == [("Emil Novák found an answer good", {"text": "Quick!"})]
    assert ratings.of_messages([answer])[answer.pk].words == "Quick!"
    assert ticket.status == "answered"


def test_the_solution_is_rated_and_who_changes_their_mind_is_heard(
    cast: Cast, ticket: Ticket
) -> None:
    with pytest.raises(BadInput, match="no solution yet"):
        actions.rate(ticket, by=by(cast.emil), score="good")
    actions.resolve(ticket, by=by(cast.anna))
    resolved = state_of(ticket).resolved_step
    first = actions.rate(ticket, by=by(cast.emil), score="good")
    assert first is not None
    assert first.data["resolved_step"] == resolved
    assert actions.rate(ticket, by=by(cast.emil), score="good") is None, "nothing new"
    actions.deny(ticket, by=by(cast.emil))
    again = actions.rate(ticket, by=by(cast.emil), score="bad", words="It came apart again.")
    assert again is not None
    state = state_of(ticket)
    assert state.ratings == (Rating(None, "bad", again.data["text_id"], again.step),)
    assert [said for said, _ in lines(ticket)] == [
        "Emil Novák is satisfied with the solution",
        "Emil Novák is not satisfied with the solution",
    ]
    assert ratings.of_tickets([ticket])[ticket.pk].words == "It came apart again."


def test_only_the_customer_rates(cast: Cast, ticket: Ticket, answer: Message) -> None:
    for somebody in (cast.frida, cast.mallory, cast.anna):
        with pytest.raises(NotAllowed):
            actions.rate_answer(ticket, answer, by=by(somebody), score="good")


def test_what_is_no_answer_of_the_ticket_is_not_rated(
    cast: Cast, ticket: Ticket, answer: Message
) -> None:
    actions.undo(ticket, ticket.entries.get(kind="message.replied").step, by=by(cast.bela))
    note = actions.note(ticket, Content("Hm."), by=by(cast.bela))
    other = actions.reply(a_ticket(cast.support, cast.emil), Content("Hi."), by=by(cast.bela))
    letter = Message.objects.filter(ticket=ticket).earliest("pk")
    answer.refresh_from_db()
    for message in (note, other, letter, answer):
        with pytest.raises(BadInput):
            actions.rate_answer(ticket, message, by=by(cast.emil), score="good")


def test_a_fourth_face_there_is_not(cast: Cast, ticket: Ticket, answer: Message) -> None:
    with pytest.raises(BadInput, match="three faces"):
        actions.rate_answer(ticket, answer, by=by(cast.emil), score="<b>")


def test_what_is_hidden_is_not_rated(cast: Cast, ticket: Ticket, answer: Message) -> None:
    actions.spam(ticket, by=by(cast.anna))
    with pytest.raises(WrongStatus):
        actions.rate_answer(ticket, answer, by=by(cast.emil), score="good")


def test_an_answer_of_a_part_is_rated_on_the_survivor(
    cast: Cast, ticket: Ticket, answer: Message
) -> None:
    survivor = a_ticket(cast.support, cast.emil)
    actions.rate_answer(ticket, answer, by=by(cast.emil), score="good")
    actions.merge(ticket, survivor, by=by(cast.anna))
    with pytest.raises(MergedAway):
        actions.rate_answer(ticket, answer, by=by(cast.emil), score="bad")
    actions.rate_answer(survivor, answer, by=by(cast.emil), score="bad")
    assert ratings.of_messages([answer])[answer.pk].score == "bad"


def test_the_words_go_with_a_purge_and_the_faces_stay(
    cast: Cast, ticket: Ticket, answer: Message
) -> None:
    actions.rate_answer(ticket, answer, by=by(cast.emil), score="bad", words="Tulip 99")
    actions.delete(ticket, by=by(cast.anna))
    actions.purge(ticket, by=by(cast.anna))
    assert not Text.objects.filter(plain__contains="Tulip").exists()
    assert state_of(ticket).ratings[0].score == "bad"


def test_a_passage_goes_from_the_words_of_a_rating_too(
    cast: Cast, ticket: Ticket, answer: Message
) -> None:
    actions.rate_answer(ticket, answer, by=by(cast.emil), score="bad", words="Pin: Tulip 99")
    actions.redact(ticket, by=by(cast.anna), passage="Tulip 99")
    assert ratings.of_messages([answer])[answer.pk].words == "Pin: █████"


def test_words_about_a_message_go_with_the_message(
    cast: Cast, ticket: Ticket, answer: Message
) -> None:
    actions.rate_answer(ticket, answer, by=by(cast.emil), score="bad", words="Pin: Tulip 99")
    actions.redact_message(ticket, answer, by=by(cast.anna))
    rated = ratings.of_messages([answer])[answer.pk]
    assert (rated.score, rated.words) == ("bad", "")


def test_who_is_erased_is_erased_where_they_rated_a_ticket_that_was_theirs(
    cast: Cast, ticket: Ticket, answer: Message
) -> None:
    actions.rate_answer(ticket, answer, by=by(cast.emil), score="bad", words="Tulip 99")
    actions.change_customer(ticket, cast.frida, by=by(cast.anna))
    for customer in (cast.emil.customer, cast.frida.customer):
        erasure.ask_to_erase(customer, by=by(cast.anna))
        run_due()
        assert not Text.objects.filter(plain__contains="Tulip").exists()

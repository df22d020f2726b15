"""An answer that did not reach somebody is sent once more: to the address as it should have been."""

from __future__ import annotations

import pytest

from deskbell.channels.mail import boxes, sending
from deskbell.channels.mail.models import Delivery
from deskbell.errors import BadInput, NotAllowed
from deskbell.people.customers import customer_for
from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.actions.reply import usual_recipients
from deskbell.tickets.content import Content
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.state import state_of
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again
from tests.web.conftest import SignIn, as_

__all__ = ["as_"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """A ticket whose answer came back."""
    boxes.add_mailbox(address="help@desk.example", department=cast.support)
    ticket = a_ticket(cast.support, cast.emil)
    actions.reply(ticket, Content("Try wax."), by=by(cast.bela))
    [delivery] = Delivery.objects.filter(purpose="reply")
    Delivery.objects.update(state="sent")
    sending.fail(delivery, reason="mailbox_unknown", code=None, words="no such user")
    ticket.refresh_from_db()
    assert ticket.status == "open"
    return ticket


def answer_on(ticket: Ticket) -> Message:
    return ticket.messages.get(kind="reply")


def test_it_leaves_again_for_the_right_address_as_the_same_letter(
    cast: Cast, ticket: Ticket
) -> None:
    right = customer_for("emil.novak@acme.example", "Emil Novák")
    actions.send_on(ticket, answer_on(ticket), right, by=by(cast.bela))
    failed, again = Delivery.objects.filter(purpose="reply").order_by("id")
    assert (again.address, again.state) == ("emil.novak@acme.example", "held")
    assert again.rfc_message_id == failed.rfc_message_id
    assert ticket.status == "answered"
    # What they answer is theirs to say.
    party = state_of(ticket).party(right.pk)
    assert party is not None
    assert party.accepted


def test_the_right_address_is_the_customers_from_now_on(
    cast: Cast, ticket: Ticket, as_: SignIn
) -> None:
    bela = as_(cast.bela)
    where = f"/tickets/{ticket.code}/messages/{answer_on(ticket).pk}/sent-on"
    form = {"address": "Emil.Novak@acme.example", "instead_of": "emil@acme.example"}
    bela.post(where, form | {"theirs": "yes"})
    ticket.refresh_from_db()
    assert [one.address for one in usual_recipients(ticket)] == ["emil.novak@acme.example"]
    assert ticket.customer == cast.emil.customer
    received = writes_again(ticket, known(ticket), "Thank you.")
    assert received.ticket == ticket


def known(ticket: Ticket) -> Address:
    party = state_of(ticket).customer_party
    assert party is not None
    return Address.objects.get(pk=party.address_id)


def test_a_colleague_who_is_copied_in_is_put_right_as_well(cast: Cast, ticket: Ticket) -> None:
    actions.add_participant(ticket, cast.frida, by=by(cast.bela))
    right = customer_for("frida.berg@acme.example", "Frida Berg")
    actions.send_on(ticket, answer_on(ticket), right, by=by(cast.bela), instead_of=cast.frida)
    assert [one.address for one in usual_recipients(ticket)] == [
        "emil@acme.example",
        "frida.berg@acme.example",
    ]


def test_it_leaves_again_for_the_same_address(cast: Cast, ticket: Ticket) -> None:
    actions.send_on(ticket, answer_on(ticket), cast.emil, by=by(cast.bela))
    assert [one.state for one in Delivery.objects.filter(purpose="reply").order_by("id")] == [
        "failed",
        "held",
    ]
    assert answer_on(ticket).recipients.count() == 1


def test_a_second_failure_opens_the_ticket_no_second_time(cast: Cast, ticket: Ticket) -> None:
    actions.send_on(ticket, answer_on(ticket), cast.emil, by=by(cast.bela))
    again = Delivery.objects.get(purpose="reply", state="held")
    Delivery.objects.filter(pk=again.pk).update(state="sent")
    assert sending.fail(again, reason="mailbox_unknown", code=None, words="")
    assert ticket.entries.filter(kind="delivery.failed").count() == 2


def test_only_answers_are_sent_on_and_only_by_who_may_answer(cast: Cast, ticket: Ticket) -> None:
    told = writes_again(ticket, cast.emil)
    with pytest.raises(BadInput):
        actions.send_on(ticket, told.message, cast.emil, by=by(cast.bela))
    with pytest.raises(NotAllowed):
        actions.send_on(ticket, answer_on(ticket), cast.emil, by=by(cast.cecil))


def test_the_message_offers_it_until_it_was_done(cast: Cast, ticket: Ticket, as_: SignIn) -> None:
    bela = as_(cast.bela)
    where = f"/tickets/{ticket.code}/messages/{answer_on(ticket).pk}/sent-on"
    assert where in bela.get(f"/tickets/{ticket.code}").content.decode()
    bela.post(where, {"address": "emil.novak@acme.example"})
    assert Delivery.objects.filter(address="emil.novak@acme.example").exists()
    assert where not in bela.get(f"/tickets/{ticket.code}").content.decode()
    wrong = bela.post(where, {"address": "nobody"})
    assert wrong.status_code == 422

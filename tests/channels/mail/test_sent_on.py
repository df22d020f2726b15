"""An answer that did not reach somebody is sent once more: to the address as it should have been."""

from __future__ import annotations

import html
import re

import pytest

from deskbell.channels.mail import boxes, sending
from deskbell.channels.mail.compose import compose
from deskbell.channels.mail.models import Delivery
from deskbell.errors import BadInput, NotAllowed
from deskbell.people.customers import customer_for
from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.actions.reply import usual_recipients
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Message, Ticket
from deskbell.tickets.state import state_of
from deskbell.web.desk.telling import unreached
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


def test_what_was_forwarded_leaves_again_and_nobody_takes_part_by_it(
    cast: Cast, ticket: Ticket, as_: SignIn
) -> None:
    maker = Recipient("to", "zips@maker.exmple")
    forward = actions.forward(ticket, Content("Is it known?"), by=by(cast.bela), to=[maker])
    delivery = Delivery.objects.get(purpose="forward")
    Delivery.objects.filter(pk=delivery.pk).update(state="sent")
    sending.fail(delivery, reason="domain_unknown", code=None, words="no such host")
    bela, where = as_(cast.bela), f"/tickets/{ticket.code}/messages/{forward.pk}/sent-on"
    page = bela.get(f"/tickets/{ticket.code}").content.decode()
    [form] = re.findall(rf'<form class="letter__again"[^>]*{where}.*?</form>', page, re.DOTALL)
    assert "their address from now on" not in form
    parties = len(state_of(ticket).participants)
    bela.post(where, {"address": "zips@maker.example", "instead_of": "zips@maker.exmple"})
    again = Delivery.objects.get(address="zips@maker.example")
    assert (again.purpose, again.rfc_message_id) == ("forward", delivery.rfc_message_id)
    letter = compose(again)
    assert letter.rcpt == "zips@maker.example"
    assert b"To: zips@maker.exmple,\r\n zips@maker.example\r\n" in letter.data
    ticket.refresh_from_db()
    assert (ticket.status, len(state_of(ticket).participants)) == ("open", parties)
    assert where not in bela.get(f"/tickets/{ticket.code}").content.decode()
    customer = {"address": "emil@acme.example"}
    assert bela.post(where, customer).status_code == 422


def test_an_answer_on_a_ticket_that_was_merged_is_sent_on_from_the_other(
    cast: Cast, ticket: Ticket, as_: SignIn
) -> None:
    survivor = a_ticket(cast.support, cast.emil)
    answer = answer_on(ticket)
    actions.merge(ticket, survivor, by=by(cast.bela))
    bela, where = as_(cast.bela), f"/tickets/{survivor.code}/messages/{answer.pk}/sent-on"
    assert where in bela.get(f"/tickets/{survivor.code}").content.decode()
    bela.post(where, {"address": "emil.novak@acme.example"})
    again = Delivery.objects.get(address="emil.novak@acme.example")
    assert again.ticket == survivor
    assert b"Try wax." in compose(again).data


def test_only_answers_are_sent_on_and_only_by_who_may_answer(cast: Cast, ticket: Ticket) -> None:
    told = writes_again(ticket, cast.emil)
    with pytest.raises(BadInput):
        actions.send_on(ticket, told.message, cast.emil, by=by(cast.bela))
    with pytest.raises(NotAllowed):
        actions.send_on(ticket, answer_on(ticket), cast.emil, by=by(cast.cecil))


def test_the_message_offers_it_until_it_was_done(cast: Cast, ticket: Ticket, as_: SignIn) -> None:
    bela = as_(cast.bela)
    where = f"/tickets/{ticket.code}/messages/{answer_on(ticket).pk}/sent-on"
    page = bela.get(f"/tickets/{ticket.code}").content.decode()
    assert where in page
    assert '<input class="check" type="checkbox" name="theirs"' in page
    bela.post(where, {"address": "emil.novak@acme.example"})
    assert Delivery.objects.filter(address="emil.novak@acme.example").exists()
    assert where not in bela.get(f"/tickets/{ticket.code}").content.decode()
    wrong = bela.post(where, {"address": "nobody"})
    assert wrong.status_code == 422


def fates(page: str) -> list[tuple[str, str]]:
    """Return the state and the words of each line under the answer."""
    found = re.findall(r'data-fate="(\w+)">.*?<span>(.*?)</span>', page)
    return [(state, html.unescape(words)) for state, words in found]


def test_the_page_asks_until_what_was_sent_on_has_left_and_then_alarms_no_more(
    cast: Cast, ticket: Ticket, as_: SignIn
) -> None:
    bela = as_(cast.bela)
    where = f"/tickets/{ticket.code}/messages/{answer_on(ticket).pk}"
    [(state, _words)] = fates(bela.get(f"{where}/delivery").content.decode())
    assert state == "failed"
    bela.post(f"{where}/sent-on", {"address": "emil.novak@acme.example"})
    leaving = bela.get(f"{where}/delivery").content.decode()
    assert [state for state, _words in fates(leaving)] == ["past", "held"]
    assert "hx-get" in leaving
    Delivery.objects.filter(state="held").update(state="sent")
    left = bela.get(f"{where}/delivery").content.decode()
    assert "hx-get" not in left
    assert 'data-delivery="sent"' in left
    (past, failed), right = fates(left)
    assert past == "past"
    assert failed.startswith("emil@acme.example: The letter came back")
    assert right == ("sent", "emil.novak@acme.example: Sent.")


def test_what_was_sent_on_and_failed_as_well_alarms(
    cast: Cast, ticket: Ticket, as_: SignIn
) -> None:
    actions.send_on(ticket, answer_on(ticket), cast.emil, by=by(cast.bela))
    Delivery.objects.filter(state="held").update(state="failed", reason="mailbox_full")
    where = f"/tickets/{ticket.code}/messages/{answer_on(ticket).pk}/delivery"
    page = as_(cast.bela).get(where).content.decode()
    assert [state for state, _words in fates(page)] == ["past", "failed"]


def test_of_two_that_failed_the_one_that_was_sent_on_alarms_no_more(
    cast: Cast, ticket: Ticket, as_: SignIn
) -> None:
    actions.add_participant(ticket, cast.frida, by=by(cast.bela))
    answer = actions.reply(ticket, Content("Try oil."), by=by(cast.bela))
    Delivery.objects.filter(message=answer).update(state="sent")
    for delivery in Delivery.objects.filter(message=answer):
        sending.fail(delivery, reason="mailbox_unknown", code=None, words="no such user")
    bela, where = as_(cast.bela), f"/tickets/{ticket.code}/messages/{answer.pk}/sent-on"
    lost = Delivery.objects.get(message=answer, address="emil@acme.example")
    for address in ("emil.n@acme.example", "emil.novak@acme.example"):
        bela.post(where, {"address": address, "delivery": lost.pk})
        lost = Delivery.objects.get(message=answer, address=address)
        Delivery.objects.filter(pk=lost.pk).update(state="failed")
    left = unreached(list(Delivery.objects.filter(message=answer)))
    assert [one.address for one in left] == ["frida@acme.example", "emil.novak@acme.example"]


def test_of_two_that_failed_both_alarm_until_both_were_sent_on(cast: Cast) -> None:
    def delivery(number: int, address: str, state: str, step: int) -> Delivery:
        return Delivery(pk=number, address=address, state=state, entry_step=step)

    both = [
        delivery(1, "emil@acme.example", "failed", 5),
        delivery(2, "frida@acme.example", "failed", 5),
    ]
    one_right = delivery(3, "emil.novak@acme.example", "sent", 7)
    assert unreached([*both, one_right]) == both
    other_right = delivery(4, "frida.berg@acme.example", "sent", 8)
    assert unreached([*both, one_right, other_right]) == []

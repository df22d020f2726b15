"""Whose page it is: nobody reads, takes or does there what is not theirs."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from deskbell import clock as desk_clock
from deskbell.notices import portal_links
from deskbell.notices.portal_links import Place
from deskbell.people.models import Address, Department
from deskbell.tickets import actions, erasure, files
from deskbell.tickets.content import Content, NewFile, Recipient
from deskbell.tickets.models import Attachment, Message, Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again
from tests.web.public.conftest import page_of, press, read, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(clock: time_machine.Traveller, cast: Cast) -> Ticket:
    """Emil's, answered by Bela a minute ago."""
    ticket = a_ticket(cast.support, cast.emil)
    actions.reply(ticket, Content("Send it in."), by=by(cast.bela))
    clock.shift(timedelta(minutes=1))
    return ticket


def is_shut(browser: Client, path: str) -> bool:
    """Return whether the page, and whatever could be done from it, is not there; nothing is said about why."""
    answers: list[Any] = [
        browser.get(path),
        send(browser, f"{path}/messages", text="Let me in."),
        send(browser, f"{path}/resolution", status="answered"),
        send(browser, f"{path}/rating", score="good"),
        browser.get(f"{path}/files/abc"),
    ]
    assert len({answer.content for answer in answers}) == 1, "one answer, whatever is the case"
    return {answer.status_code for answer in answers} == {404}


def letter_from(
    ticket: Ticket,
    address: Address,
    text: str,
    *,
    trust: str = "participant",
    cc: str = "",
    attached: tuple[NewFile, ...] = (),
) -> None:
    actions.receive(
        ticket,
        Content(text, files=attached),
        by=by(address),
        address=address,
        trust=trust,
        recipients=(Recipient("to", "help@desk.example"), *((Recipient("cc", cc),) if cc else ())),
    )


def test_a_token_that_was_changed_opens_nothing(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    good, other = page_of(ticket, cast.emil), a_ticket(cast.support, cast.frida)
    numbers = f"{ticket.pk}-{cast.emil.pk}-"
    assert numbers in good
    steps = ticket.entries.count()
    for wrong in (
        good.replace(numbers, f"{other.pk}-{cast.emil.pk}-"),
        good.replace(numbers, f"{ticket.pk}-{cast.frida.pk}-"),
        good[:-1],
        f"{good}x",
        "/portal/1-1-1",
        "/portal/1",
    ):
        assert is_shut(customer, wrong), wrong
    assert customer.get("/portal").status_code == customer.get("/portal/").status_code == 404
    assert customer.get("/portal/a/b/c%00").status_code in (400, 404)
    assert ticket.entries.count() == steps


def test_a_link_is_for_one_ticket_and_one_person(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    theirs = a_ticket(cast.support, cast.frida, text="The pole broke.")
    for path in (page_of(theirs, cast.emil), page_of(ticket, cast.frida)):
        assert is_shut(customer, path), "signed, but not of somebody who takes part"
    assert "The pole broke" not in read(customer, page_of(ticket, cast.emil))


def test_a_link_runs_out_after_ninety_days(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    path = page_of(ticket, cast.emil)
    clock.shift(timedelta(days=90, seconds=-1))
    read(customer, path)
    clock.shift(timedelta(seconds=1))
    assert is_shut(customer, path)


@pytest.mark.parametrize("end", ["spam", "deleted", "purged", "erased", "another's", "unknown"])
def test_what_is_not_theirs_any_more_is_not_there(
    customer: Client, ticket: Ticket, cast: Cast, end: str
) -> None:
    path, anna = page_of(ticket, cast.emil), by(cast.anna)
    match end:
        case "spam":
            actions.spam(ticket, by=anna)
        case "deleted" | "purged":
            actions.delete(ticket, by=anna)
            if end == "purged":
                actions.purge(ticket, by=anna)
        case "erased":
            erasure.ask_to_erase(cast.emil.customer, by=anna)
            run_due()
        case "another's":
            actions.change_customer(ticket, cast.frida, by=anna)
        case _:
            path = portal_links.path(Place(987654, cast.emil.pk, desk_clock.now()))
    assert is_shut(customer, path)


def test_whose_ticket_it_becomes_reads_nothing_of_whose_it_was(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    actions.change_customer(ticket, cast.frida, by=by(cast.anna))
    actions.reply(ticket, Content("Dear Frida."), by=by(cast.bela))
    clock.shift(timedelta(minutes=1))
    page = read(customer, page_of(ticket, cast.frida))
    assert "Dear Frida." in page
    assert "After two nights" not in page
    assert "Send it in." not in page


def test_who_is_copied_in_reads_what_they_were_sent_and_writes_as_themselves(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    actions.add_participant(ticket, cast.frida, by=by(cast.anna))
    writes_again(ticket, cast.emil, "For your eyes only: my card is 4711.")
    letter_from(ticket, cast.emil, "Frida knows more.", cc="Frida@Acme.example")
    actions.reply(ticket, Content("Dear both."), by=by(cast.bela))
    clock.shift(timedelta(minutes=1))
    path = page_of(ticket, cast.frida)
    page = read(customer, path)
    for word in ("Frida knows more.", "Emil Novák", "Dear both."):
        assert word in page
    for word in ("4711", "After two nights", "Send it in.", "How was this answer", "It is solved"):
        assert word not in page
    press(customer, f"{path}/messages", text="It was me.")
    said = Message.objects.filter(ticket=ticket).latest("pk")
    assert (said.address, said.author_id) == (cast.frida, cast.frida.customer_id)
    assert "It was me." not in read(customer, page_of(ticket, cast.emil)), "written to us alone"


def test_who_is_copied_in_has_not_the_last_word(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    actions.add_participant(ticket, cast.frida, by=by(cast.anna))
    path, steps = page_of(ticket, cast.frida), ticket.entries.count()
    for thing, fields in (
        ("resolution", {"status": "answered"}),
        ("rating", {"score": "good"}),
    ):
        refused = send(customer, f"{path}/{thing}", **fields)
        assert refused.status_code == 403
        assert "You may not do this." in refused.content.decode()
    assert ticket.entries.count() == steps


def test_who_was_taken_off_is_out(customer: Client, ticket: Ticket, cast: Cast) -> None:
    actions.add_participant(ticket, cast.frida, by=by(cast.anna))
    path = page_of(ticket, cast.frida)
    read(customer, path)
    actions.remove_participant(ticket, cast.frida, by=by(cast.anna))
    assert is_shut(customer, path)


def test_a_new_sender_is_neither_let_in_nor_read_until_somebody_accepts_them(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    own, theirs = page_of(ticket, cast.emil), page_of(ticket, cast.mallory)
    slip = NewFile("slip.txt", "text/plain", files.keep(b"slip"))
    letter_from(
        ticket,
        cast.mallory,
        "I am his boss.",
        trust="new_sender",
        cc="emil@acme.example",
        attached=(slip,),
    )
    assert "I am his boss" not in read(customer, own)
    token = Attachment.objects.get().token
    assert customer.get(f"{own}/files/{token}").status_code == 404
    assert is_shut(customer, theirs)
    actions.accept_sender(ticket, cast.mallory, by=by(cast.anna))
    assert "I am his boss" in read(customer, own), "he was copied in on it"
    assert "I am his boss" in read(customer, theirs)


def test_who_writes_under_the_customers_name_is_not_shown_as_them(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    letter_from(ticket, cast.emil, "Send the money there.", trust="new_sender")
    assert "Send the money" not in read(customer, page_of(ticket, cast.emil))


def test_what_was_taken_out_is_gone_from_the_page_with_its_files(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    slip = NewFile("slip.txt", "text/plain", files.keep(b"slip"))
    letter_from(ticket, cast.emil, "My pin is 4711, yes, 4711.", attached=(slip,))
    path, said = page_of(ticket, cast.emil), Message.objects.filter(ticket=ticket).latest("pk")
    token = said.attachments.get().token
    assert customer.get(f"{path}/files/{token}").status_code == 200
    actions.redact(ticket, by=by(cast.anna), passage="4711")
    assert "My pin is █████, yes, █████." in read(customer, path)
    actions.redact_message(ticket, said, by=by(cast.anna))
    page = read(customer, path)
    assert "My pin" not in page
    assert "(taken out)" in page
    assert customer.get(f"{path}/files/{token}").status_code == 404


def test_after_a_merge_the_page_goes_on_there_with_what_was_theirs(
    clock: time_machine.Traveller, customer: Client, ticket: Ticket, cast: Cast
) -> None:
    theirs = a_ticket(cast.support, cast.frida, subject="Two zips", text="Frida's own words.")
    actions.reply(theirs, Content("Dear Frida alone."), by=by(cast.bela))
    path = page_of(ticket, cast.emil)
    actions.merge(ticket, theirs, by=by(cast.anna))
    clock.shift(timedelta(minutes=1))
    page = read(customer, path)
    assert "After two nights" in page
    assert "Send it in." in page
    for word in ("Frida's own words", "Dear Frida alone", "It is solved"):
        assert word not in page, word
    press(customer, f"{path}/messages", text="Mine, too.")
    assert Message.objects.latest("pk").ticket == theirs
    read(customer, page_of(theirs, cast.frida))
    assert "After two nights" not in read(customer, page_of(theirs, cast.frida))


def test_what_is_merged_into_a_hidden_ticket_is_hidden_with_it(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    theirs = a_ticket(cast.support, cast.frida)
    path = page_of(ticket, cast.emil)
    actions.merge(ticket, theirs, by=by(cast.anna))
    actions.spam(theirs, by=by(cast.anna))
    assert is_shut(customer, path)


def test_an_archived_department_changes_nothing_for_who_waits(
    customer: Client, ticket: Ticket, cast: Cast
) -> None:
    Department.objects.filter(pk=cast.support.pk).update(archived_at=ticket.created_at)
    path = page_of(ticket, cast.emil)
    assert "Send it in." in read(customer, path)
    press(customer, f"{path}/messages", text="Still there?")
    assert Message.objects.latest("pk").ticket == ticket


def test_an_agents_session_counts_nothing_here(ticket: Ticket, cast: Cast) -> None:
    agent = Client()
    agent.force_login(cast.anna.account)
    assert is_shut(agent, page_of(ticket, cast.frida))

"""What is asked once before something leaves: a file that was forgotten, a subject that is empty."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from deskbell.tickets import actions
from deskbell.tickets.models import Draft, Message, Ticket
from tests.cast import Cast, by
from tests.desk import writes_again
from tests.web.desk.pages import press, refused

pytestmark = pytest.mark.django_db

ASKS = "You write of a file, and none goes along."


def asked(page: str) -> list[str]:
    return re.findall(r'name="asked" value="([^"]*)"', page)


def answers(ticket: Ticket) -> list[str]:
    return [one.text.plain for one in ticket.messages.filter(kind="reply").order_by("id")]


def test_a_forgotten_file_is_asked_about_once(bela: Client, ticket: Ticket) -> None:
    status, page = refused(bela, ticket, "messages", text="The bill is attached.")
    assert (status, ASKS in page, "Send anyway" in page) == (409, True, True)
    assert "The bill is attached.</textarea>" in page
    assert answers(ticket) == []
    again = {"text": "The bill is attached, dear Emil.", "asked": asked(page)}
    assert bela.post(f"/tickets/{ticket.code}/messages", again).status_code == 302
    assert answers(ticket) == ["The bill is attached, dear Emil."]


def test_other_words_that_speak_of_one_are_asked_about_by_themselves(
    bela: Client, ticket: Ticket
) -> None:
    _status, page = refused(bela, ticket, "messages", text="It is attached.")
    again = {"text": "It is attached. See the attachment.", "asked": asked(page)}
    answer = bela.post(f"/tickets/{ticket.code}/messages", again)
    assert answer.status_code == 409
    assert asked(answer.content.decode()) == ["attached", "see the attachment"]


def test_nobody_is_asked_who_sends_one_along(bela: Client, ticket: Ticket) -> None:
    file = SimpleUploadedFile("bill.pdf", b"%PDF", "application/pdf")
    form = {"text": "The bill is attached.", "files": file}
    assert bela.post(f"/tickets/{ticket.code}/messages", form).status_code == 302


def test_nobody_is_asked_about_a_note(bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "messages", text="He says that it is attached.", kind="note")


def test_the_yes_is_remembered_while_something_else_is_asked(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    seen = str(ticket.last_step)
    _status, page = refused(bela, ticket, "messages", text="It is attached.", seen_step=seen)
    writes_again(ticket, cast.emil)
    again = {"text": "It is attached.", "asked": asked(page), "seen_step": seen}
    answer = bela.post(f"/tickets/{ticket.code}/messages", again)
    page = answer.content.decode()
    assert (answer.status_code, "Something came" in page) == (409, True)
    assert (ASKS in page, asked(page)) == (False, ["attached"])


def test_that_it_was_asked_is_no_part_of_a_draft(bela: Client, ticket: Ticket) -> None:
    draft = {"text": "It is attached.", "asked": ["attached"], "version": "0"}
    bela.post(f"/tickets/{ticket.code}/draft", draft)
    assert "asked" not in Draft.objects.get().fields


def test_a_mail_without_a_subject_is_asked_about_once(cast: Cast, bela: Client) -> None:
    form = {
        "kind": "mail", "customer": "gina@acme.example", "text": "Dear Gina,", "subject": " ",
        "department": str(cast.support.pk),
    }  # fmt: skip
    answer = bela.post("/tickets/new", form)
    page = answer.content.decode()
    assert (answer.status_code, "This mail has no subject." in page) == (422, True)
    assert 'name="asked_subject" value="1"' in page
    assert "Send anyway" in page
    assert bela.post("/tickets/new", {**form, "asked_subject": "1"}).status_code == 302
    assert Message.objects.get().subject == ""


def test_a_forgotten_file_of_a_first_mail_is_asked_about_once(cast: Cast, bela: Client) -> None:
    form = {
        "kind": "mail", "customer": "gina@acme.example", "text": "The bill is attached.",
        "subject": "Your bill", "department": str(cast.support.pk), "once": "one",
    }  # fmt: skip
    for goes in ({}, {"later": "hour"}):
        answer = bela.post("/tickets/new", form | goes)
        page = answer.content.decode()
        assert (answer.status_code, ASKS in page, "Send anyway" in page) == (409, True, True)
        assert not Draft.objects.exists()
        assert not Message.objects.exists()
    assert bela.post("/tickets/new", form | {"asked": asked(page)}).status_code == 302
    assert Message.objects.get().text.plain == "The bill is attached."


def test_who_is_asked_about_a_file_is_asked_about_what_came_as_well(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    seen = Ticket.objects.get(pk=ticket.pk).last_step
    form = {"text": "It is attached.", "seen_step": str(seen)}
    actions.change_customer(ticket, cast.frida, by=by(cast.anna))
    _status, page = refused(bela, ticket, "messages", **form)
    assert ASKS in page
    assert f'name="seen_step" value="{seen}"' in page
    status, page = refused(bela, ticket, "messages", **form, asked=asked(page)[0])
    assert (status, ASKS in page) == (409, False)
    assert answers(ticket) == []


def test_a_first_mail_with_a_file_that_is_sent_twice_without_scripts_leads_to_its_ticket(
    cast: Cast, bela: Client
) -> None:
    def press(**goes: str) -> str:
        slip = SimpleUploadedFile("slip.pdf", b"%PDF")
        form = {
            "kind": "mail", "customer": "gina@acme.example", "text": "Here.", "subject": "Slip",
            "department": str(cast.support.pk), "files": slip, **goes,
        }  # fmt: skip
        return bela.post("/tickets/new", form)["Location"]

    first = press(once="one")
    assert press(once="one") == first == f"/tickets/{Ticket.objects.latest('pk').code}"
    assert press(once="two", later="hour") == press(once="two", later="hour") == "/later"


def test_nobody_is_asked_about_what_was_said_on_the_phone(cast: Cast, bela: Client) -> None:
    form = {
        "kind": "call", "phone": "+36 1 234 5678", "text": "The bill is attached, she says.",
        "subject": "Bill", "department": str(cast.support.pk),
    }  # fmt: skip
    assert bela.post("/tickets/new", form).status_code == 302


@pytest.mark.parametrize("goes", [{}, {"later": "hour"}])
def test_a_forward_is_asked_about_ones_own_words_alone(
    cast: Cast, bela: Client, ticket: Ticket, goes: dict[str, str]
) -> None:
    writes_again(ticket, cast.emil, "The photo is attached.")
    where = f"/tickets/{ticket.code}"
    bela.post(f"{where}/forwarding", {"text": "Is it known?"})
    draft = Draft.objects.get()
    form = {"kind": "forward", "outside_to": "maker@mill.example", "html": draft.html, **goes}
    told = form | {"html": draft.html.replace("Is it known?", "It is attached.")}
    status, page = refused(bela, ticket, "messages", **told)
    assert (status, ASKS in page, "Forward anyway" in page) == (409, True, True)
    assert bela.post(f"{where}/messages", form).status_code == 302


def test_what_is_logged_always_says_what_it_is_about(cast: Cast, bela: Client) -> None:
    form = {
        "kind": "call", "phone": "+36 1 234 5678", "text": "She called.", "asked_subject": "1",
        "department": str(cast.support.pk),
    }  # fmt: skip
    answer = bela.post("/tickets/new", form)
    assert answer.status_code == 422
    assert "Say in a few words what it is about." in answer.content.decode()

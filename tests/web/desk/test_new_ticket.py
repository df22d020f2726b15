"""Writing first: a mail, a call, a visit, something among colleagues."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from time_machine import Traveller

from deskbell import clock as desk_clock
from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.errors import BadInput
from deskbell.people.customers import phone_number
from deskbell.people.models import Address, Customer
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Draft, Entry, Message, Ticket
from deskbell.tickets.state import state_of
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.fakes import relay as fake
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def form(cast: Cast, kind: str, **changes: str) -> dict[str, str]:
    return {
        "kind": kind,
        "customer": "gina@acme.example",
        "name": "Gina Rossi",
        "subject": "Your poles are here",
        "text": "They wait at the counter.",
        "department": str(cast.support.pk),
        "then": "mine",
        "once": "one",
        **changes,
    }


def test_a_mail_to_a_customer_leaves_and_is_theirs_who_wrote(
    cast: Cast, as_: SignIn, clock: Traveller
) -> None:
    bela = as_(cast.bela)
    assert bela.get("/tickets/new").status_code == 200
    answer = bela.post("/tickets/new", form(cast, "mail"))
    ticket = Ticket.objects.get()
    assert answer["Location"] == f"/tickets/{ticket.code}"
    assert (ticket.status, ticket.assignee, ticket.channel) == ("answered", cast.bela, "mail")
    assert ticket.customer is not None
    assert ticket.customer.name == "Gina Rossi"
    clock.shift(11)
    with fake.Relay() as relay, override_settings(RELAY=relay.url):
        run_due()
    [letter] = relay.letters
    assert letter.rcpt == ("gina@acme.example",)
    assert letter.message["Subject"] == f"Your poles are here [{ticket.code}]"


def test_a_call_is_logged_for_somebody_known_by_phone_alone(cast: Cast, as_: SignIn) -> None:
    sent = form(cast, "call", customer="", phone="+36 (1) 234-5678")
    as_(cast.bela).post("/tickets/new", sent)
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.assignee, ticket.channel) == ("new", cast.bela, "call")
    address = Address.objects.get(kind="phone")
    assert (address.value, address.customer) == ("+3612345678", ticket.customer)
    assert Message.objects.get().kind == "note"
    # They cannot be answered by mail, and nobody mails a phone number.
    with pytest.raises(BadInput):
        actions.reply(ticket, Content("Hello"), by=by(cast.bela))
    # The same number is the same customer.
    as_(cast.bela).post("/tickets/new", {**sent, "once": "two", "phone": "+3612345678"})
    assert Customer.objects.filter(addresses__kind="phone").distinct().count() == 1
    assert Ticket.objects.count() == 2


def test_who_called_and_is_known_by_mail_too_is_answered_by_mail(cast: Cast, as_: SignIn) -> None:
    as_(cast.bela).post("/tickets/new", form(cast, "call", phone="06 1 234 5678"))
    ticket = Ticket.objects.get()
    assert set(Address.objects.filter(customer=ticket.customer).values_list("kind", "value")) == {
        ("mail", "gina@acme.example"),
        ("phone", "0612345678"),
    }
    message = actions.reply(ticket, Content("Hello"), by=by(cast.bela))
    assert [one.address for one in message.recipients.all()] == ["gina@acme.example"]


def test_a_visit_of_this_morning_that_is_solved_already(
    cast: Cast, as_: SignIn, clock: Traveller
) -> None:
    sent = form(cast, "visit", then="solved", when="2026-03-02T09:30", zone="Europe/Budapest")
    as_(cast.bela).post("/tickets/new", sent)
    ticket = Ticket.objects.get()
    assert ticket.status == "resolved"
    opened = Entry.objects.get(ticket=ticket, step=1)
    assert opened.occurred_at is not None
    assert opened.occurred_at.isoformat() == "2026-03-02T08:30:00+00:00"
    assert opened.at == desk_clock.now()
    run_due()
    assert not ticket.deliveries.exists()  # they were there: nobody asks them


def test_something_among_colleagues_has_no_customer(cast: Cast, as_: SignIn) -> None:
    as_(cast.bela).post("/tickets/new", form(cast, "internal", then="department"))
    ticket = Ticket.objects.get()
    assert (ticket.customer, ticket.assignee, ticket.status) == (None, None, "new")
    assert not Address.objects.filter(value="gina@acme.example").exists()


def test_pressed_twice_it_is_one_ticket(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    first = bela.post("/tickets/new", form(cast, "mail"))
    again = bela.post("/tickets/new", form(cast, "mail"))
    assert first["Location"] == again["Location"]
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "kind", "changes"),
    [
        ("customer", "mail", {"customer": ""}),
        ("customer", "mail", {"customer": "gina"}),
        ("customer", "call", {"customer": ""}),
        ("phone", "call", {"customer": "", "phone": "none of your business"}),
        ("when", "call", {"when": "2190-01-01T10:00"}),
        ("when", "visit", {"when": "noon"}),
        ("department", "mail", {"department": "999999"}),
        ("text", "mail", {"text": " ", "subject": " "}),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_typed_is_lost(
    cast: Cast, as_: SignIn, field: str, kind: str, changes: dict[str, str]
) -> None:
    answer = as_(cast.bela).post("/tickets/new", form(cast, kind, **changes))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="{field}-error"' in page
    if field != "text":
        assert "They wait at the counter." in page
    assert not Ticket.objects.exists()
    assert not Customer.objects.filter(name="Gina Rossi").exists()


def test_nobody_begins_in_a_department_that_is_not_theirs(cast: Cast, as_: SignIn) -> None:
    sent = form(cast, "internal", department=str(cast.billing.pk))
    assert as_(cast.bela).post("/tickets/new", sent).status_code == 403
    assert as_(cast.cecil).get("/tickets/new").status_code == 403
    assert as_(cast.cecil).post("/tickets/new", form(cast, "internal")).status_code == 403
    assert not Ticket.objects.exists()


def test_from_a_customers_card_it_begins_with_them(cast: Cast, as_: SignIn) -> None:
    a_ticket(cast.support, cast.emil)
    bela = as_(cast.bela)
    card = bela.get(f"/customers/{cast.emil.customer_id}").content.decode()
    link = f"/tickets/new?customer={cast.emil.customer_id}"
    assert link in card
    assert 'value="emil@acme.example"' in bela.get(link).content.decode()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" +36 1 234 5678 ", "+3612345678"),
        ("06-1/234.5678", "0612345678"),
        ("112", "112"),
    ],
)
def test_a_phone_number_is_compared_by_its_digits(typed: str, kept: str) -> None:
    assert phone_number(typed) == kept


@pytest.mark.parametrize("typed", ["12", "call me", "+", "1" * 21, "123;456"])
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        phone_number(typed)


def test_whom_nobody_knows_by_mail_is_written_notes_about(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    bela.post("/tickets/new", form(cast, "internal"))
    internal = bela.get(f"/tickets/{Ticket.objects.get().code}").content.decode()
    assert 'value="note" checked' in internal
    assert 'name="kind" value="reply"' not in internal
    bela.post("/tickets/new", form(cast, "call", customer="", phone="112", once="two"))
    called = bela.get(f"/tickets/{Ticket.objects.latest('pk').code}").content.decode()
    assert 'value="note" checked' in called
    assert 'name="kind" value="reply"' not in called
    assert "<dt>Phone number</dt><dd>112" in called
    bela.post("/tickets/new", form(cast, "call", once="three"))
    known = bela.get(f"/tickets/{Ticket.objects.latest('pk').code}").content.decode()
    assert 'value="reply" checked' in known


def test_a_first_mail_has_looks_files_copies_and_a_sender(cast: Cast, as_: SignIn) -> None:
    for address, department in (
        ("help@desk.example", cast.support),
        ("vip@desk.example", cast.support),
    ):
        MailBox.objects.create(address=address, department=department)
    bela = as_(cast.bela)
    file = SimpleUploadedFile("slip.pdf", b"%PDF", "application/pdf")
    sent_ahead = bela.post("/tickets/new/draft/files", {"file": file, "once": "one"})
    token = json.loads(sent_ahead.content)["token"]
    sent = form(
        cast,
        "mail",
        customer="kim@acme.example",
        html="<p>Your <b>zip</b> is here.</p>",
        file=token,
    )
    sent |= {"cc": "Gina <gina@acme.example>", "bcc": "h@acme.example", "from": "vip@desk.example"}
    bela.post("/tickets/new", sent)
    ticket = Ticket.objects.get()
    message = ticket.messages.get()
    assert message.text.html == "<p>Your <b>zip</b> is here.</p>"
    assert [one.name for one in message.attachments.all()] == ["slip.pdf"]
    letters = {one.role: one for one in Delivery.objects.filter(ticket=ticket)}
    assert {role: one.address for role, one in letters.items()} == {
        "to": "kim@acme.example",
        "cc": "gina@acme.example",
        "bcc": "h@acme.example",
    }
    assert letters["to"].sender is not None
    assert letters["to"].sender.address == "vip@desk.example"
    assert len(state_of(ticket).participants) == 2  # Kim, and Gina in sight of everybody
    assert not Draft.objects.exists()


def test_what_was_begun_to_write_first_stands_there_again(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    begun = {"text": "Dear Gina,", "customer": "gina@acme.example", "kind": "mail", "version": "0"}
    bela.post("/tickets/new/draft", begun)
    page = bela.get("/tickets/new").content.decode()
    assert ">Dear Gina,</textarea>" in page
    assert 'value="gina@acme.example"' in page


def test_a_first_mail_goes_to_no_more_than_a_letter_may(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    crowd = ", ".join(f"a{number}@acme.example" for number in range(101))
    refused = bela.post("/tickets/new", form(cast, "mail", bcc=crowd))
    assert "A letter goes to 100 at most." in refused.content.decode()
    assert not Ticket.objects.exists()


def test_a_refused_first_mail_keeps_its_files_without_scripts(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    file = SimpleUploadedFile("slip.pdf", b"%PDF", "application/pdf")
    page = bela.post("/tickets/new", {**form(cast, "mail", subject=""), "files": file})
    assert page.status_code == 422
    assert "slip.pdf" in page.content.decode()


def test_one_begins_in_the_first_empty_field(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)

    def begins_in(asked: str = "") -> list[str]:
        page = bela.get(f"/tickets/new{asked}").content.decode()
        fields = re.findall(r"<(?:input|textarea)\b[^>]*\bautofocus\b[^>]*>", page)
        return [one for field in fields for one in re.findall(r'name="(\w+)"', field)]

    assert begins_in() == ["customer"]
    assert begins_in("?kind=internal") == ["subject"]
    assert begins_in(f"?customer={cast.emil.customer_id}") == ["subject"]
    draft = {"customer": "gina@acme.example", "subject": "Your poles", "text": "They wait."}
    bela.post("/tickets/new/draft", draft)
    assert begins_in() == []
    # What is wrong comes first.
    page = bela.post("/tickets/new", form(cast, "mail", customer="", name="")).content.decode()
    assert page.count("autofocus") == 1

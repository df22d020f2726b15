"""What was said is handed on to somebody outside, or quoted, from the ticket's page; without scripts here."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from deskbell.channels.mail import safe_html
from deskbell.people.customers import customer_for
from deskbell.tickets import actions
from deskbell.tickets.content import Content, NewFile, Recipient
from deskbell.tickets.files import keep
from deskbell.tickets.models import Draft, Message, Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def asks(client: Client, ticket: Ticket, place: str = "forwarding", **fields: str) -> str:
    """Press what puts letters into the composer; return the page that it leads to."""
    answer = client.post(f"/tickets/{ticket.code}/{place}", fields, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def sends(client: Client, ticket: Ticket, **fields: str) -> Message:
    """Send what the draft holds, as a browser with scripts does."""
    draft = Draft.objects.get(ticket=ticket)
    form = {name: values[0] for name, values in draft.fields.items() if values and values[0]}
    files = [file.token for file in draft.files.all()]
    body = {**form, "text": draft.text, "html": draft.html, "file": files, **fields}
    assert client.post(f"/tickets/{ticket.code}/messages", body).status_code == 302
    return Message.objects.latest("pk")


def with_files(ticket: Ticket, cast: Cast) -> Message:
    """Let Emil write with a picture among his words and a file below them."""
    html = safe_html.clean('<p>Look: <img src="cid:zip@acme" alt="the zip"></p>')
    files = (
        NewFile("zip.png", "image/png", keep(b"\x89PNG zip"), "zip@acme", inline=True),
        NewFile("bill.pdf", "application/pdf", keep(b"%PDF bill")),
    )
    return actions.receive(
        ticket, Content("Look:", html=html, files=files), by=by(cast.emil), address=cast.emil
    ).message


def test_the_thread_with_the_customer_is_put_below_what_was_begun(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    actions.note(ticket, Content("He is furious."), by=by(cast.bela))
    actions.reply(ticket, Content("We ask the maker."), by=by(cast.bela))
    page = asks(bela, ticket, text="Is it known?", kind="reply", to="emil@acme.example")
    draft = Draft.objects.get(ticket=ticket)
    assert draft.fields["kind"] == ["forward"]
    begun, _space, block = draft.html.partition("<p></p>")
    assert "Is it known?" in begun
    assert block.index("the zip came apart") < block.index("We ask the maker.")
    for line in ("From:</strong> Emil Novák &lt;emil@acme.example&gt;", "Date:</strong> ", "<hr>"):
        assert line in block
    assert "furious" not in block
    assert 'value="forward" checked' in page
    assert "The customer does not see this." in page
    assert re.search(r'name="outside_to" value="" [^>]*autofocus', page)


def test_one_letter_is_handed_on_with_its_files_and_pictures(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    letter = with_files(ticket, cast)
    asks(bela, ticket, message=str(letter.pk))
    [picture, bill] = Draft.objects.get(ticket=ticket).files.all()
    assert (picture.inline, bill.inline, bill.name) == (True, False, "bill.pdf")
    assert picture.token != letter.attachments.get(inline=True).token
    sent = sends(bela, ticket, outside_to="The maker <zips@maker.example>")
    assert (sent.kind, sent.subject) == ("forward", "Fwd: The zip came apart")
    assert [(one.role, one.address) for one in sent.recipients.all()] == [
        ("to", "zips@maker.example")
    ]
    assert {one.sha256 for one in sent.attachments.all()} == {
        one.sha256 for one in letter.attachments.all()
    }
    shown = sent.attachments.get(inline=True)
    assert f"cid:{shown.content_id}" in sent.text.html
    assert ticket.entries.get(kind="message.forwarded").data["about_id"] == letter.pk
    assert not Draft.objects.exists()


def test_without_scripts_the_plain_words_are_handed_on(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    page = asks(bela, ticket)
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    assert "After two nights the zip came apart." in found[1]
    assert 'name="html" value=""' in page
    body = {"kind": "forward", "outside_to": "zips@maker.example", "text": "Known?\n" + found[1]}
    assert bela.post(f"/tickets/{ticket.code}/messages", {**body, "html": ""}).status_code == 302
    assert Message.objects.get(kind="forward").text.plain.startswith("Known?")


def test_an_outsiders_answer_looks_different_and_is_answered_in_its_thread(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    maker = Recipient("to", "zips@maker.example")
    asked = actions.forward(ticket, Content("Known?"), by=by(cast.bela), to=[maker])
    address = customer_for("zips@maker.example", "The maker")
    said = actions.receive_aside(
        ticket, Content("We replace it."), by=by(address), address=address, side=asked
    )
    page = bela.get(f"/tickets/{ticket.code}").content.decode()
    assert page.count("letter--aside") == 2
    assert "Forwarded, the customer does not see it" in page
    assert "From outside, the customer does not see it" in page

    page = asks(bela, ticket, answers=str(said.pk))
    assert 'name="outside_to" value="The maker &lt;zips@maker.example&gt;"' in page
    assert Draft.objects.get(ticket=ticket).text == ""
    sent = sends(bela, ticket, text="Thanks.", html="")
    assert (sent.side, sent.subject) == (asked, "Re: The zip came apart")


def test_a_customers_letter_cannot_be_answered_aside(ticket: Ticket, bela: Client) -> None:
    first = ticket.messages.get()
    answer = bela.post(f"/tickets/{ticket.code}/forwarding", {"answers": str(first.pk)})
    assert answer.status_code == 422
    assert not Draft.objects.exists()


def test_who_takes_part_is_refused_beside_the_field_and_nothing_typed_is_lost(
    ticket: Ticket, bela: Client
) -> None:
    body = {"kind": "forward", "outside_to": "emil@acme.example", "text": "Look."}
    answer = bela.post(f"/tickets/{ticket.code}/messages", body)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "emil@acme.example takes part in this ticket. Answer them instead." in page
    assert ">Look.</textarea>" in page
    assert 'name="outside_to" value="emil@acme.example"' in page
    answer = bela.post(f"/tickets/{ticket.code}/messages", {**body, "outside_to": ""})
    assert "Say whom it is forwarded to." in answer.content.decode()


def test_the_customers_last_words_or_chosen_ones_are_quoted_in_the_answer(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    first = ticket.messages.get()
    with_files(ticket, cast)
    actions.reply(ticket, Content("Hm."), by=by(cast.bela))
    asks(bela, ticket, "quotation", text="Dear Emil,", kind="reply", to="emil@acme.example")
    draft = Draft.objects.get(ticket=ticket)
    assert draft.fields["kind"] == ["reply"]
    assert "Emil Novák wrote:" in draft.html
    assert [file.name for file in draft.files.all()] == ["zip.png"]
    asks(bela, ticket, "quotation", message=str(first.pk))
    draft.refresh_from_db()
    assert (
        draft.html.index("Dear Emil") < draft.html.index("Look:") < draft.html.index("two nights")
    )
    sent = sends(bela, ticket)
    assert (sent.kind, sent.text.html.count("<blockquote>")) == ("reply", 2)


def test_who_knows_where_the_caret_is_is_given_the_quote_and_nothing_typed_is_touched(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    letter = with_files(ticket, cast)
    bela.post(f"/tickets/{ticket.code}/draft", {"text": "Dear Emil,", "version": "0"})
    address = f"/tickets/{ticket.code}/quotation"
    given = bela.post(address, {"message": ""}, headers={"accept": "application/json"}).json()
    [file] = given["files"]
    assert f'<img src="/files/{file["token"]}"' in given["html"]
    assert "<blockquote>" in given["html"]
    assert given["text"].endswith("> Look: the zip")
    draft = Draft.objects.get()
    assert (draft.text, given["version"]) == ("Dear Emil,", draft.version)
    assert [one.token for one in draft.files.all()] == [file["token"]]
    again = bela.post(address, {"message": str(letter.pk)}, headers={"accept": "application/json"})
    assert again.json()["files"] == [file], "its pictures lie there once"
    nothing = a_ticket(cast.support, cast.emil)
    actions.redact_message(nothing, nothing.messages.get(), by=by(cast.anna))
    address = f"/tickets/{nothing.code}/quotation"
    refused = bela.post(address, headers={"accept": "application/json"})
    assert (refused.status_code, "could be quoted" in refused.json()["sentence"]) == (422, True)


def test_nothing_of_another_ticket_is_handed_on_and_no_note_nor_what_was_taken_out(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    other = a_ticket(cast.billing, cast.frida).messages.get()
    note = actions.note(ticket, Content("Inside."), by=by(cast.bela))
    gone = ticket.messages.get(kind="customer")
    actions.redact_message(ticket, gone, by=by(cast.anna))
    for message in (other, note, gone):
        for place in ("forwarding", "quotation"):
            answer = bela.post(f"/tickets/{ticket.code}/{place}", {"message": str(message.pk)})
            assert answer.status_code == 404
    assert not Draft.objects.exists()


def test_a_light_agent_is_offered_no_forward(cast: Cast, ticket: Ticket, as_: SignIn) -> None:
    page = as_(cast.cecil).get(f"/tickets/{ticket.code}").content.decode()
    assert "forwarding" not in page
    assert as_(cast.cecil).post(f"/tickets/{ticket.code}/forwarding").status_code == 403


def test_a_closed_ticket_is_still_forwarded(cast: Cast, ticket: Ticket, as_: SignIn) -> None:
    actions.close(ticket, by=by(cast.anna))
    anna = as_(cast.anna)
    asks(anna, ticket)
    sent = sends(anna, ticket, outside_to="zips@maker.example")
    ticket.refresh_from_db()
    assert (sent.kind, ticket.status) == ("forward", "closed")


def test_what_is_taken_back_comes_back_as_a_forward_and_never_as_an_answer(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    first = ticket.messages.get()
    to = [Recipient("to", "zips@maker.example", "The maker")]
    actions.forward(ticket, Content("Known?"), by=by(cast.bela), to=to, about=first)
    step = ticket.entries.get(kind="message.forwarded").step
    page = bela.post(f"/tickets/{ticket.code}/acts/{step}", {"_method": "DELETE"}, follow=True)
    assert 'value="forward" checked' in page.content.decode()
    draft = Draft.objects.get(ticket=ticket)
    assert draft.text == "Known?"
    assert draft.fields["outside_to"] == ["The maker <zips@maker.example>"]
    assert (draft.fields["about"], draft.fields["answers"]) == ([str(first.pk)], [""])
    assert not draft.fields.get("to")
    sent = sends(bela, ticket)
    assert (sent.kind, sent.side) == ("forward", sent)


def test_forwarded_twice_in_a_draft_it_stands_there_once_with_its_files(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    letter = with_files(ticket, cast)
    asks(bela, ticket, message=str(letter.pk))
    first = Draft.objects.get()
    tokens = [one.token for one in first.files.all()]
    asks(bela, ticket, message=str(letter.pk), text=first.text, html=first.html, kind="forward")
    draft = Draft.objects.get()
    assert [one.token for one in draft.files.all()] == tokens
    assert draft.html.count("Forwarded:") == 1
    # The whole thread is something else, though its files are the same.
    asks(bela, ticket, text=draft.text, html=draft.html, kind="forward")
    draft = Draft.objects.get()
    assert [one.token for one in draft.files.all()] == tokens
    assert draft.html.count("Forwarded:") == 2
    # What was taken out of the words comes again.
    asks(bela, ticket, message=str(letter.pk), text="Known?", html="", kind="forward")
    draft = Draft.objects.get()
    assert draft.html.count("Forwarded:") == 1
    assert [one.token for one in draft.files.all()] == tokens


def goes_back(client: Client, ticket: Ticket, kind: str = "reply", **changes: str) -> str:
    """Press Reply or Note where it was to be forwarded, as a browser sends what the draft holds; return the page."""
    draft = Draft.objects.get(ticket=ticket)
    files = [file.token for file in draft.files.all()]
    words = {"text": draft.text, "html": draft.html, **changes}
    body = {**draft.fields, **words, "file": files, "instead": kind}
    answer = client.post(f"/tickets/{ticket.code}/forwarding", body, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_who_forwards_after_all_nothing_takes_none_of_it_along(
    kind: str, cast: Cast, ticket: Ticket, bela: Client
) -> None:
    with_files(ticket, cast)
    page = asks(bela, ticket, text="", kind="reply", to="emil@acme.example")
    assert 'type="radio" name="kind" value="reply"' not in page
    # What comes meanwhile is no reason to hand on what came before.
    actions.receive(ticket, Content("And?"), by=by(cast.emil), address=cast.emil)
    page = goes_back(bela, ticket, kind)
    assert f'name="kind" value="{kind}" checked' in page
    assert "Forwarded:" not in page
    assert not Draft.objects.exists()


def test_what_its_writer_typed_and_attached_stays_when_forwarding_is_left(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    letter = with_files(ticket, cast)
    asks(bela, ticket, "quotation", text="Dear Emil,", kind="reply", to="emil@acme.example")
    quoted = Draft.objects.get()
    [picture] = quoted.files.all()
    asks(bela, ticket, text=quoted.text, html=quoted.html, kind="reply")
    asks(bela, ticket, message=str(letter.pk))
    assert Draft.objects.get().html.count("Forwarded:") == 2
    goes_back(bela, ticket)
    draft = Draft.objects.get()
    assert (draft.text, draft.fields["kind"]) == (quoted.text, ["reply"])
    assert [one.token for one in draft.files.all()] == [picture.token]


@pytest.mark.parametrize("html", [True, False])
def test_letters_that_were_changed_by_hand_stay_when_forwarding_is_left(
    html: bool, cast: Cast, ticket: Ticket, bela: Client
) -> None:
    with_files(ticket, cast)
    asks(bela, ticket)
    draft = Draft.objects.get()
    changed = {
        "text": draft.text.replace("two nights", "one night"),
        "html": draft.html.replace("two nights", "one night") if html else "",
    }
    goes_back(bela, ticket, **changed)
    draft = Draft.objects.get()
    assert "one night" in draft.text
    assert (draft.fields["kind"], draft.files.count()) == (["reply"], 2)


def test_plain_words_are_parted_from_what_is_handed_on(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    asks(bela, ticket)
    text = "Known?\r\n\r\n" + Draft.objects.get().text
    goes_back(bela, ticket, text=text, html="")
    assert Draft.objects.get().text == "Known?"

"""What is written and not sent yet: kept on the desk while one types, with its files, until it is sent."""

import json
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from deskbell.people.customers import also_reached_at, customer_for
from deskbell.tickets import actions, files
from deskbell.tickets.content import Content
from deskbell.tickets.models import Attachment, Draft, DraftFile, Message, Ticket
from deskbell.work.models import Job
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n and so on"


def types(client: Client, ticket: Ticket | None, text: str, **fields: Any) -> dict[str, Any]:
    """Let a page keep what is typed; return what it is answered, with the status."""
    place = f"/tickets/{ticket.code if ticket else 'new'}/draft"
    answer = client.post(place, {"text": text, "writer": "window", "version": "0", **fields})
    return {"status": answer.status_code, **json.loads(answer.content)}


def sends_ahead(client: Client, ticket: Ticket, name: str = "zip.png", **fields: str) -> str:
    file = SimpleUploadedFile(name, PNG, "image/png")
    answer = client.post(f"/tickets/{ticket.code}/draft/files", {"file": file, **fields})
    assert answer.status_code == 201
    return str(json.loads(answer.content)["token"])


def page_of(client: Client, ticket: Ticket) -> str:
    return client.get(f"/tickets/{ticket.code}").content.decode()


def test_what_was_typed_stands_there_when_the_page_is_opened_again(
    ticket: Ticket, bela: Client
) -> None:
    first = types(bela, ticket, "Dear Emil,", kind="note", cc="frida@acme.example")
    assert first == {"status": 200, "version": 1}
    assert types(bela, ticket, "Dear Emil, the zip", version="1", kind="note")["version"] == 2
    page = page_of(bela, ticket)
    assert ">Dear Emil, the zip</textarea>" in page
    assert 'name="kind" value="note" checked' in page
    assert 'data-version="2"' in page


def test_words_for_whom_answers_go_to_go_to_whom_they_go_now(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    emil, frida = "Emil Novák <emil@acme.example>", "Frida Berg <frida@acme.example>"
    form = {"to": emil, "usual_to": emil, "cc": "boss@acme.example", "usual_cc": ""}
    types(bela, ticket, "Dear customer,", **form)
    actions.change_customer(ticket, cast.frida, by=by(cast.anna))
    page = unescape(page_of(bela, ticket))
    assert f'name="to" value="{frida}"' in page
    assert 'name="cc" value="boss@acme.example"' in page
    came = bela.post(f"/tickets/{ticket.code}/messages", {**form, "text": "", "kind": "reply"})
    assert f'name="to" value="{frida}"' in unescape(came.content.decode())
    types(bela, ticket, "Dear customer,", **form | {"to": "somebody@acme.example"}, version="1")
    assert 'name="to" value="somebody@acme.example"' in page_of(bela, ticket)


def test_a_page_that_was_drawn_too_early_asks_for_what_is_kept(
    ticket: Ticket, bela: Client
) -> None:
    where = f"/tickets/{ticket.code}/draft"
    assert json.loads(bela.get(where).content) == {
        "version": 0,
        "text": "",
        "html": "",
        "own": False,
    }
    types(bela, ticket, "Dear Emil,")
    assert json.loads(bela.get(where).content) == {
        "version": 1,
        "text": "Dear Emil,",
        "html": "",
        "own": False,
    }


def test_colleagues_see_that_it_was_begun_and_not_what(
    cast: Cast, ticket: Ticket, bela: Client, as_: SignIn
) -> None:
    types(bela, ticket, "My first try.")
    page = page_of(as_(cast.cecil), ticket)
    assert "Bela Kerekes has begun an answer" in page
    assert "My first try." not in page
    assert "has begun" not in page_of(bela, ticket)


def test_the_words_of_another_window_are_not_written_over(ticket: Ticket, bela: Client) -> None:
    types(bela, ticket, "Of the first window.")
    second = types(bela, ticket, "Of the second.", writer="another")
    assert (second["status"], second["text"]) == (409, "Of the first window.")
    assert Draft.objects.get().text == "Of the first window."
    # Having read what is there, the second goes on.
    assert types(bela, ticket, "Both.", writer="another", version=second["version"])["version"] == 2
    # And now the first one is told.
    assert types(bela, ticket, "Of the first again.", version="1")["status"] == 409


def test_a_window_whose_answer_got_lost_goes_on(ticket: Ticket, bela: Client) -> None:
    types(bela, ticket, "Once.")
    assert types(bela, ticket, "Once more, as if the first had never arrived.")["version"] == 2


def test_what_was_sent_elsewhere_does_not_come_back_as_a_draft(
    ticket: Ticket, bela: Client
) -> None:
    types(bela, ticket, "Send it in.")
    bela.post(f"/tickets/{ticket.code}/messages", {"text": "Send it in."})
    late = types(bela, ticket, "Send it in.", version="1")
    assert (late["status"], late["version"], Draft.objects.count()) == (409, 0, 0)


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_a_draft_goes_with_the_message_that_comes_of_it(
    kind: str, ticket: Ticket, bela: Client
) -> None:
    types(bela, ticket, "Send it in.", kind=kind)
    bela.post(f"/tickets/{ticket.code}/messages", {"text": "Send it in.", "kind": kind})
    assert not Draft.objects.exists()
    assert ticket.messages.filter(kind=kind).count() == 1


def test_a_refused_answer_leaves_the_draft_and_its_files(ticket: Ticket, bela: Client) -> None:
    token = sends_ahead(bela, ticket)
    types(bela, ticket, "Send it in.", version="1", writer="")
    sent = bela.post(
        f"/tickets/{ticket.code}/messages", {"text": "", "file": token, "then": "postponed:never"}
    )
    assert sent.status_code == 422
    assert Draft.objects.get().text == "Send it in."
    assert token in sent.content.decode()


def test_nothing_typed_is_no_draft(ticket: Ticket, bela: Client) -> None:
    assert types(bela, ticket, "  ")["version"] == 0
    types(bela, ticket, "Hm.")
    assert types(bela, ticket, "", version="1")["version"] == 0
    assert not Draft.objects.exists()


def test_looks_are_kept_and_made_safe(ticket: Ticket, bela: Client) -> None:
    html = "<p>Send it <strong>in</strong>.<script>x()</script></p><p onclick=x>Soon.</p>"
    types(bela, ticket, "", html=html)
    kept = Draft.objects.get()
    assert (kept.html, kept.text) == (
        "<p>Send it <strong>in</strong>.</p><p>Soon.</p>",
        "Send it in.\n\nSoon.",
    )


def test_words_without_looks_are_plain(ticket: Ticket, bela: Client) -> None:
    bela.post(f"/tickets/{ticket.code}/messages", {"html": "<p>Send it<br>in &lt;b&gt;.</p>"})
    text = ticket.messages.get(kind="reply").text
    assert (text.plain, text.html) == ("Send it\nin <b>.", "")


def test_a_file_that_was_sent_ahead_goes_with_the_answer(ticket: Ticket, bela: Client) -> None:
    token = sends_ahead(bela, ticket, "../../zip.png")
    where = f"/tickets/{ticket.code}/messages"
    bela.post(where, {"text": "See.", "file": token, "once": "x"})
    bela.post(where, {"text": "See.", "file": token, "once": "x"})  # pressed twice
    [message] = ticket.messages.filter(kind="reply")
    [file] = message.attachments.all()
    assert (file.name, file.token, file.inline) == ("zip.png", token, False)
    assert files.path_of(file.sha256).read_bytes() == PNG
    assert bela.get(f"/files/{token}").status_code == 200
    # Its bytes are not shredded with the draft.
    for job in Job.objects.filter(name=files.SHRED_JOB):
        files.shred_file(**job.args)
    assert files.path_of(file.sha256).exists()


def test_a_picture_among_the_words_goes_along_inside_the_letter(
    ticket: Ticket, bela: Client
) -> None:
    shown, dropped = (sends_ahead(bela, ticket, inline="1") for _ in range(2))
    elsewhere = '<img src="/files/aaaaaaaaaaaaaaaaaaaaaa">'
    html = f'<p>See <img src="/files/{shown}" alt="zip"> {elsewhere}</p>'
    bela.post(
        f"/tickets/{ticket.code}/messages", {"html": html, "file": [shown, dropped], "text": ""}
    )
    message = ticket.messages.get(kind="reply")
    [file] = message.attachments.all()
    assert (file.token, file.inline) == (shown, True)
    assert f'src="cid:{file.content_id}"' in message.text.html
    assert "/files/" not in message.text.html  # nobody outside could see it
    frame = bela.get(f"/tickets/{ticket.code}/messages/{message.pk}/frame").content.decode()
    assert f'src="/files/{shown}"' in frame


def test_without_scripts_files_come_with_the_form(ticket: Ticket, bela: Client) -> None:
    file = SimpleUploadedFile("zip.png", PNG, "image/png")
    bela.post(f"/tickets/{ticket.code}/messages", {"text": "See.", "files": file})
    assert [one.name for one in Attachment.objects.all()] == ["zip.png"]
    refused = SimpleUploadedFile("late.png", PNG, "image/png")
    where = f"/tickets/{ticket.code}/messages"
    page = bela.post(where, {"text": "See.", "files": refused, "to": "nobody"}).content.decode()
    assert "late.png" in page  # it is kept for the next try


def test_files_of_a_draft_are_for_its_writer_alone(
    cast: Cast, ticket: Ticket, bela: Client, as_: SignIn
) -> None:
    token = sends_ahead(bela, ticket)
    anna = as_(cast.anna)
    assert anna.get(f"/files/{token}").status_code == 404
    assert anna.post(f"/draft-files/{token}", {"_method": "DELETE"}).status_code == 404
    anna.post(f"/tickets/{ticket.code}/messages", {"text": "Mine.", "file": token})
    assert not Attachment.objects.exists()
    assert bela.post(f"/draft-files/{token}", {"_method": "DELETE"}).status_code == 204
    assert not DraftFile.objects.exists()
    types(bela, ticket, "", version="1", writer="")
    assert not Draft.objects.exists()


def test_what_was_begun_on_a_part_goes_on_at_the_survivor(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    types(bela, ticket, "I was about to say")
    survivor = a_ticket(cast.support, cast.emil)
    actions.merge(ticket, survivor, by=by(cast.anna))
    assert "I was about to say</textarea>" in page_of(bela, survivor)
    types(bela, survivor, "I was about to say this.", version="1")
    assert Draft.objects.get().ticket == survivor
    bela.post(f"/tickets/{survivor.code}/messages", {"text": "I was about to say this."})
    assert not Draft.objects.exists()


def test_what_is_taken_out_for_good_goes_from_drafts_as_well(
    cast: Cast, ticket: Ticket, bela: Client
) -> None:
    types(bela, ticket, "", html="<p>Your card <b>4711 0815</b> was charged.</p>")
    actions.note(ticket, Content("The card is 4711 0815."), by=by(cast.anna))
    actions.redact(ticket, by=by(cast.anna), passage="4711 0815")
    kept = Draft.objects.get()
    assert "4711" not in kept.text + kept.html
    # The window that still shows it is told, and does not write it back unawares.
    assert types(bela, ticket, "Your card 4711 0815", version="1")["status"] == 409
    actions.delete(ticket, by=by(cast.anna))
    actions.purge(ticket, by=by(cast.anna))
    assert not Draft.objects.exists()


def test_the_first_mail_of_a_ticket_has_a_draft_too(bela: Client) -> None:
    assert types(bela, None, "Dear Gina,")["version"] == 1
    assert types(bela, None, "Dear Gina, hello", version="1")["version"] == 2
    assert Draft.objects.get().ticket is None


def test_who_writes_to_two_customers_has_both_at_hand(cast: Cast, bela: Client) -> None:
    def begins(once: str, customer: str, subject: str) -> None:
        about = {"customer": customer, "subject": subject, "kind": "mail"}
        types(bela, None, f"Dear {subject},", once=once, **about)

    def shown(asked: str = "") -> str:
        return bela.get(f"/tickets/new{asked}").content.decode()

    begins("one", "gina@acme.example", "Poles")
    begins("two", "hans@acme.example", "Boots")
    last = shown()
    assert 'value="Boots"' in last
    assert '">Poles</a>' in last
    gina = Draft.objects.get(once="one")
    for anew in ("?another", "?kind=call", f"?customer={cast.emil.customer.pk}"):
        assert '">Poles</a>' in shown(anew)
        assert '">Boots</a>' in shown(anew)
    first = shown(f"?draft={gina.pk}")
    assert 'value="Poles"' in first
    assert 'name="once" value="one"' in first
    form = {"customer": "gina@acme.example", "subject": "Poles", "text": "Dear Gina, hello"}
    place = {"kind": "mail", "department": str(cast.support.pk), "once": "one"}
    assert bela.post("/tickets/new", form | place).status_code == 302
    assert Draft.objects.get().once == "two"


def test_nobody_opens_the_mail_that_a_colleague_has_begun(
    cast: Cast, bela: Client, as_: SignIn
) -> None:
    types(bela, None, "Dear Gina,", once="one", subject="Poles")
    begun = Draft.objects.get()
    assert "Poles" not in as_(cast.anna).get(f"/tickets/new?draft={begun.pk}").content.decode()


@pytest.mark.parametrize("goes", [{}, {"later": "hour"}])
def test_what_arrives_after_the_first_mail_was_sent_does_not_bring_it_back(
    goes: dict[str, str], cast: Cast, bela: Client
) -> None:
    form = {
        "kind": "mail",
        "customer": "gina@acme.example",
        "subject": "Your poles are here",
        "text": "They wait at the counter.",
        "department": str(cast.support.pk),
        "once": "one",
    }

    def is_sent() -> bool:
        return bool(json.loads(bela.get("/tickets/new/draft?once=one").content)["sent"])

    assert not is_sent()
    assert bela.post("/tickets/new", form | goes).status_code == 302
    assert is_sent()
    for version in ("0", "1"):
        late = types(bela, None, "They wait at", once="one", version=version)
        assert (late["status"], late["version"]) == (200, 0)
    assert not Draft.objects.filter(send_at=None).exists()
    slip = {"file": SimpleUploadedFile("slip.pdf", b"%PDF"), "once": "one"}
    assert bela.post("/tickets/new/draft/files", slip).status_code == 404
    assert not Draft.objects.filter(send_at=None).exists()
    # What is begun since in the same window stays as it is.
    types(bela, None, "Dear Frida,", once="two")
    types(bela, None, "They wait at", once="one")
    assert Draft.objects.get(send_at=None).text == "Dear Frida,"


def test_people_are_found_while_their_name_is_typed(cast: Cast, bela: Client) -> None:
    def meant(typed: str) -> list[str]:
        found: list[str] = json.loads(bela.get("/people/known", {"q": typed}).content)["people"]
        return found

    assert meant("em") == ["Emil Novák <emil@acme.example>"]
    assert meant("berg") == ["Frida Berg <frida@acme.example>"]
    assert meant("anna") == ["Anna van der Meulen <anna@desk.example>"]
    assert meant("e") == []
    assert meant("nobody at all") == []


def test_people_are_found_by_their_number_and_written_to_by_mail(cast: Cast, bela: Client) -> None:
    also_reached_at(cast.emil.customer, "+3612345678", kind="phone")
    customer_for("+3612345679", "Hana Malá", kind="phone")

    def meant(typed: str) -> list[str]:
        found: list[str] = json.loads(bela.get("/people/known", {"q": typed}).content)["people"]
        return found

    assert meant("06 1 234 5678") == ["Emil Novák <emil@acme.example>"]
    assert meant("+36 1 234") == ["Emil Novák <emil@acme.example>"]
    assert meant("06 1 234 5679") == meant("hana") == []


def test_messages_hold_no_more_than_a_letter_may(ticket: Ticket, bela: Client) -> None:
    where = f"/tickets/{ticket.code}/messages"
    crowd = ", ".join(f"a{number}@acme.example" for number in range(101))
    assert bela.post(where, {"text": "Hello.", "to": crowd}).status_code == 422
    assert bela.post(where, {"text": "x" * 500_001}).status_code == 422
    assert bela.post(where, {"html": "<b>" * 2000 + "x"}).status_code == 422
    assert not Message.objects.filter(kind="reply").exists()

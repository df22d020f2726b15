"""Canned answers: kept on pages of their own, offered where one writes, put in with everything filled."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from deskbell.access import custom_roles
from deskbell.knowledge import canned
from deskbell.knowledge.canned import Said, Wanted
from deskbell.knowledge.models import CannedAnswer
from deskbell.people.models import Agent
from deskbell.tickets import files
from deskbell.tickets.content import NewFile
from deskbell.tickets.models import Draft, Message, Ticket
from tests.cast import Cast, by
from tests.web.conftest import SignIn
from tests.web.desk.pages import page_of

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Zip",
    "audience": "mine",
    "language": "en",
    "text": "Dear {first_name|you},\nsew it in.",
}


@pytest.fixture
def anna(cast: Cast, as_: SignIn) -> Client:
    return as_(cast.anna)


@pytest.fixture
def zip_(cast: Cast) -> CannedAnswer:
    label = NewFile("label.pdf", "application/pdf", files.keep(b"label"))
    texts = {
        "en": Said(
            "Dear {first_name},\nsend it in.", "<p>Dear {first_name},<br><b>send</b> it in.</p>"
        ),
        "cs": Said("Pošlete to, {first_name}."),
    }
    wanted = Wanted("Send in", texts, folder="Repairs", abbreviation="in", more_files=[label])
    return canned.make(wanted, by=by(cast.anna))


def _offered(client: Client, ticket: Ticket, typed: str = "") -> list[str]:
    answer = client.get(f"/tickets/{ticket.code}/canned-answers/offers", {"q": typed})
    return [one["name"] for one in json.loads(answer.content)["offers"]]


def _put(client: Client, where: str, answer: CannedAnswer, **form: str) -> dict[str, Any]:
    """Put an answer in, as the composer's list does."""
    got = client.post(
        f"/tickets/{where}/canned-answers/{answer.pk}", form, headers={"Accept": "application/json"}
    )
    assert got.status_code == 200
    found: dict[str, Any] = json.loads(got.content)
    return found


def test_bela_keeps_an_answer_for_himself_and_finds_it_by_its_words(bela: Client) -> None:
    made = bela.post("/canned-answers/new", FORM | {"folder": "Repairs"})
    answer = CannedAnswer.objects.get()
    assert made.headers["Location"] == f"/canned-answers?kept={answer.pk}"
    assert "Zip is kept." in bela.get(made.headers["Location"]).content.decode()
    page = bela.get("/canned-answers?q=SEW").content.decode()
    assert "Repairs" in page
    assert "not sent yet" in page
    assert "None has these words" in bela.get("/canned-answers?q=quux").content.decode()


def test_what_he_may_not_keep_is_not_offered_to_him_and_refused(cast: Cast, bela: Client) -> None:
    assert "Everybody" not in bela.get("/canned-answers/new").content.decode()
    assert bela.post("/canned-answers/new", FORM | {"audience": "all"}).status_code == 403
    assert not CannedAnswer.objects.exists()


def test_anna_keeps_one_for_a_department(cast: Cast, anna: Client, as_: SignIn) -> None:
    wrong = anna.post("/canned-answers/new", FORM | {"audience": "department"})
    assert (wrong.status_code, "Choose a department." in wrong.content.decode()) == (422, True)
    anna.post(
        "/canned-answers/new", FORM | {"audience": "department", "department": str(cast.support.pk)}
    )
    assert "Zip" in as_(cast.bela).get("/canned-answers").content.decode()
    assert "No answer is kept yet" in as_(cast.dora).get("/canned-answers").content.decode()


def test_each_language_is_written_by_itself_and_the_others_stay(
    anna: Client, zip_: CannedAnswer
) -> None:
    where = f"/canned-answers/{zip_.pk}"
    assert "Pošlete to" in anna.get(where, {"language": "cs"}).content.decode()
    form = FORM | {"name": "Send in", "audience": "all"}
    led = anna.post(where, form | {"language": "hu", "text": "Küldje be.", "then": "cs"})
    assert led.headers["Location"] == f"{where}?language=cs"
    texts = dict(zip_.texts.values_list("language", "plain"))
    assert texts == {
        "en": "Dear {first_name},\nsend it in.",
        "cs": "Pošlete to, {first_name}.",
        "hu": "Küldje be.",
    }
    anna.post(where, form | {"language": "cs", "text": ""})
    assert set(zip_.texts.values_list("language", flat=True)) == {"en", "hu"}


def test_a_place_that_is_not_known_is_refused_beside_the_text(bela: Client) -> None:
    refused = bela.post("/canned-answers/new", FORM | {"text": "Dear {colour}"})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "{colour}" in page
    assert 'id="text-error"' in page


def test_html_of_an_answer_is_made_safe(bela: Client) -> None:
    html = "<p>Sew <b>it</b> in.<script>x()</script></p><p onclick=x>{name}</p>"
    bela.post("/canned-answers/new", FORM | {"html": html})
    assert CannedAnswer.objects.get().texts.get().html == "<p>Sew <b>it</b> in.</p><p>{name}</p>"


def test_files_come_and_go_with_its_form(bela: Client) -> None:
    file = SimpleUploadedFile("label.pdf", b"label", "application/pdf")
    bela.post("/canned-answers/new", {**FORM, "files": file})
    answer = CannedAnswer.objects.get()
    kept = answer.files.get()
    given = bela.get(f"/canned-answers/{answer.pk}/files/{kept.token}")
    assert given.headers["Content-Disposition"] == 'attachment; filename="label.pdf"'
    bela.post(f"/canned-answers/{answer.pk}", FORM | {"less": str(kept.pk)})
    assert bela.get(f"/canned-answers/{answer.pk}/files/{kept.token}").status_code == 404


def test_what_is_archived_is_brought_back_by_one_press(
    anna: Client, bela: Client, ticket: Ticket, zip_: CannedAnswer
) -> None:
    gone = anna.post(f"/canned-answers/{zip_.pk}/archived")
    page = anna.get(gone.headers["Location"]).content.decode()
    assert "Send in is archived" in page
    assert "Undo" in page
    assert _offered(bela, ticket) == []
    anna.post(f"/canned-answers/{zip_.pk}/archived", {"_method": "DELETE"})
    assert _offered(bela, ticket) == ["Send in"]
    assert bela.post(f"/canned-answers/{zip_.pk}/archived").status_code == 403


def test_who_may_not_change_it_reads_it(bela: Client, zip_: CannedAnswer) -> None:
    page = bela.get(f"/canned-answers/{zip_.pk}").content.decode()
    assert "Czech" in page
    assert 'name="name"' not in page
    assert bela.post(f"/canned-answers/{zip_.pk}", FORM).status_code == 403


def test_the_preview_fills_it_for_a_ticket_and_shows_it_where_nothing_is_known(
    bela: Client, ticket: Ticket
) -> None:
    page = bela.post("/canned-answers/preview", FORM | {"ticket": ticket.code}).content.decode()
    assert f"For {ticket.code}" in page
    assert "Dear Emil," in page
    assert "Dear you," in page
    wrong = bela.post("/canned-answers/preview", FORM | {"text": "{colour}"})
    assert (wrong.status_code, "{colour}" in wrong.content.decode()) == (422, True)


def test_nobody_previews_with_a_ticket_that_they_do_not_see(
    cast: Cast, as_: SignIn, ticket: Ticket
) -> None:
    refused = as_(cast.dora).post("/canned-answers/preview", FORM | {"ticket": ticket.code})
    assert (refused.status_code, "Emil" in refused.content.decode()) == (422, False)


def test_the_list_at_the_caret_says_what_fits_and_why(
    bela: Client, ticket: Ticket, zip_: CannedAnswer, cast: Cast
) -> None:
    canned.make(Wanted("Sewing", {"en": Said("We sew in another zip.")}), by=by(cast.anna))
    answer = bela.get(f"/tickets/{ticket.code}/canned-answers/offers")
    assert json.loads(answer.content)["offers"][0] | {"number": 0} == {
        "number": 0,
        "name": "Sewing",
        "says": "fits: zip",
    }
    assert _offered(bela, ticket, "in") == ["Send in", "Sewing"]


def test_what_fits_comes_into_the_empty_composer_and_only_there(
    bela: Client, ticket: Ticket, zip_: CannedAnswer, cast: Cast
) -> None:
    where = f"/tickets/{ticket.code}/canned-answers/fitting"
    assert f'hx-get="{where}"' in page_of(bela, ticket)
    assert "data-puts" not in bela.get(where).content.decode()
    sewing = canned.make(Wanted("Sewing", {"en": Said("We sew in a zip.")}), by=by(cast.anna))
    piece = bela.get(where).content.decode()
    assert f'data-puts="{sewing.pk}" title="fits: zip"' in piece
    assert "Send in" not in piece
    bela.post(f"/tickets/{ticket.code}/draft", {"text": "I begin.", "writer": "w", "version": "0"})
    assert where not in page_of(bela, ticket)


def test_what_is_put_in_is_filled_and_its_files_go_along(
    bela: Client, ticket: Ticket, zip_: CannedAnswer
) -> None:
    put = _put(bela, ticket.code, zip_)
    assert put["text"] == "Dear Emil,\nsend it in."
    assert put["html"] == "<p>Dear Emil,<br><b>send</b> it in.</p>"
    assert [one["name"] for one in put["files"]] == ["label.pdf"]
    sent = {"text": put["text"], "file": put["files"][0]["token"], "canned": str(zip_.pk)}
    assert bela.post(f"/tickets/{ticket.code}/messages", sent).status_code == 302
    message = Message.objects.latest("pk")
    assert [one.name for one in message.attachments.all()] == ["label.pdf"]
    zip_.refresh_from_db()
    assert (zip_.used, zip_.files.count()) == (1, 1)
    assert "sent once" in bela.get("/canned-answers").content.decode()


def test_a_note_counts_as_well(bela: Client, ticket: Ticket, zip_: CannedAnswer) -> None:
    said = {"text": "Dear Emil, send it in", "kind": "note", "canned": str(zip_.pk)}
    bela.post(f"/tickets/{ticket.code}/messages", said)
    zip_.refresh_from_db()
    assert zip_.used == 1


def test_a_customer_is_answered_in_their_language(
    bela: Client, ticket: Ticket, zip_: CannedAnswer, cast: Cast
) -> None:
    cast.emil.customer.language = "cs"
    cast.emil.customer.save()
    assert _put(bela, ticket.code, zip_)["text"] == "Pošlete to, Emil."


def test_what_was_put_in_stands_in_the_draft_until_it_is_sent(
    bela: Client, ticket: Ticket, zip_: CannedAnswer
) -> None:
    kept = {"text": "Dear Emil", "canned": str(zip_.pk), "writer": "w", "version": "0"}
    bela.post(f"/tickets/{ticket.code}/draft", kept)
    assert f'name="canned" value="{zip_.pk}"' in page_of(bela, ticket)


def test_without_scripts_a_page_puts_it_below_what_was_begun(
    bela: Client, ticket: Ticket, zip_: CannedAnswer
) -> None:
    where = f"/tickets/{ticket.code}/canned-answers"
    led = bela.post(where, {"text": "I begin.", "kind": "note"})
    assert led.headers["Location"] == where
    assert "Dear Emil, send it in." in " ".join(bela.get(where).content.decode().split())
    assert "None has these words" in bela.get(where, {"q": "quux"}).content.decode()
    back = bela.post(f"{where}/{zip_.pk}")
    assert back.headers["Location"] == f"/tickets/{ticket.code}?begun"
    draft = Draft.objects.get()
    assert draft.text == "I begin.\n\nDear Emil,\nsend it in."
    assert "<b>send</b>" in draft.html
    assert (draft.fields["kind"], draft.fields["canned"]) == (["note"], [str(zip_.pk)])
    assert [one.name for one in draft.files.all()] == ["label.pdf"]


def test_a_mail_that_begins_a_ticket_is_filled_from_its_form(
    cast: Cast, bela: Client, zip_: CannedAnswer
) -> None:
    form = {"customer": "frida@acme.example", "department": str(cast.support.pk), "subject": "Zips"}
    assert _put(bela, "new", zip_, **form)["text"] == "Dear Frida,\nsend it in."
    assert _put(bela, "new", zip_, name="Gina Day")["text"] == "Dear Gina,\nsend it in."
    assert bela.post("/tickets/new/canned-answers", form | {"text": "I begin."}).status_code == 302
    assert "Dear Frida" in bela.get("/tickets/new/canned-answers").content.decode()
    bela.post(f"/tickets/new/canned-answers/{zip_.pk}")
    assert Draft.objects.get().text == "I begin.\n\nDear Frida,\nsend it in."


def test_who_sees_no_customers_is_told_no_name_by_it(
    cast: Cast, as_: SignIn, zip_: CannedAnswer
) -> None:
    cast.bela.custom_role = custom_roles.add_role(
        name="Counter", rights={"see": 2, "open": 2, "see_agents": 3}
    )
    cast.bela.role = Agent.Role.CUSTOM
    cast.bela.save()
    form = {"customer": "frida@acme.example", "department": str(cast.support.pk)}
    assert "Frida" not in _put(as_(cast.bela), "new", zip_, **form)["text"]


def test_a_ticket_that_begins_with_one_counts_it(
    cast: Cast, bela: Client, zip_: CannedAnswer
) -> None:
    form = {
        "kind": "mail",
        "customer": "frida@acme.example",
        "department": str(cast.support.pk),
        "subject": "Zips",
        "text": "Dear Frida, send it in.",
        "canned": str(zip_.pk),
    }
    assert bela.post("/tickets/new", form).status_code == 302
    zip_.refresh_from_db()
    assert zip_.used == 1


def test_what_belongs_to_others_cannot_be_put_in(
    cast: Cast, bela: Client, ticket: Ticket, zip_: CannedAnswer
) -> None:
    own = canned.make(Wanted("Own", {"en": Said("Mine.")}, owner=cast.anna), by=by(cast.anna))
    assert bela.post(f"/tickets/{ticket.code}/canned-answers/{own.pk}").status_code == 404
    assert bela.get(f"/canned-answers/{own.pk}").status_code == 404


def test_who_may_not_write_on_a_ticket_is_offered_nothing(
    cast: Cast, as_: SignIn, ticket: Ticket, zip_: CannedAnswer
) -> None:
    where = f"/tickets/{ticket.code}/canned-answers"
    assert as_(cast.dora).get(f"{where}/offers").status_code == 404
    assert as_(cast.dora).post(f"{where}/{zip_.pk}").status_code == 404

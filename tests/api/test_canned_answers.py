"""Canned answers by the API: kept, shared, filled for a ticket and counted."""

from deskbell.knowledge.models import CannedAnswer
from tests.api.conftest import Program
from tests.cast import Cast
from tests.desk import a_ticket

WISH = {
    "name": "Send in",
    "folder": "Repairs",
    "abbreviation": "in",
    "texts": {
        "en": {"html": "<p>Dear {first_name}, <b>send</b> it in.<script>x()</script></p>"},
        "cs": {"text": "Pošlete to, {first_name}."},
    },
}


def test_a_program_keeps_an_answer_and_has_it_filled_for_a_ticket(
    cast: Cast, bela: Program
) -> None:
    made = bela.post("/canned-answers", WISH)
    path = f"/canned-answers/{made['id']}"
    assert bela.get(path) == made
    assert made["texts"]["en"]["html"] == "<p>Dear {first_name}, <b>send</b> it in.</p>"
    assert (made["audience"], made["used"], made["used_at"]) == ("mine", 0, None)
    ticket = a_ticket(cast.support, cast.emil)
    said = bela.get(f"/tickets/{ticket.code}{path}")
    assert said == {
        "language": "en",
        "text": "Dear Emil, send it in.",
        "html": "<p>Dear Emil, <b>send</b> it in.</p>",
    }
    message = {"kind": "note", "text": said["text"], "canned_answers": [made["id"], 999]}
    bela.post(f"/tickets/{ticket.code}/messages", message)
    shown = bela.get(path)
    assert shown["used"] == 1
    assert shown["used_at"].endswith("Z")


def test_what_is_not_named_stays_as_it_is(cast: Cast, bela: Program) -> None:
    file = bela.upload("/attachments", "label.pdf", b"label", "application/pdf")["token"]
    made = bela.post("/canned-answers", WISH | {"attachments": [file]})
    path = f"/canned-answers/{made['id']}"
    changed = bela.patch(path, {"name": "Return"})
    assert changed == made | {"name": "Return", "version": 2}
    assert [one["name"] for one in changed["files"]] == ["label.pdf"]
    dropped = bela.patch(
        path, {"drop_files": [changed["files"][0]["id"]], "texts": {"hu": {"text": "Küldje be."}}}
    )
    assert (dropped["files"], list(dropped["texts"])) == ([], ["hu"])


def test_what_is_archived_is_listed_apart_and_comes_back(cast: Cast, bela: Program) -> None:
    made = bela.post("/canned-answers", WISH)
    path = f"/canned-answers/{made['id']}"
    assert [one["id"] for one in bela.get("/canned-answers", q="repairs sen")["items"]] == [
        made["id"]
    ]
    assert bela.get("/canned-answers", q="quux")["items"] == []
    bela.delete(path)
    assert bela.get("/canned-answers")["items"] == []
    assert [one["archived"] for one in bela.get("/canned-answers", archived="true")["items"]] == [
        True
    ]
    assert bela.patch(path, {"archived": False})["archived"] is False


def test_only_who_may_share_keeps_those_of_others(
    cast: Cast, anna: Program, bela: Program, dora: Program
) -> None:
    wish = WISH | {"audience": "department", "department": "Support"}
    bela.refused(403, "POST", "/canned-answers", wish)
    made = anna.post("/canned-answers", wish)
    assert bela.get("/canned-answers")["items"] == [made]
    bela.refused(403, "PATCH", f"/canned-answers/{made['id']}", {"name": "Mine"})
    dora.refused(404, "GET", f"/canned-answers/{made['id']}")
    assert anna.patch(f"/canned-answers/{made['id']}", {"audience": "all"})["department"] is None
    own = bela.post("/canned-answers", WISH)
    anna.refused(404, "GET", f"/canned-answers/{own['id']}")


def test_what_cannot_be_said_is_refused_with_its_place(cast: Cast, bela: Program) -> None:
    for texts, field in (
        ({"en": {"text": "{colour}"}}, "texts.en"),
        ({"tlh": {"text": "nuqneH"}}, "language"),
        ({}, "text"),
        ({"en": {"text": "a", "html": "b"}}, "texts.en.html"),
    ):
        problem = bela.refused(422, "POST", "/canned-answers", {"name": "N", "texts": texts})
        assert problem["errors"][0]["field"] == field
    bela.refused(422, "POST", "/canned-answers", WISH | {"audience": "department"})
    assert not CannedAnswer.objects.exists()


def test_of_two_programs_that_change_one_the_second_is_told(cast: Cast, bela: Program) -> None:
    path = f"/canned-answers/{bela.post('/canned-answers', WISH)['id']}"
    bela.patch(path, {"name": "Return", "seen_version": 1})
    problem = bela.refused(409, "PATCH", path, {"name": "Label", "seen_version": 1})
    assert (problem["code"], problem["version"]) == ("changed_meanwhile", 2)
    assert bela.get(path)["name"] == "Return"
    assert bela.patch(path, {"name": "Label", "seen_version": 2})["version"] == 3


def test_what_fits_a_ticket_says_why(cast: Cast, bela: Program) -> None:
    made = bela.post("/canned-answers", {"name": "Sewing", "texts": {"en": {"text": "A new zip."}}})
    ticket = a_ticket(cast.support, cast.emil)
    named = {"id": made["id"], "name": "Sewing"}
    assert bela.get(f"/tickets/{ticket.code}/canned-answers")["items"] == [
        {"canned_answer": named, "because": ["zip"], "tagged": 0}
    ]

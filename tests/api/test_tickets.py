"""/tickets: opening, showing, listing, asking."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deskbell.channels.mail.models import MailBox
from deskbell.tickets import actions
from deskbell.tickets.models import CodeAlias, Ticket
from tests.api.conftest import Program
from tests.cast import Cast, by
from tests.desk import a_ticket

FIELDS = {
    "id", "code", "subject", "description", "status", "priority", "channel", "department",
    "assignee", "customer", "tags", "fields", "followers", "escalations", "created_at",
    "last_activity_at", "due_at", "postponed_until", "resolved_at", "closed_at", "deleted_at",
    "merged_into", "rating", "step",
}  # fmt: skip


def codes(listed: dict[str, Any]) -> list[str]:
    return [ticket["code"] for ticket in listed["items"]]


def test_a_program_opens_a_ticket_for_a_customer(cast: Cast, bela: Program) -> None:
    response = bela.send(
        "POST",
        "/tickets",
        {
            "subject": "  The zip \n came apart ",
            "text": "After two nights.",
            "department": "Support",
            "customer": {"email": "Gina@Acme.example", "name": "Gina"},
        },
    )
    made = bela.read(response, 201)
    assert response.headers["Location"] == f"/api/v1/tickets/{made['code']}"
    assert set(made) == FIELDS
    assert made["subject"] == "The zip came apart"
    assert (made["status"], made["channel"], made["priority"]) == ("new", "api", 2)
    assert made["department"] == {"id": cast.support.pk, "name": "Support"}
    assert made["assignee"] is None
    assert made["customer"]["email"] == "gina@acme.example"
    assert made["customer"]["name"] == "Gina"
    assert (made["tags"], made["fields"], made["due_at"]) == ([], {}, None)
    assert made["created_at"].endswith("Z")
    assert bela.get(f"/tickets/{made['code']}") == made
    message = bela.get(f"/tickets/{made['code']}/messages")["items"][0]
    assert message["kind"] == "customer"
    assert message["from"] == {"email": "gina@acme.example", "name": "Gina"}
    assert message["author"]["kind"] == "customer"


def test_an_agent_who_writes_first_leaves_the_ticket_answered(cast: Cast, bela: Program) -> None:
    made = bela.post(
        "/tickets",
        {
            "subject": "Your order",
            "html": "<p>It is on its <b>way</b>.<script>alert(1)</script></p>",
            "department": cast.support.pk,
            "kind": "reply",
            "priority": 4,
            "customer": {"email": "emil@acme.example"},
        },
    )
    assert (made["status"], made["priority"]) == ("answered", 4)
    message = bela.get(f"/tickets/{made['code']}/messages")["items"][0]
    assert message["kind"] == "reply"
    assert message["text"] == "It is on its way."
    assert "<b>way</b>" in message["html"]
    assert "script" not in message["html"]
    assert message["to"] == [{"email": "emil@acme.example", "name": "Emil Novák"}]


def test_a_first_letter_goes_to_others_too_and_from_the_address_that_is_chosen(
    cast: Cast, bela: Program
) -> None:
    for name in ("a", "b"):
        MailBox.objects.create(address=f"{name}@desk.example", department=cast.support)
    letter = {
        "subject": "Your order",
        "text": "It is on its way.",
        "department": "Support",
        "kind": "reply",
        "customer": {"email": "emil@acme.example"},
        "cc": ["boss@acme.example", "Emil@acme.example"],
        "bcc": [{"email": "lawyer@acme.example", "name": "Lawyer"}],
        "from": "b@desk.example",
    }
    made = bela.post("/tickets", letter)
    [message] = bela.get(f"/tickets/{made['code']}/messages")["items"]
    assert message["from"]["email"] == "b@desk.example"
    assert [one["email"] for one in message["to"]] == ["emil@acme.example"]
    assert [one["email"] for one in message["cc"]] == ["boss@acme.example"]
    assert {one["email"] for one in message["delivery"]["recipients"]} == {
        "emil@acme.example", "boss@acme.example", "lawyer@acme.example",
    }  # fmt: skip
    parties = bela.get(f"/tickets/{made['code']}/participants")["items"]
    assert {one["email"] for one in parties} == {"emil@acme.example", "boss@acme.example"}
    problem = bela.refused(422, "POST", "/tickets", {**letter, "from": "emil@acme.example"})
    assert problem["code"] == "sender_not_allowed"
    for kind in ("note", "customer"):
        problem = bela.refused(422, "POST", "/tickets", {**letter, "kind": kind})
        assert [one["field"] for one in problem["errors"]] == ["kind"]
    assert Ticket.objects.count() == 1


def test_canned_answers_in_a_first_letter_are_counted(cast: Cast, bela: Program) -> None:
    texts = {"en": {"text": "A new zip comes."}}
    canned = bela.post("/canned-answers", {"name": "Zip", "texts": texts})
    letter = {"subject": "Zip", "text": "A new zip comes.", "department": "Support"}
    bela.post("/tickets", {**letter, "canned_answers": [canned["id"]]})
    assert bela.get(f"/canned-answers/{canned['id']}")["used"] == 1


def test_an_internal_ticket_needs_no_customer(cast: Cast, bela: Program) -> None:
    made = bela.post(
        "/tickets", {"subject": "Order paper", "kind": "note", "department": "support"}
    )
    assert made["customer"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": "", "text": ""}, "text"),
        ({"department": "Nowhere"}, "department"),
        ({"department": 10**30}, "department"),
        ({"customer": {"email": "nobody"}}, "customer.email"),
        ({"customer": {"name": "Emil"}}, "customer.email"),
        ({"priority": 5}, "priority"),
        ({"kind": "reply", "customer": None}, "customer"),
        ({"colour": "blue"}, "colour"),
        ({"subject": 7}, "subject"),
        ({"attachments": ["unknown"]}, "attachments.0"),
        ({"html": "<p>both</p>"}, "html"),
        ({"html": "<div>" * 2000, "text": ""}, "html"),
    ],
)
def test_what_cannot_be_used_is_named(
    cast: Cast, bela: Program, change: dict[str, Any], field: str
) -> None:
    good = {
        "subject": "The zip",
        "text": "It came apart.",
        "department": "Support",
        "customer": {"email": "emil@acme.example"},
    }
    problem = bela.refused(422, "POST", "/tickets", {**good, **change})
    assert problem["code"] == "bad_input"
    assert field in problem["errors"][0]["field"]
    assert problem["errors"][0]["reason"]
    assert not Ticket.objects.exists()
    bela.post("/tickets", good)


def test_only_who_may_open_in_a_department_does(
    cast: Cast, bela: Program, cecil: Program, dora: Program
) -> None:
    new = {"subject": "Zip", "text": "Broken.", "department": "Support"}
    assert cecil.refused(403, "POST", "/tickets", new)["code"] == "not_allowed"
    dora.refused(403, "POST", "/tickets", new)
    bela.post("/tickets", new)


def test_a_code_may_be_typed_in_any_way(cast: Cast, bela: Program) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    CodeAlias.objects.create(code="OLD-4711", ticket=ticket)
    for typed in (ticket.code, ticket.code.lower(), ticket.code.replace("-", ""), "OLD-4711"):
        assert bela.get(f"/tickets/{typed}")["code"] == ticket.code


def test_a_ticket_of_another_department_looks_as_if_there_were_none(
    cast: Cast, bela: Program, dora: Program
) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    assert codes(bela.get("/tickets")) == [ticket.code]
    assert codes(dora.get("/tickets")) == []
    there_is_one = dora.refused(404, "GET", f"/tickets/{ticket.code}")
    there_is_none = dora.refused(404, "GET", "/tickets/ABC-DEFGH-123")
    assert there_is_one["code"] == there_is_none["code"] == "no_such_ticket"
    assert there_is_one["detail"] == there_is_none["detail"]
    for part in ("messages", "timeline", "assignment", "resolution", "closure", "participants"):
        dora.refused(404, "GET", f"/tickets/{ticket.code}/{part}")


@pytest.mark.parametrize("code", ["x", "%00", "a%00b", "%F0%9F%94%94", "ABC-DEFGH-1234"])
def test_what_is_no_code_is_no_ticket(cast: Cast, bela: Program, code: str) -> None:
    bela.refused(404, "GET", f"/tickets/{code}")


def test_the_list_is_walked_by_its_cursor(cast: Cast, bela: Program) -> None:
    made = [a_ticket(cast.support, cast.emil, subject=f"Ticket {n}").code for n in range(7)]
    for sort, expected in (
        ("-activity", made[::-1]),
        ("activity", made),
        ("-created", made[::-1]),
        ("created", made),
    ):
        walked: list[str] = []
        after: dict[str, str] = {}
        for _ in range(3):
            listed = bela.get("/tickets", limit=3, sort=sort, **after)
            walked += codes(listed)
            after = {"after": listed["next"]}
        assert listed["next"] is None
        assert walked == expected


def test_the_latest_activity_comes_first_unless_asked_otherwise(cast: Cast, bela: Program) -> None:
    old, new = a_ticket(cast.support, cast.emil), a_ticket(cast.support, cast.frida)
    assert codes(bela.get("/tickets")) == [new.code, old.code]
    bela.post(f"/tickets/{old.code}/messages", {"kind": "note", "text": "Looking."})
    assert codes(bela.get("/tickets")) == [old.code, new.code]
    assert codes(bela.get("/tickets", sort="-created")) == [new.code, old.code]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", 2),
        ("after", "nonsense"), ("after", "a\x00b"), ("limit", 0), ("limit", 101), ("limit", "many"),
        ("sort", "colour"), ("q", "colour:blue"), ("q", "status:sleeping"), ("q", "dept:nowhere"),
        ("q", "assignee:nobody@desk.example"), ("q", "assignee:99999999999999999999"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_told_from_an_empty_list(
    cast: Cast, bela: Program, name: str, value: str
) -> None:
    problem = bela.refused(422, "GET", "/tickets", **{name: value})
    assert problem["errors"][0]["field"] == name


def test_an_empty_parameter_asks_nothing(cast: Cast, bela: Program) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    assert codes(bela.get("/tickets", q="", sort="", after="")) == [ticket.code]
    assert bela.get("/customers", q="", after="")["items"]


def test_a_cursor_belongs_to_its_order(cast: Cast, bela: Program) -> None:
    for _ in range(2):
        a_ticket(cast.support, cast.emil)
    after = bela.get("/tickets", limit=1)["next"]
    bela.refused(422, "GET", "/tickets", sort="created", after=after)


def test_what_is_found_by_words_is_listed_by_its_hits(cast: Cast, bela: Program) -> None:
    older = a_ticket(cast.support, cast.emil, subject="A refund", text="When is it?")
    newer = a_ticket(cast.support, cast.emil, subject="Hello", text="I wait for a refund.")
    first = bela.get("/tickets", q="refund", sort="hit", limit=1)
    assert codes(first) == [newer.code]
    rest = bela.get("/tickets", q="refund", sort="hit", after=first["next"])
    assert codes(rest) == [older.code]
    assert codes(bela.get("/tickets", q="refund", sort="best")) == [older.code, newer.code]
    bela.refused(422, "GET", "/tickets", q="status:new", sort="best")
    bela.refused(422, "GET", "/tickets", q="refund", sort="best", after=first["next"])


def test_a_question_narrows_the_list(cast: Cast, anna: Program, bela: Program) -> None:
    zipper = a_ticket(cast.support, cast.emil, subject="The Zip came apart")
    bill = a_ticket(cast.billing, cast.frida, subject="Refund of the bill", text="Please.")
    actions.take(zipper, by=by(cast.bela))
    actions.resolve(zipper, by=by(cast.bela))
    for q, expected in {
        "": [bill, zipper],
        "status:new": [bill],
        "status:new,resolved": [bill, zipper],
        "STATUS:resolved": [zipper],
        "dept:billing": [bill],
        f"department:{cast.support.pk}": [zipper],
        "assignee:none": [bill],
        "assignee:bela@desk.example": [zipper],
        "assignee:me": [],
        f"assignee:{cast.bela.pk},none": [bill, zipper],
        "from:Frida@acme.example": [bill],
        "customer:emil@acme.example,frida@acme.example": [bill, zipper],
        "zip": [zipper],
        "zip bill": [],
        '"of the bill"': [bill],
        "dept:billing zip": [],
        zipper.code.lower(): [zipper],
        f"{zipper.code} {bill.code}": [bill, zipper],
        "100%": [],
        "https://x": [],
        "night": [zipper],
        "'\"`": [bill, zipper],
    }.items():
        found = codes(anna.get("/tickets", q=q))
        assert found == [ticket.code for ticket in expected] or sorted(found) == sorted(
            ticket.code for ticket in expected
        ), q
    assert codes(bela.get("/tickets", q="assignee:me")) == [zipper.code]
    assert codes(bela.get("/tickets", q="dept:billing")) == []


def test_a_longer_list_costs_no_more_queries(cast: Cast, bela: Program) -> None:
    counts: list[int] = []
    for _ in range(2):
        for _ in range(3):
            ticket = a_ticket(cast.support, cast.emil)
            actions.reply(ticket, content("Done."), by=by(cast.bela))
            actions.tag(ticket, by=by(cast.bela), add=[f"tag {len(counts)}", "zip"])
            actions.follow(ticket, by=by(cast.cecil))
            actions.describe(ticket, by=by(cast.bela), description=f"Zip {len(counts)}")
        bela.get("/tickets")  # whatever is read once in a process
        with CaptureQueriesContext(
            connection,
        ) as queries:
            bela.get("/tickets")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def content(text: str) -> Any:
    from deskbell.tickets.content import Content

    return Content(text)

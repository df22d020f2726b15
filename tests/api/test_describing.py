"""PATCH /tickets/CODE, …/tags, /followers, /checklist, /customer, /participants, /escalation, /timeline/STEP/undo."""

from __future__ import annotations

from typing import Any

import pytest

from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Tag, Ticket
from tests.api.conftest import Program
from tests.cast import Cast, by
from tests.desk import a_ticket


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


def at(ticket: Ticket, what: str = "") -> str:
    return f"/tickets/{ticket.code}/{what}".rstrip("/")


def kinds(program: Program, ticket: Ticket) -> list[str]:
    return [entry["kind"] for entry in program.get(at(ticket, "timeline"))["items"]]


def names(listed: dict[str, Any]) -> list[str]:
    return [one["name"] for one in listed["items"]]


def test_a_ticket_is_changed_in_one_go(cast: Cast, anna: Program, ticket: Ticket) -> None:
    changed = anna.patch(
        at(ticket),
        {
            "subject": " The zip of the tent ",
            "description": "Model Lomnica 2.\nBought in May.",
            "priority": 3,
            "tags": ["tent", "Zip"],
            "department": "Billing",
            "assignee": "dora@desk.example",
        },
    )
    assert changed["subject"] == "The zip of the tent"
    assert changed["description"] == "Model Lomnica 2.\nBought in May."
    assert (changed["priority"], changed["tags"]) == (3, ["Zip", "tent"])
    assert (changed["department"]["name"], changed["assignee"]["name"]) == ("Billing", "Dora Lind")
    assert anna.get(at(ticket)) == changed
    assert kinds(anna, ticket)[2:] == [
        "ticket.described", "ticket.prioritised", "ticket.tagged", "ticket.transferred",
        "ticket.assigned",
    ]  # fmt: skip


def test_when_one_change_is_refused_nothing_changes(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    before = bela.get(at(ticket))
    for wrong in (
        {"assignee": "nobody@x.example"},
        {"department": "nowhere"},
        {"assignee": "dora@desk.example"},
    ):
        bela.refused(422, "PATCH", at(ticket), {"subject": "Else", "tags": ["new"], **wrong})
    assert bela.get(at(ticket)) == before
    assert not Tag.objects.exists()


def test_what_is_not_named_stays_and_the_same_again_is_no_news(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    bela.patch(at(ticket), {"priority": 4, "assignee": "me", "description": "Of a tent."})
    steps = bela.get(at(ticket))["step"]
    same = bela.patch(
        at(ticket), {"priority": 4, "assignee": "me", "subject": ticket.subject.plain}
    )
    assert (same["step"], same["description"]) == (steps, "Of a tent.")
    cleared = bela.patch(at(ticket), {"assignee": None, "description": ""})
    assert (cleared["assignee"], cleared["description"], cleared["priority"]) == (None, "", 4)
    assert bela.patch(at(ticket), {})["step"] == cleared["step"]


@pytest.mark.parametrize(
    "change",
    [
        {"priority": 5}, {"priority": "4"}, {"subject": "  "}, {"tags": [""]}, {"tags": ["x" * 51]},
        {"tags": "zip"}, {"status": "closed"}, {"colour": "red"}, {"department": 10**30}, [], None,
    ],
)  # fmt: skip
def test_a_wrong_change_is_named(cast: Cast, bela: Program, ticket: Ticket, change: object) -> None:
    assert bela.refused(422, "PATCH", at(ticket), change)["errors"]


def test_tags_are_put_added_and_taken_away(cast: Cast, bela: Program, ticket: Ticket) -> None:
    path = at(ticket, "tags")
    assert names(bela.put(path, {"tags": ["zip", "tent", "ZIP"]})) == ["tent", "zip"]
    assert names(bela.post(path, {"name": "stove"})) == ["stove", "tent", "zip"]
    put = bela.put(path, {"tags": ["Tent", "wet"]})
    assert names(put) == ["tent", "wet"]
    assert bela.get(at(ticket, f"timeline/{put['step']}"))["sentence"] == (
        "Bela Kerekes tagged it wet instead of zip, stove"
    )
    tent = put["items"][0]["id"]
    bela.delete(f"{path}/{tent}")
    bela.refused(404, "DELETE", f"{path}/{tent}")
    assert names(bela.get(path)) == bela.get(at(ticket))["tags"] == ["wet"]
    assert names(bela.get("/tags")) == ["tent", "zip", "stove", "wet"]
    assert names(bela.get("/tags", limit=1)) == ["tent"]
    assert names(bela.put(path, {"tags": []})) == []


def test_agents_follow_a_ticket(cast: Cast, bela: Program, cecil: Program, ticket: Ticket) -> None:
    path = at(ticket, "followers")
    assert cecil.post(path, None)["name"] == "Cecil Day"
    assert bela.post(path, {"agent": "bela@desk.example"})["name"] == "Bela Kerekes"
    bela.post(path, {"agent": "me"})
    assert names(bela.get(path)) == ["Bela Kerekes", "Cecil Day"]
    assert [one["name"] for one in bela.get(at(ticket))["followers"]] == [
        "Cecil Day",
        "Bela Kerekes",
    ]
    assert bela.refused(422, "POST", path, {"agent": "dora@desk.example"})["errors"]
    bela.delete(f"{path}/me")
    bela.refused(404, "DELETE", f"{path}/me")
    bela.delete(f"{path}/{cast.cecil.pk}")
    assert names(bela.get(path)) == []


def test_a_checklist_is_worked_off(cast: Cast, bela: Program, ticket: Ticket) -> None:
    path = at(ticket, "checklist")
    response = bela.send("POST", path, {"text": "Ask the\nworkshop"})
    [line] = bela.read(response, 201)["items"]
    assert response.headers["Location"] == f"/api/v1{path}/{line['id']}"
    assert line == {
        "id": line["id"], "text": "Ask the workshop", "done": False, "done_at": None, "done_by": None,
    }  # fmt: skip
    bela.post(path, {"text": "Send a zip"})
    first, second = bela.patch(f"{path}/{line['id']}", {"done": True})["items"]
    assert (first["done"], first["done_by"]["name"], second["done"]) == (
        True,
        "Bela Kerekes",
        False,
    )
    assert first["done_at"] is not None
    assert bela.patch(f"{path}/{line['id']}", {"done": False})["items"][0]["done_at"] is None
    bela.delete(f"{path}/{line['id']}")
    assert [one["text"] for one in bela.get(path)["items"]] == ["Send a zip"]
    bela.refused(404, "DELETE", f"{path}/{line['id']}")
    bela.refused(404, "PATCH", f"{path}/{10**30}", {"done": True})
    bela.refused(422, "POST", path, {"text": " "})


def test_a_ticket_becomes_somebody_elses(cast: Cast, bela: Program, ticket: Ticket) -> None:
    path = at(ticket, "customer")
    assert bela.get(path)["customer"]["email"] == "emil@acme.example"
    changed = bela.put(path, {"email": "Gina@Acme.example", "name": "Gina"})
    assert changed["customer"]["name"] == "Gina"
    assert bela.get(path) == changed
    parties = bela.get(at(ticket, "participants"))["items"]
    assert [(one["email"], one["role"]) for one in parties] == [("gina@acme.example", "customer")]
    assert bela.refused(422, "PUT", path, {"email": "gina"})["errors"][0]["field"] == "email"


def test_nobody_is_met_by_what_is_refused(cast: Cast, cecil: Program, ticket: Ticket) -> None:
    who = {"email": "gina@acme.example"}
    cecil.refused(403, "PUT", at(ticket, "customer"), who)
    cecil.refused(403, "POST", at(ticket, "participants"), who)
    assert not Address.objects.filter(value="gina@acme.example").exists()


def test_somebody_takes_part_and_no_longer(cast: Cast, bela: Program, ticket: Ticket) -> None:
    path = at(ticket, "participants")
    made = bela.post(path, {"email": "frida@acme.example"})
    assert (made["role"], made["accepted"]) == ("cc", True)
    answer = bela.post(at(ticket, "messages"), {"kind": "reply", "text": "Look."})
    assert [one["email"] for one in answer["cc"]] == ["frida@acme.example"]
    bela.delete(f"{path}/{made['id']}")
    assert [one["role"] for one in bela.get(path)["items"]] == ["customer"]
    bela.refused(404, "DELETE", f"{path}/{made['id']}")
    bela.refused(422, "DELETE", f"{path}/{cast.emil.pk}")
    bela.refused(404, "DELETE", f"{path}/{10**30}")


def test_a_ticket_is_escalated_with_a_reason(cast: Cast, bela: Program, ticket: Ticket) -> None:
    path = at(ticket, "escalation")
    assert bela.get(path)["count"] == 0
    assert bela.refused(422, "POST", path, {"reason": " "})["errors"][0]["field"] == "reason"
    response = bela.send("POST", path, {"reason": "They wait in the rain.", "agent": cast.anna.pk})
    made = bela.read(response, 201)
    assert (made["count"], made["priority"], made["reason"]) == (1, 3, "They wait in the rain.")
    assert (made["by"]["name"], made["assignee"]["name"]) == ("Bela Kerekes", "Anna van der Meulen")
    assert bela.get(path) == made
    assert bela.get(at(ticket))["escalations"] == 1
    bela.post(f"{response.headers['Location']}/undo", None)
    assert (bela.get(path)["count"], bela.get(path)["reason"]) == (0, None)


def test_a_note_calls_colleagues(cast: Cast, bela: Program, ticket: Ticket) -> None:
    note = {
        "kind": "note",
        "text": "Look at the seam.",
        "mentions": ["cecil@desk.example", "me", cast.cecil.pk],
    }
    bela.post(at(ticket, "messages"), note)
    sentences = [one["sentence"] for one in bela.get(at(ticket, "timeline"))["items"]]
    assert sentences[-2:] == ["Bela Kerekes called Cecil Day", "Bela Kerekes called Bela Kerekes"]
    for wrong, field in (
        ({"mentions": ["nobody@desk.example"]}, "mentions.0"),
        ({"mentions": ["dora@desk.example"]}, "mentions"),
        ({"kind": "reply"}, "mentions"),
    ):
        problem = bela.refused(422, "POST", at(ticket, "messages"), {**note, **wrong})
        assert problem["errors"][0]["field"] == field


def test_what_was_taken_back_shows_it(cast: Cast, bela: Program, ticket: Ticket) -> None:
    actions.reply(ticket, Content("Look."), by=by(cast.bela))
    step = bela.get(at(ticket))["step"]
    problem = bela.refused(409, "POST", at(ticket, f"timeline/{step}/undo"))
    assert (problem["code"], problem["reason"]) == ("cannot_undo", "a_part")
    entry = bela.post(at(ticket, f"timeline/{step - 1}/undo"), None, once="back")
    assert (entry["kind"], entry["data"]["steps"]) == ("act.undone", [step - 1, step])
    again = bela.post(at(ticket, f"timeline/{step - 1}/undo"), None, once="back")
    assert again == entry == bela.get(at(ticket, f"timeline/{entry['step']}"))
    message = bela.get(at(ticket, "messages"))["items"][-1]
    assert message["taken_back_at"] is not None
    assert message["delivery"]["state"] == "cancelled"
    assert bela.get(at(ticket))["status"] == "new"
    bela.refused(404, "POST", at(ticket, "timeline/999/undo"))
    bela.refused(404, "POST", at(ticket, f"timeline/{10**30}/undo"))
    bela.refused(404, "GET", at(ticket, "timeline/999"))


def test_a_transfer_out_of_ones_sight_is_taken_back_and_only_by_who_made_it(
    cast: Cast, anna: Program, bela: Program, cecil: Program, ticket: Ticket
) -> None:
    bela.patch(at(ticket), {"priority": 4})
    actions.transfer(ticket, cast.billing, by=by(cast.bela))
    bela.refused(404, "GET", at(ticket))
    step = ticket.last_step
    cecil.refused(404, "POST", at(ticket, f"timeline/{step}/undo"))
    bela.refused(404, "POST", at(ticket, f"timeline/{step + 1}/undo"))
    assert anna.refused(409, "POST", at(ticket, f"timeline/{step}/undo"))["reason"] == "not_yours"
    bela.post(at(ticket, f"timeline/{step}/undo"), None)
    assert bela.get(at(ticket))["department"]["name"] == "Support"


def test_a_split_taken_back_on_the_first_ticket_tells_it_there(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    opened = bela.post(at(ticket, "splits"), {"message": ticket.messages.get().pk})
    step = bela.get(at(ticket))["step"]
    entry = bela.post(at(ticket, f"timeline/{step}/undo"), None)
    assert (entry["kind"], entry["step"]) == ("act.undone", step + 1)
    assert bela.get(f"/tickets/{opened['code']}")["status"] == "deleted"

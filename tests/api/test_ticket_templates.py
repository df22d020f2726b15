"""Ticket templates by the API: kept, shared, changed, and a ticket opened by one."""

from __future__ import annotations

from typing import Any

import pytest

from deskbell.knowledge.models import TicketTemplate
from deskbell.people.models import Agent
from deskbell.tickets.models import Tagging, Text, Ticket
from deskbell.tickets.state import state_of
from tests.api.conftest import Program
from tests.cast import Cast

WISH = {
    "name": "Repair",
    "channel": "visit",
    "subject": "Repair at {department}",
    "html": "<p>Seen by <b>{agent}</b>.<script>x()</script></p>",
    "for_department": "Support",
    "priority": 3,
    "tags": ["zip", "repair"],
    "checklist": ["Look at it", "Say what it costs"],
}
EMIL = {"email": "emil@acme.example"}


@pytest.fixture
def repair(cast: Cast, bela: Program) -> dict[str, Any]:
    made: dict[str, Any] = bela.post("/ticket-templates", WISH)
    return made


def _ticket(shown: dict[str, Any]) -> Ticket:
    return Ticket.objects.get(code=shown["code"])


def test_a_program_keeps_a_template_and_changes_what_it_names(
    cast: Cast, bela: Program, repair: dict[str, Any]
) -> None:
    path = f"/ticket-templates/{repair['id']}"
    assert bela.get(path) == repair
    assert (repair["html"], repair["text"]) == (
        "<p>Seen by <b>{agent}</b>.</p>",
        "Seen by {agent}.",
    )
    assert (repair["audience"], repair["archived"], repair["version"]) == ("mine", False, 1)
    changed = bela.patch(path, {"name": "Mending", "for_department": None})
    assert changed == repair | {"name": "Mending", "for_department": None, "version": 2}
    changed = bela.patch(path, {"text": "Seen.", "checklist": [], "tags": ["tent"]})
    assert (changed["text"], changed["html"], changed["checklist"]) == ("Seen.", None, [])
    assert changed["tags"] == ["tent"]


def test_what_is_archived_is_listed_apart_and_comes_back(
    cast: Cast, bela: Program, repair: dict[str, Any]
) -> None:
    path = f"/ticket-templates/{repair['id']}"
    assert bela.get("/ticket-templates")["items"] == [repair]
    bela.delete(path)
    assert bela.get("/ticket-templates")["items"] == []
    archived = bela.get("/ticket-templates", archived="true")["items"]
    assert [one["archived"] for one in archived] == [True]
    assert bela.patch(path, {"archived": False})["archived"] is False
    assert bela.get("/ticket-templates")["items"] == [repair | {"version": 2}]


def test_only_who_may_share_keeps_those_of_others(
    cast: Cast, anna: Program, bela: Program, dora: Program
) -> None:
    wish = WISH | {"audience": "department", "department": "Support"}
    bela.refused(403, "POST", "/ticket-templates", wish)
    made = anna.post("/ticket-templates", wish)
    assert bela.get("/ticket-templates")["items"] == [made]
    bela.refused(403, "PATCH", f"/ticket-templates/{made['id']}", {"name": "Mine"})
    bela.refused(403, "DELETE", f"/ticket-templates/{made['id']}")
    dora.refused(404, "GET", f"/ticket-templates/{made['id']}")
    shared = anna.patch(f"/ticket-templates/{made['id']}", {"audience": "all"})
    assert (shared["audience"], shared["department"]) == ("all", None)
    own = bela.post("/ticket-templates", WISH)
    anna.refused(404, "GET", f"/ticket-templates/{own['id']}")


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("name", ""),
        ("subject", "{code}"),
        ("text", "Dear {name}"),
        ("channel", "pigeon"),
        ("tags", ["x" * 51]),
        ("checklist", ["x"] * 51),
        ("for_department", "Nowhere"),
        ("department", "Nowhere"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place(
    cast: Cast, anna: Program, field: str, sent: object
) -> None:
    wish = {"name": "Repair", "audience": "department", "department": "Support", field: sent}
    problem = anna.refused(422, "POST", "/ticket-templates", wish)
    assert problem["errors"][0]["field"] == field
    assert not TicketTemplate.objects.exists()


def test_of_two_programs_that_change_one_the_second_is_told(
    cast: Cast, bela: Program, repair: dict[str, Any]
) -> None:
    path = f"/ticket-templates/{repair['id']}"
    bela.patch(path, {"name": "Mending", "seen_version": 1})
    problem = bela.refused(409, "PATCH", path, {"name": "Sewing", "seen_version": 1})
    assert (problem["code"], problem["version"]) == ("changed_meanwhile", 2)
    assert bela.get(path)["name"] == "Mending"
    assert bela.patch(path, {"name": "Sewing", "seen_version": 2})["version"] == 3


def test_a_ticket_that_says_no_more_begins_as_the_template_does(
    cast: Cast, bela: Program, repair: dict[str, Any]
) -> None:
    opened = bela.post("/tickets", {"template": repair["id"], "customer": EMIL})
    assert opened["subject"] == "Repair at Support"
    assert (opened["channel"], opened["status"], opened["priority"]) == ("visit", "new", 3)
    assert opened["department"]["name"] == "Support"
    message = bela.get(f"/tickets/{opened['code']}/messages")["items"][0]
    assert (message["kind"], message["text"]) == ("note", f"Seen by {cast.bela.name}.")
    ticket = _ticket(opened)
    tags = Tagging.objects.filter(ticket=ticket).values_list("tag__name", flat=True)
    assert sorted(tags) == ["repair", "zip"]
    lines = [Text.objects.get(pk=one.text_id).plain for one in state_of(ticket).checklist]
    assert lines == ["Look at it", "Say what it costs"]


def test_what_the_caller_says_goes_before_the_template(
    cast: Cast, bela: Program, repair: dict[str, Any]
) -> None:
    bela.patch(f"/ticket-templates/{repair['id']}", {"channel": "mail"})
    asked = {
        "template": repair["id"],
        "customer": EMIL,
        "subject": "Your tent",
        "text": "It is ready.",
        "priority": 1,
    }
    opened = bela.post("/tickets", asked)
    assert (opened["subject"], opened["priority"]) == ("Your tent", 1)
    assert (opened["status"], opened["channel"]) == ("answered", "api")
    message = bela.get(f"/tickets/{opened['code']}/messages")["items"][0]
    assert (message["kind"], message["text"]) == ("reply", "It is ready.")


def test_without_a_department_of_either_nothing_is_opened(
    cast: Cast, bela: Program, repair: dict[str, Any]
) -> None:
    bela.patch(f"/ticket-templates/{repair['id']}", {"for_department": None})
    for asked in ({"template": repair["id"]}, {"subject": "Zip"}):
        problem = bela.refused(422, "POST", "/tickets", asked)
        assert problem["errors"][0]["field"] == "department"
    assert not Ticket.objects.exists()


def test_a_template_that_one_may_not_begin_with_is_none(
    cast: Cast, anna: Program, bela: Program, repair: dict[str, Any]
) -> None:
    problem = anna.refused(422, "POST", "/tickets", {"template": repair["id"]})
    assert problem["errors"][0]["field"] == "template"
    bela.delete(f"/ticket-templates/{repair['id']}")
    bela.refused(422, "POST", "/tickets", {"template": repair["id"]})
    assert not Ticket.objects.exists()


def test_who_may_not_tag_opens_the_ticket_all_the_same(
    cast: Cast, bela: Program, repair: dict[str, Any]
) -> None:
    from deskbell.access import custom_roles

    rights = {"see": 2, "open": 2, "note": 2, "take": 2}
    cast.bela.custom_role = custom_roles.add_role(name="Counter", rights=rights)
    cast.bela.role = Agent.Role.CUSTOM
    cast.bela.save()
    opened = bela.post("/tickets", {"template": repair["id"], "customer": EMIL})
    assert (opened["priority"], opened["tags"]) == (2, [])

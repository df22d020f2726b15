"""A ticket's life through the API: assignment, transfer, resolution, closure, participants, timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deskbell import clock as our_clock
from deskbell.people.models import Account, Desk
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from tests.api.conftest import Program
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


def at(ticket: Ticket, part: str) -> str:
    return f"/tickets/{ticket.code}/{part}"


def kinds(program: Program, ticket: Ticket) -> list[str]:
    return [entry["kind"] for entry in program.get(at(ticket, "timeline"))["items"]]


def test_an_agent_takes_hands_on_and_leaves_a_ticket(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    path = at(ticket, "assignment")
    assert bela.get(path)["agent"] is None
    assert bela.put(path, {"agent": "me"})["agent"] == {"id": cast.bela.pk, "name": "Bela Kerekes"}
    assert bela.put(path, {"agent": cast.anna.pk})["agent"]["name"] == "Anna van der Meulen"
    assert bela.put(path, {"agent": "bela@desk.example"})["agent"]["name"] == "Bela Kerekes"
    bela.delete(path)
    assert bela.get(path)["agent"] is None
    assert kinds(bela, ticket)[2:] == [
        "ticket.taken", "ticket.assigned", "ticket.taken", "ticket.resigned",
    ]  # fmt: skip


def test_a_ticket_is_given_only_to_somebody_who_can_answer_it(
    cast: Cast, bela: Program, cecil: Program, ticket: Ticket
) -> None:
    path = at(ticket, "assignment")
    for agent in (cast.dora.pk, "cecil@desk.example", "nobody@desk.example", 10**12, "", "\x00"):
        problem = bela.refused(422, "PUT", path, {"agent": agent})
        assert problem["errors"][0]["field"] == "agent"
    cecil.refused(403, "PUT", path, {"agent": "me"})
    bela.refused(422, "PUT", path, {"agent": True})
    bela.refused(422, "PUT", path, {})


def test_a_ticket_goes_to_another_department(
    cast: Cast, bela: Program, dora: Program, ticket: Ticket
) -> None:
    path = at(ticket, "department")
    assert bela.put(path, {"department": "billing", "agent": cast.dora.pk})["agent"]["id"] == (
        cast.dora.pk
    )
    assert dora.get(f"/tickets/{ticket.code}")["department"]["name"] == "Billing"
    bela.refused(404, "GET", path)
    dora.refused(422, "PUT", path, {"department": "Nowhere"})


def test_an_agent_resolves_and_takes_up_again(cast: Cast, bela: Program, ticket: Ticket) -> None:
    bela.put(at(ticket, "assignment"), {"agent": "me"})
    path = at(ticket, "resolution")
    assert bela.get(path)["resolved_at"] is None
    resolved = bela.put(path)
    assert resolved["status"] == "resolved"
    assert resolved["by"]["name"] == "Bela Kerekes"
    assert resolved["resolved_at"].endswith("Z")
    assert resolved["closes_at"] > resolved["resolved_at"]
    assert bela.refused(409, "PUT", path)["code"] == "wrong_status"
    bela.delete(path)
    assert bela.get(f"/tickets/{ticket.code}")["status"] == "open"
    assert bela.get(path)["by"] is None
    assert bela.refused(409, "DELETE", path)["code"] == "wrong_status"


def test_resolving_may_be_silent(cast: Cast, bela: Program, ticket: Ticket) -> None:
    bela.put(at(ticket, "assignment"), {"agent": "me"})
    bela.put(at(ticket, "resolution"), {"silent": True})
    entry = bela.get(at(ticket, "timeline"))["items"][-1]
    assert (entry["kind"], entry["data"]["silent"]) == ("ticket.resolved", True)


def test_the_lowest_role_resolves_only_its_own(
    cast: Cast, bela: Program, cecil: Program, anna: Program, ticket: Ticket
) -> None:
    assert bela.refused(403, "PUT", at(ticket, "resolution"))["code"] == "not_allowed"
    cecil.refused(403, "PUT", at(ticket, "resolution"))
    anna.put(at(ticket, "resolution"))


def test_closing_writes_down_what_was_learned(cast: Cast, bela: Program, ticket: Ticket) -> None:
    bela.put(at(ticket, "assignment"), {"agent": "me"})
    path = at(ticket, "closure")
    assert bela.get(path)["closed_at"] is None
    learned = {"solution": "A new zip.", "root_cause": "Salt.", "lessons": ""}
    closed = bela.put(path, learned)
    assert (closed["status"], closed["by"]["name"]) == ("closed", "Bela Kerekes")
    assert (closed["solution"], closed["root_cause"], closed["lessons"]) == (
        "A new zip.", "Salt.", None,
    )  # fmt: skip
    assert bela.get(path) == closed
    shown = bela.get(f"/tickets/{ticket.code}")
    assert shown["closed_at"] == closed["closed_at"] is not None
    bela.delete(path)
    assert bela.get(path)["solution"] is None


def test_the_customers_yes_closes(cast: Cast, bela: Program, ticket: Ticket) -> None:
    actions.resolve(ticket, by=by(cast.anna))
    actions.confirm(ticket, by=by(cast.emil))
    assert bela.get(at(ticket, "closure"))["by"]["name"] == "Emil Novák"
    assert bela.get(at(ticket, "resolution"))["confirmed_at"] is not None


def test_a_new_sender_is_accepted(
    cast: Cast, bela: Program, cecil: Program, ticket: Ticket
) -> None:
    actions.receive(
        ticket, Content("Me too."), by=by(cast.frida), address=cast.frida, trust="new_sender"
    )
    emil, frida = bela.get(at(ticket, "participants"))["items"]
    assert (emil["role"], emil["accepted"]) == ("customer", True)
    assert (frida["email"], frida["accepted"]) == ("frida@acme.example", False)
    path = at(ticket, f"participants/{frida['id']}")
    cecil.refused(403, "PUT", path)
    assert bela.put(path)["accepted"] is True
    assert bela.put(path)["accepted"] is True
    bela.refused(404, "PUT", at(ticket, f"participants/{cast.mallory.pk}"))


def test_the_timeline_tells_everything_in_order(cast: Cast, bela: Program, ticket: Ticket) -> None:
    bela.post(at(ticket, "messages"), {"kind": "reply", "text": "Done.", "then": "resolved"})
    entries = bela.get(at(ticket, "timeline"))["items"]
    assert [entry["step"] for entry in entries] == [1, 2, 3, 4, 5]
    assert set(entries[0]) == {
        "step", "at", "occurred_at", "by", "kind", "v", "data", "sentence", "cause",
    }  # fmt: skip
    assert entries[0]["by"] == {
        "kind": "customer", "id": cast.emil.customer_id, "name": "Emil Novák",
    }  # fmt: skip
    replied, taken, resolved = entries[2:]
    assert (replied["kind"], taken["cause"], resolved["cause"]) == ("message.replied", 3, 3)
    assert resolved["sentence"] == "Bela Kerekes resolved the ticket"
    page = bela.get(at(ticket, "timeline"), limit=2)
    assert page["next"] == "2"
    rest = bela.get(at(ticket, "timeline"), after=page["next"])
    assert [entry["step"] for entry in rest["items"]] == [3, 4, 5]


def test_a_longer_timeline_costs_no_more_queries(cast: Cast, bela: Program, ticket: Ticket) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            writes_again(ticket, cast.emil)
            actions.reply(ticket, Content("Hello."), by=by(cast.bela))
        bela.get(at(ticket, "timeline"))
        with CaptureQueriesContext(connection) as queries:
            bela.get(at(ticket, "timeline"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13


@pytest.mark.parametrize(
    ("own", "desks", "said"),
    [("Asia/Tokyo", "UTC", "22:00"), ("", "Europe/Budapest", "14:00"), ("", "UTC", "13:00")],
)
def test_sentences_tell_times_in_the_zone_of_who_asks(
    clock: time_machine.Traveller,
    cast: Cast,
    bela: Program,
    ticket: Ticket,
    own: str,
    desks: str,
    said: str,
) -> None:
    Account.objects.filter(agent=cast.bela).update(time_zone=own)
    Desk.objects.update(time_zone=desks)
    actions.postpone(ticket, our_clock.now() + timedelta(hours=1), by=by(cast.bela))
    told = bela.get(at(ticket, "timeline"))["items"][-1]
    assert told["sentence"] == f"Bela Kerekes postponed it until 2 Mar 2026 {said}"
    assert told["at"] == "2026-03-02T12:00:00Z"

"""…/postponement, /answer-mark, /spam, /deletion, /purge, /redactions, and DELETE /customers/ID: out of sight."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from deskbell.work.run import run_due
from deskbell.work.timetable import tick
from tests.api.conftest import Program
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again

AT_ONE = "2026-03-02T13:00:00Z"


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


def at(ticket: Ticket, what: str = "") -> str:
    return f"/tickets/{ticket.code}/{what}".rstrip("/")


def test_a_postponed_ticket_comes_back_by_itself(
    clock: time_machine.Traveller, cast: Cast, bela: Program, ticket: Ticket
) -> None:
    path = at(ticket, "postponement")
    assert bela.get(path) == {"until": None, "status": "new", "step": 2}
    postponed = bela.put(path, {"until": "2026-03-02T14:00:00+01:00"})
    assert postponed == {"until": AT_ONE, "status": "postponed", "step": 3} == bela.get(path)
    assert bela.get(at(ticket))["postponed_until"] == AT_ONE
    clock.shift(timedelta(hours=1))
    tick()
    run_due()
    assert bela.get(path)["until"] is None
    assert bela.get(at(ticket))["status"] == "new"


def test_a_postponed_ticket_is_fetched_back(
    clock: time_machine.Traveller, cast: Cast, bela: Program, ticket: Ticket
) -> None:
    path = at(ticket, "postponement")
    bela.put(path, {"until": AT_ONE})
    bela.delete(path)
    assert bela.get(path)["status"] == "new"
    assert bela.refused(409, "DELETE", path)["code"] == "wrong_status"


@pytest.mark.parametrize(
    "until",
    [
        "2026-03-02T11:00:00Z", "2026-03-02T13:00:00", "2026-03-02", "1772456400", 1772456400, None,
        "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2199-01-01T00:00:00Z", "soon",
    ],
)  # fmt: skip
def test_only_a_moment_ahead_with_its_zone_is_one(
    clock: time_machine.Traveller, cast: Cast, bela: Program, ticket: Ticket, until: object
) -> None:
    problem = bela.refused(422, "PUT", at(ticket, "postponement"), {"until": until})
    assert problem["errors"][0]["field"] == "until"


def test_an_answer_postpones(
    clock: time_machine.Traveller, cast: Cast, bela: Program, ticket: Ticket
) -> None:
    answer = {"kind": "reply", "text": "We look for a zip.", "then": "postponed"}
    assert (
        bela.refused(422, "POST", at(ticket, "messages"), answer)["errors"][0]["field"] == "until"
    )
    bela.post(at(ticket, "messages"), {**answer, "until": AT_ONE})
    shown = bela.get(at(ticket))
    assert (shown["status"], shown["postponed_until"]) == ("postponed", AT_ONE)
    for other in ({"then": "answered"}, {"kind": "note"}):
        bela.refused(422, "POST", at(ticket, "messages"), {**answer, "until": AT_ONE, **other})


def test_a_ticket_is_marked_as_answered(cast: Cast, bela: Program, ticket: Ticket) -> None:
    assert bela.put(at(ticket, "answer-mark")) == {"status": "answered", "step": 3}
    assert bela.refused(409, "PUT", at(ticket, "answer-mark"))["code"] == "wrong_status"


def test_spam_and_deletion_hide_and_bring_back(cast: Cast, bela: Program, ticket: Ticket) -> None:
    for noun, status in (("spam", "spam"), ("deletion", "deleted")):
        path = at(ticket, noun)
        assert bela.get(path)["since"] is None
        hidden = bela.put(path)
        assert (hidden["status"], hidden["since"] is not None) == (status, True)
        assert bela.get("/tickets")["items"] == []
        assert [one["code"] for one in bela.get("/tickets", q=f"status:{status}")["items"]] == [
            ticket.code
        ]
        bela.refused(409, "PUT", path)
        bela.delete(path)
        assert bela.get(at(ticket))["status"] == "new"
        bela.refused(409, "DELETE", path)
    assert bela.get(at(ticket))["deleted_at"] is None


def test_a_purged_ticket_is_gone_and_asking_again_is_answered_the_same(
    cast: Cast, anna: Program, bela: Program, ticket: Ticket
) -> None:
    assert anna.refused(409, "POST", at(ticket, "purge"))["code"] == "wrong_status"
    bela.put(at(ticket, "deletion"))
    assert bela.get(at(ticket))["deleted_at"] is not None
    bela.refused(403, "POST", at(ticket, "purge"))
    for _ in range(2):
        answer = anna.send("POST", at(ticket, "purge"), once="away with it")
        assert (answer.status_code, answer.content) == (204, b"")
    for path in (
        at(ticket),
        at(ticket, "messages"),
        at(ticket, "timeline"),
        at(ticket, "deletion"),
    ):
        assert anna.refused(404, "GET", path)["code"] == "no_such_ticket"


def test_a_passage_goes_for_good(cast: Cast, anna: Program, ticket: Ticket) -> None:
    writes_again(ticket, cast.emil, "The pin is 4711 now.")
    entry = anna.post(at(ticket, "redactions"), {"passage": "4711"})
    assert (entry["kind"], entry["data"]["whole"]) == ("text.redacted", False)
    message = anna.get(at(ticket, "messages"))["items"][-1]
    assert (message["text"], message["redacted"]) == ("The pin is █████ now.", False)
    assert anna.refused(422, "POST", at(ticket, "redactions"), {"passage": "4711"})["errors"]


def test_a_message_goes_for_good(cast: Cast, anna: Program, bela: Program, ticket: Ticket) -> None:
    number = writes_again(ticket, cast.emil, "The pin is 4711 now.").message.pk
    bela.refused(403, "POST", at(ticket, "redactions"), {"message": number})
    anna.post(at(ticket, "redactions"), {"message": number})
    message = anna.get(at(ticket, f"messages/{number}"))
    assert (message["text"], message["redacted"], message["to"]) == ("", True, [])


@pytest.mark.parametrize("body", [{}, {"passage": "zip", "message": 1}, {"message": 2**62}])
def test_what_is_to_go_must_be_named(
    cast: Cast, anna: Program, ticket: Ticket, body: object
) -> None:
    anna.refused(422, "POST", at(ticket, "redactions"), body)


def test_a_customer_is_erased(cast: Cast, anna: Program, bela: Program, ticket: Ticket) -> None:
    path = f"/customers/{cast.emil.customer_id}"
    other = a_ticket(cast.support, cast.frida)
    actions.note(ticket, Content("He telephoned."), by=by(cast.bela))
    assert bela.refused(403, "DELETE", path)["code"] == "not_allowed"
    anna.refused(404, "DELETE", "/customers/999999")
    answer = anna.send("DELETE", path)
    assert (answer.status_code, answer.content) == (202, b"")
    run_due()
    shown = anna.get(path)
    assert (shown["name"], shown["email"], shown["emails"]) == ("", None, [])
    assert shown["erased_at"] is not None
    assert [one["redacted"] for one in anna.get(at(ticket, "messages"))["items"]] == [True, True]
    assert anna.get(at(ticket))["customer"] == {
        "id": cast.emil.customer_id, "name": "", "email": None,
    }  # fmt: skip
    assert anna.get(at(other, "messages"))["items"][0]["redacted"] is False

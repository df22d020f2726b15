"""Sweeps by the API: begun, watched, stopped, taken back; refusals as problems would say them."""

from __future__ import annotations

from deskbell.saved_views import keeping
from deskbell.saved_views.keeping import Wish
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from deskbell.work.run import run_due
from tests.api.conftest import Program
from tests.cast import Cast, by
from tests.desk import a_ticket


def some_tickets(cast: Cast, number: int = 3) -> list[Ticket]:
    return [a_ticket(cast.support, cast.emil) for _ in range(number)]


def codes_of(tickets: list[Ticket]) -> list[str]:
    return [ticket.code for ticket in tickets]


def test_a_program_sweeps_tickets_that_it_names_and_takes_it_back(
    cast: Cast, bela: Program
) -> None:
    tickets = some_tickets(cast)
    wish = {"act": "assign", "tickets": [code.lower() for code in codes_of(tickets)], "agent": "me"}
    response = bela.send("POST", "/sweeps", wish)
    made = bela.read(response, 201)
    assert (made["state"], made["total"], made["done"]) == ("going", 3, 0)
    path = f"/sweeps/{made['id']}"
    assert response.headers["Location"] == f"/api/v1{path}"
    run_due()
    shown = bela.get(path)
    assert (shown["state"], shown["done"], shown["query"]) == ("ended", 3, "")
    assert bela.get(f"/tickets/{tickets[0].code}")["assignee"]["name"] == "Bela Kerekes"
    bela.delete(path)
    bela.delete(path)  # twice is once
    run_due()
    undo = bela.get(path)["undone_by"]
    assert bela.get(f"/sweeps/{undo}")["undoes"] == made["id"]
    assert bela.get(f"/tickets/{tickets[0].code}")["assignee"] is None
    assert [one["id"] for one in bela.get("/sweeps")["items"]] == [undo, made["id"]]
    assert bela.refused(409, "DELETE", f"/sweeps/{undo}")["reason"] == "for_good"


def test_all_that_a_query_or_a_view_finds(cast: Cast, bela: Program) -> None:
    zip_ = a_ticket(cast.support, cast.emil, subject="Zip", text="Apart.")
    a_ticket(cast.support, cast.emil, subject="Pole", text="Bent.")
    made = bela.post("/sweeps", {"act": "tag", "tag": "zips", "q": "subject:zip"})
    assert (made["total"], made["query"]) == (1, "subject:zip")
    view = keeping.make(Wish("Zips", "subject:zip"), by=by(cast.bela))
    bela.post("/sweeps", {"act": "prioritise", "priority": 4, "view": view.pk})
    run_due()
    shown = bela.get(f"/tickets/{zip_.code}")
    assert (shown["tags"], shown["priority"]) == (["zips"], 4)


def test_what_was_refused_is_listed_with_its_reason(cast: Cast, bela: Program) -> None:
    own, others = some_tickets(cast, 2)
    actions.take(own, by=by(cast.bela))
    made = bela.post("/sweeps", {"act": "resolve", "tickets": codes_of([own, others])})
    run_due()
    path = f"/sweeps/{made['id']}"
    assert (bela.get(path)["done"], bela.get(path)["refused"]) == (1, 1)
    assert bela.get(f"{path}/refusals")["items"] == [
        {"ticket": others.code, "code": "not_allowed", "detail": "You may not do this."}
    ]


def test_one_that_is_going_is_stopped(cast: Cast, bela: Program) -> None:
    made = bela.post("/sweeps", {"act": "take", "tickets": codes_of(some_tickets(cast))})
    assert bela.post(f"/sweeps/{made['id']}/stop", {}, expect=200)["state"] == "stopped"
    run_due()
    assert bela.get(f"/sweeps/{made['id']}")["done"] == 0


def test_the_same_request_begins_one_sweep(cast: Cast, bela: Program) -> None:
    wish = {"act": "take", "tickets": codes_of(some_tickets(cast))}
    first, second = (bela.send("POST", "/sweeps", wish, once="one") for _ in range(2))
    assert first.content == second.content
    assert len(bela.get("/sweeps")["items"]) == 1


def test_what_cannot_be_swept_is_refused(cast: Cast, bela: Program, dora: Program) -> None:
    codes = codes_of(some_tickets(cast, 1))
    hidden = a_ticket(cast.billing, cast.frida).code
    for field, wish in (
        ("act", {"act": "fly", "tickets": codes}),
        ("tickets", {"act": "take"}),
        ("tickets", {"act": "take", "tickets": codes, "q": "zip"}),
        ("tickets", {"act": "take", "tickets": []}),
        ("tickets.1", {"act": "take", "tickets": [*codes, hidden]}),
        ("q", {"act": "take", "q": " "}),
        ("q", {"act": "take", "q": "colour:red"}),
        ("department", {"act": "transfer", "tickets": codes, "department": "nowhere"}),
        ("agent", {"act": "assign", "tickets": codes}),
        ("until", {"act": "postpone", "tickets": codes}),
        ("tag", {"act": "tag", "tickets": codes}),
        ("into", {"act": "merge", "tickets": codes}),
        ("into", {"act": "merge", "tickets": codes, "into": hidden}),
    ):
        problem = bela.refused(422, "POST", "/sweeps", wish)
        assert field == problem["errors"][0]["field"], wish
    made = bela.post("/sweeps", {"act": "assign", "tickets": codes, "agent": None})
    dora.refused(404, "GET", f"/sweeps/{made['id']}")
    dora.refused(404, "DELETE", f"/sweeps/{made['id']}")
    assert dora.get("/sweeps")["items"] == []


def test_several_are_merged_into_one(cast: Cast, bela: Program) -> None:
    into, *others = some_tickets(cast)
    wish = {"act": "merge", "tickets": codes_of(others), "into": into.code.lower()}
    bela.post("/sweeps", wish)
    run_due()
    parts = bela.get(f"/tickets/{into.code}/merge")
    assert set(parts["parts"]) == {*codes_of(others)}


def test_who_may_do_it_to_no_ticket_is_told_at_once(cast: Cast, cecil: Program) -> None:
    wish = {"act": "resolve", "tickets": codes_of(some_tickets(cast, 1))}
    assert cecil.refused(403, "POST", "/sweeps", wish)["code"] == "not_allowed"

"""…/merge, /splits, /links: more than one ticket."""

from __future__ import annotations

import pytest

from deskbell.tickets import actions
from deskbell.tickets.content import Content, NewFile
from deskbell.tickets.files import keep
from deskbell.tickets.models import Ticket
from tests.api.conftest import Program
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


@pytest.fixture
def other(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil, subject="The zip again")


def at(ticket: Ticket, what: str = "") -> str:
    return f"/tickets/{ticket.code}/{what}".rstrip("/")


def test_a_ticket_becomes_a_part_of_another_and_is_taken_out_again(
    cast: Cast, bela: Program, ticket: Ticket, other: Ticket
) -> None:
    merged = bela.put(at(ticket, "merge"), {"into": other.code.lower()})
    assert (merged["into"], merged["parts"]) == (other.code, [])
    assert bela.get(at(other, "merge"))["parts"] == [ticket.code]
    assert bela.get(at(ticket))["merged_into"] == other.code
    assert [one["code"] for one in bela.get("/tickets")["items"]] == [other.code]
    problem = bela.refused(409, "PATCH", at(ticket), {"priority": 4})
    assert (problem["code"], problem["ticket"]) == ("merged_away", other.code)
    bela.delete(at(ticket, "merge"))
    assert bela.get(at(ticket))["merged_into"] is None
    assert bela.refused(409, "DELETE", at(ticket, "merge"))["code"] == "conflict"


def test_whoever_reads_a_ticket_reads_its_parts_too(
    cast: Cast, anna: Program, bela: Program, ticket: Ticket
) -> None:
    billing = a_ticket(cast.billing, cast.emil, text="Here is the bill.")
    file = NewFile("bill.png", "image/png", keep(b"png"))
    actions.note(billing, Content("The bill.", files=(file,)), by=by(cast.dora))
    anna.put(at(billing, "merge"), {"into": ticket.code})
    bela.refused(404, "GET", at(billing))
    messages = bela.get(at(ticket, "messages"))["items"]
    assert [one["text"] for one in messages] == [
        "After two nights the zip came apart.", "Here is the bill.", "The bill.",
    ]  # fmt: skip
    assert bela.get(at(ticket, f"messages/{messages[2]['id']}")) == messages[2]
    [shown] = bela.get(at(ticket, "attachments"))["items"]
    assert bela.send("GET", shown["url"]).status_code == 200
    anna.delete(at(billing, "merge"))
    assert bela.send("GET", shown["url"]).status_code == 404


def test_what_cannot_be_merged_is_told(
    cast: Cast, bela: Program, ticket: Ticket, other: Ticket
) -> None:
    hidden = a_ticket(cast.billing, cast.emil)
    for into in (ticket.code, "ABC-DEFGH-123", hidden.code, "\n", ""):
        problem = bela.refused(422, "PUT", at(ticket, "merge"), {"into": into})
        assert problem["errors"][0]["field"] == "into"


def test_a_message_goes_on_in_a_ticket_of_its_own(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    number = writes_again(ticket, cast.frida, "And where is my stove?").message.pk
    response = bela.send("POST", at(ticket, "splits"), {"message": number, "subject": "The stove"})
    opened = bela.read(response, 201)
    assert response.headers["Location"] == f"/api/v1/tickets/{opened['code']}"
    assert (opened["subject"], opened["status"]) == ("The stove", "new")
    assert opened["customer"]["email"] == "frida@acme.example"
    path = f"/tickets/{opened['code']}"
    assert [one["text"] for one in bela.get(f"{path}/messages")["items"]] == [
        "And where is my stove?"
    ]
    [link] = bela.get(f"{path}/links")["items"]
    assert (link["kind"], link["other"], link["made_here"]) == ("split_from", ticket.code, True)
    [back] = bela.get(at(ticket, "links"))["items"]
    assert (back["kind"], back["other"], back["made_here"]) == ("split_from", opened["code"], False)


def test_only_a_customers_message_of_this_ticket_goes_on(
    cast: Cast, bela: Program, ticket: Ticket, other: Ticket
) -> None:
    note = actions.note(ticket, Content("Hm."), by=by(cast.bela))
    for number in (note.pk, other.messages.get().pk, 2**62):
        problem = bela.refused(422, "POST", at(ticket, "splits"), {"message": number})
        assert problem["errors"][0]["field"] == "message"


def test_links_are_listed_on_both_tickets_and_taken_away_on_either(
    cast: Cast, bela: Program, ticket: Ticket, other: Ticket
) -> None:
    made = bela.post(at(ticket, "links"), {"other": other.code})
    assert made == {
        "kind": "related", "other": other.code, "subject": "The zip again", "status": "new",
        "made_here": True,
    }  # fmt: skip
    assert bela.post(at(ticket, "links"), {"other": other.code}) == made
    assert bela.post(at(other, "links"), {"other": ticket.code})["made_here"] is False
    assert bela.get(at(other, "links"))["items"][0]["other"] == ticket.code
    bela.delete(at(other, f"links/related/{ticket.code}"))
    assert bela.get(at(ticket, "links"))["items"] == []
    bela.refused(404, "DELETE", at(ticket, f"links/related/{other.code}"))
    bela.refused(404, "DELETE", at(ticket, f"links/nonsense/{other.code}"))


def test_a_link_says_nothing_of_a_ticket_that_one_may_not_see(
    cast: Cast, anna: Program, bela: Program, ticket: Ticket
) -> None:
    hidden = a_ticket(cast.billing, cast.emil, subject="An unpaid bill")
    anna.post(at(ticket, "links"), {"other": hidden.code})
    [link] = bela.get(at(ticket, "links"))["items"]
    assert (link["other"], link["subject"], link["status"]) == (hidden.code, None, None)
    bela.refused(422, "POST", at(ticket, "links"), {"other": hidden.code, "kind": "child_of"})


def test_a_whole_is_no_part_of_its_part(
    cast: Cast, bela: Program, ticket: Ticket, other: Ticket
) -> None:
    bela.post(at(ticket, "links"), {"other": other.code, "kind": "child_of"})
    ring = {"other": ticket.code, "kind": "child_of"}
    assert bela.refused(422, "POST", at(other, "links"), ring)["errors"][0]["field"] == "other"
    bela.refused(422, "POST", at(ticket, "links"), {"other": other.code, "kind": "split_from"})

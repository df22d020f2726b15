"""/tickets/CODE/messages and attachments: what was said, and saying something."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deskbell import clock
from deskbell.channels.mail import sending
from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.people.customers import customer_for
from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.content import Content, Recipient
from deskbell.tickets.models import Message, Ticket
from tests.api.conftest import Program
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again

FIELDS = {
    "id", "kind", "author", "from", "to", "cc", "subject", "text", "quoted", "html", "attachments",
    "sent_at", "received_at", "message_id", "trust", "delivery", "taken_back_at", "rating",
    "redacted", "signature", "told", "side",
}  # fmt: skip


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


def messages_of(ticket: Ticket) -> str:
    return f"/tickets/{ticket.code}/messages"


def test_a_program_answers_the_customer(cast: Cast, bela: Program, ticket: Ticket) -> None:
    response = bela.send("POST", messages_of(ticket), {"kind": "reply", "text": "A new one comes."})
    made = bela.read(response, 201)
    assert set(made) == FIELDS
    assert made["author"] == {"kind": "agent", "id": cast.bela.pk, "name": "Bela Kerekes"}
    assert made["to"] == [{"email": "emil@acme.example", "name": "Emil Novák"}]
    assert (made["text"], made["html"], made["cc"]) == ("A new one comes.", None, [])
    assert bela.get(response.headers["Location"]) == made
    shown = bela.get(f"/tickets/{ticket.code}")
    assert (shown["status"], shown["assignee"]["name"]) == ("answered", "Bela Kerekes")


def test_an_answer_tells_how_far_it_got_to_each_recipient(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    made = bela.post(
        messages_of(ticket),
        {
            "kind": "reply",
            "text": "Hello.",
            "cc": ["boss@acme.example", {"email": "x@acme.example"}],
        },
    )
    assert made["delivery"]["state"] == "held"
    assert [one["email"] for one in made["to"]] == ["emil@acme.example"]
    assert [one["email"] for one in made["cc"]] == ["boss@acme.example", "x@acme.example"]
    assert {one["email"] for one in made["delivery"]["recipients"]} == {
        "emil@acme.example", "boss@acme.example", "x@acme.example",
    }  # fmt: skip
    assert made["message_id"]
    Delivery.objects.filter(address="boss@acme.example").update(
        state="failed", reason="mailbox_unknown", words="550 no such user"
    )
    Delivery.objects.exclude(address="boss@acme.example").update(state="sent")
    delivery = bela.get(f"{messages_of(ticket)}/{made['id']}")["delivery"]
    assert delivery["state"] == "failed"
    failed = [one for one in delivery["recipients"] if one["state"] == "failed"]
    assert [(one["reason"], one["words"]) for one in failed] == [
        ("mailbox_unknown", "550 no such user")
    ]


def test_whom_a_program_names_in_sight_takes_part_and_gets_the_next_answer(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    MailBox.objects.create(address="help@desk.example", department=cast.support)
    named = {
        "to": ["emil@acme.example", {"email": "Gina@acme.example", "name": "Gina"}],
        "cc": ["boss@acme.example", "help@desk.example"],
        "bcc": ["lawyer@acme.example"],
    }
    bela.post(messages_of(ticket), {"kind": "reply", "text": "Hello.", **named})
    parties = bela.get(f"/tickets/{ticket.code}/participants")["items"]
    takes_part = {"emil@acme.example", "gina@acme.example", "boss@acme.example"}
    assert {one["email"] for one in parties} == takes_part
    again = bela.post(messages_of(ticket), {"kind": "reply", "text": "And this."})
    assert {one["email"] for one in again["to"] + again["cc"]} == takes_part


def test_a_program_chooses_which_of_our_addresses_it_writes_from(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    for name, department in (("a", cast.support), ("b", cast.support), ("bills", cast.billing)):
        MailBox.objects.create(
            address=f"{name}@desk.example", name=name.upper(), department=department
        )
    answer = {"kind": "reply", "text": "Hello.", "from": "B@desk.example"}
    made = bela.post(messages_of(ticket), answer)
    assert made["from"] == {"email": "b@desk.example", "name": "B"}
    assert [one["email"] for one in made["to"]] == ["emil@acme.example"]
    outside = {**answer, "kind": "forward", "to": ["zips@maker.example"]}
    assert bela.post(messages_of(ticket), outside)["from"]["email"] == "b@desk.example"
    for address in ("bills@desk.example", "emil@acme.example", "nobody"):
        problem = bela.refused(422, "POST", messages_of(ticket), {**answer, "from": address})
        assert problem["code"] == "sender_not_allowed"
        assert [one["field"] for one in problem["errors"]] == ["from"]
    assert Message.objects.filter(kind="reply").count() == 1


def test_an_answer_that_did_not_arrive_is_sent_on_to_the_right_address(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    made = bela.post(messages_of(ticket), {"kind": "reply", "text": "Hello."})
    where = f"{messages_of(ticket)}/{made['id']}"
    Delivery.objects.update(state="sent")
    [delivery] = Delivery.objects.filter(purpose="reply")
    sending.fail(delivery, reason="mailbox_unknown", code=None, words="no such user")

    right = {"email": "Emil.Novak@acme.example", "instead_of": "emil@acme.example"}
    entry = bela.post(f"{where}/sending", right)
    assert entry["kind"] == "message.sent_on"
    assert bela.get(f"/tickets/{ticket.code}/timeline/{entry['step']}") == entry
    states = {one["email"]: one["state"] for one in bela.get(where)["delivery"]["recipients"]}
    assert states == {"emil@acme.example": "failed", "emil.novak@acme.example": "held"}
    assert bela.get(f"/tickets/{ticket.code}")["status"] == "answered"
    # The next answer goes there, too: the address is the customer's from now on.
    bela.post(messages_of(ticket), {"kind": "reply", "text": "And this."})
    assert Delivery.objects.latest("pk").address == "emil.novak@acme.example"


def test_nobody_is_sent_on_in_the_place_of_who_takes_no_part(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    made = bela.post(messages_of(ticket), {"kind": "reply", "text": "Hello."})
    where, frida = f"{messages_of(ticket)}/{made['id']}/sending", cast.frida.value
    problem = bela.refused(422, "POST", where, {"email": "x@acme.example", "instead_of": frida})
    assert [one["field"] for one in problem["errors"]] == ["instead_of"]
    problem = bela.refused(422, "POST", where, {"email": "nobody"})
    assert [one["field"] for one in problem["errors"]] == ["email"]
    assert not Address.objects.filter(value="x@acme.example").exists()


@pytest.mark.parametrize(
    ("then", "status"), [("answered", "answered"), ("resolved", "resolved"), ("as_it_was", "new")]
)
def test_an_answer_leaves_the_ticket_as_its_writer_says(
    cast: Cast, bela: Program, ticket: Ticket, then: str, status: str
) -> None:
    bela.post(messages_of(ticket), {"kind": "reply", "text": "Done.", "then": then})
    assert bela.get(f"/tickets/{ticket.code}")["status"] == status


def test_a_note_is_not_sent_and_light_agents_may_write_it(
    cast: Cast, cecil: Program, ticket: Ticket
) -> None:
    made = cecil.post(messages_of(ticket), {"kind": "note", "html": "<ul><li>Look<li>here</ul>"})
    assert (made["kind"], made["delivery"], made["to"]) == ("note", None, [])
    assert made["text"] == "- Look\n- here"
    cecil.refused(403, "POST", messages_of(ticket), {"kind": "reply", "text": "Hello."})


def test_what_came_meanwhile_is_shown_before_anything_leaves(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    seen = bela.get(f"/tickets/{ticket.code}")["step"]
    writes_again(ticket, cast.emil, "It got worse.")
    answer = {"kind": "reply", "text": "Hello.", "seen_step": seen}
    problem = bela.refused(409, "POST", messages_of(ticket), answer)
    assert problem["code"] == "something_came"
    assert [entry["kind"] for entry in problem["entries"]] == ["message.received"]
    assert problem["entries"][0]["sentence"] == "Emil Novák wrote"
    assert Message.objects.filter(kind="reply").count() == 0
    bela.post(messages_of(ticket), {**answer, "seen_step": problem["entries"][-1]["step"]})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "reply"}, "text"),
        ({"kind": "shout", "text": "Hello"}, "kind"),
        ({"text": "Hello"}, "kind"),
        ({"kind": "reply", "text": "Hello", "then": "whatever"}, "then"),
        ({"kind": "reply", "text": "Hello", "to": ["nobody"]}, "to.0"),
        ({"kind": "reply", "text": "Hello", "cc": [{"name": "Emil"}]}, "cc.0"),
        ({"kind": "reply", "text": "Hello", "seen_step": 10**30}, "seen_step"),
        ({"kind": "note", "text": ["Hello"]}, "text"),
        ([], "body"),
        (None, "body"),
    ],
)
def test_what_cannot_be_said_is_named(
    cast: Cast, bela: Program, ticket: Ticket, body: Any, field: str
) -> None:
    problem = bela.refused(422, "POST", messages_of(ticket), body)
    assert any(error["field"].startswith(field) for error in problem["errors"]), problem
    assert ticket.messages.count() == 1


def test_characters_that_no_database_takes_are_left_out(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    made = bela.post(messages_of(ticket), {"kind": "note", "text": "a\x00b\r\nc"})
    assert made["text"] == "ab\nc"
    bela.refused(422, "POST", messages_of(ticket), b'{"kind": "note", "text": "\\ud800"}')


def test_messages_come_oldest_first_page_by_page(cast: Cast, bela: Program, ticket: Ticket) -> None:
    for number in range(4):
        writes_again(ticket, cast.emil, f"Letter {number}")
    first = bela.get(messages_of(ticket), limit=2)
    second = bela.get(messages_of(ticket), limit=2, after=first["next"])
    third = bela.get(messages_of(ticket), limit=2, after=second["next"])
    texts = [one["text"] for one in first["items"] + second["items"] + third["items"]]
    assert texts[1:] == ["Letter 0", "Letter 1", "Letter 2", "Letter 3"]
    assert third["next"] is None
    bela.refused(422, "GET", messages_of(ticket), after="-1")


def test_a_message_shows_who_wrote_to_whom_and_what_was_quoted(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    actions.receive(
        ticket,
        Content("Still broken.", quoted="> A new one comes.", html="<p>Still broken.</p>"),
        by=by(cast.frida),
        address=cast.frida,
        subject="Re: The zip",
        message_id="abc@acme.example",
        trust="new_sender",
        recipients=(
            Recipient("from", "frida@acme.example", "Frida"),
            Recipient("to", "help@desk.example"),
            Recipient("cc", "emil@acme.example"),
        ),
    )
    message = bela.get(messages_of(ticket))["items"][1]
    assert message["from"] == {"email": "frida@acme.example", "name": "Frida"}
    assert message["to"] == [{"email": "help@desk.example", "name": ""}]
    assert message["cc"] == [{"email": "emil@acme.example", "name": ""}]
    assert (message["text"], message["quoted"]) == ("Still broken.", "> A new one comes.")
    assert (message["subject"], message["message_id"]) == ("Re: The zip", "abc@acme.example")
    assert (message["trust"], message["delivery"]) == ("new_sender", None)


def test_a_message_of_another_ticket_is_not_here(cast: Cast, bela: Program, ticket: Ticket) -> None:
    other = a_ticket(cast.support, cast.frida)
    number = other.messages.get().pk
    bela.get(f"{messages_of(other)}/{number}")
    bela.refused(404, "GET", f"{messages_of(ticket)}/{number}")
    bela.refused(404, "GET", f"{messages_of(ticket)}/{10**30}")


def test_more_messages_cost_no_more_queries(cast: Cast, bela: Program, ticket: Ticket) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            writes_again(ticket, cast.emil)
            actions.reply(ticket, Content("Hello."), by=by(cast.bela))
        bela.get(messages_of(ticket))
        with CaptureQueriesContext(connection) as queries:
            bela.get(messages_of(ticket))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


# Files


def test_a_file_is_sent_ahead_and_named_in_an_answer(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    zip_bytes = b"PK\x03\x04 not really"
    ahead = bela.upload(f"/tickets/{ticket.code}/attachments", "../the zip.zip", zip_bytes, "a/b")
    assert (ahead["name"], ahead["size"]) == ("the zip.zip", len(zip_bytes))
    assert bela.get(f"/tickets/{ticket.code}/attachments")["items"] == []
    made = bela.post(
        messages_of(ticket), {"kind": "reply", "text": "See.", "attachments": [ahead["token"]]}
    )
    file = made["attachments"][0]
    assert set(file) == {"name", "type", "size", "sha256", "url", "inline", "content_id"}
    assert file["sha256"] == hashlib.sha256(zip_bytes).hexdigest()
    assert (file["type"], file["inline"]) == ("a/b", False)
    assert bela.get(f"/tickets/{ticket.code}/attachments")["items"] == [file]
    answer = bela.send("GET", file["url"])
    assert Path(answer.headers["X-Deskbell-File"]).read_bytes() == zip_bytes
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_file_can_open_a_ticket(cast: Cast, bela: Program) -> None:
    ahead = bela.upload("/attachments", "zip.png", b"png", "image/png")
    ticket = bela.post(
        "/tickets",
        {
            "subject": "Zip",
            "department": "Support",
            "kind": "note",
            "attachments": [ahead["token"]],
        },
    )
    files = bela.get(f"/tickets/{ticket['code']}/attachments")["items"]
    assert [file["name"] for file in files] == ["zip.png"]


def test_a_file_is_seen_only_by_who_sees_its_ticket(
    cast: Cast, bela: Program, dora: Program, nobody: Program, ticket: Ticket
) -> None:
    ahead = bela.upload("/attachments", "zip.png", b"png", "image/png")
    note = {"kind": "note", "text": "See.", "attachments": [ahead["token"]]}
    billing = a_ticket(cast.billing, cast.frida)
    dora.refused(422, "POST", messages_of(billing), note)
    url = bela.post(messages_of(ticket), note)["attachments"][0]["url"]
    assert bela.send("GET", url).status_code == 200
    dora.refused(404, "GET", url)
    nobody.refused(401, "GET", url)
    bela.refused(404, "GET", "/attachments/unknown")
    bela.refused(404, "GET", "/attachments/%00")


def test_no_file_is_no_upload(cast: Cast, bela: Program) -> None:
    assert bela.refused(422, "POST", "/attachments", {})["errors"][0]["field"] == "file"
    broken = bela.client.post(
        "/api/v1/attachments",
        b"--x\r\nrubbish",
        content_type="multipart/form-data; boundary=",
        headers={"Authorization": f"Bearer {bela.key}"},
    )
    assert broken.status_code in (400, 422)


def test_a_program_reads_what_the_customer_thinks(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    answer = actions.reply(ticket, Content("Send it in."), by=by(cast.bela), then="resolved")
    actions.rate_answer(ticket, answer, by=by(cast.emil), score="good", words="Quick!")
    before = bela.get(f"/tickets/{ticket.code}")
    actions.rate(ticket, by=by(cast.emil), score="fair")
    [letter, said] = bela.get(messages_of(ticket))["items"]
    assert letter["rating"] is None
    assert said["rating"] == {"score": "good", "words": "Quick!", "step": before["step"]}
    now = bela.get(f"/tickets/{ticket.code}")
    assert now["rating"] == {"score": "fair", "words": "", "step": now["step"]}
    assert before["rating"] is None
    then = f"/tickets/{ticket.code}?at={clock.now().isoformat().replace('+', '%2B')}"
    assert bela.get(then)["rating"] == now["rating"]
    last = bela.get(f"/tickets/{ticket.code}/timeline/{now['step']}")
    assert last["sentence"] == "Emil Novák is half satisfied with the solution"
    assert "Quick" not in str(bela.get(f"/tickets/{ticket.code}/timeline"))


def test_a_program_forwards_and_reads_what_comes_back(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    first = ticket.messages.get()
    said = {"kind": "forward", "text": "Is it known?", "to": ["zips@maker.example"]}
    made = bela.post(messages_of(ticket), {**said, "about": first.pk})
    assert (made["kind"], made["side"], made["delivery"]["state"]) == (
        "forward",
        made["id"],
        "held",
    )
    address = customer_for("zips@maker.example", "The maker")
    actions.receive_aside(
        ticket,
        Content("We replace it."),
        by=by(address),
        address=address,
        side=Message.objects.get(pk=made["id"]),
    )
    *_, came = bela.get(messages_of(ticket))["items"]
    assert (came["kind"], came["side"], came["author"]["name"]) == (
        "outside",
        made["id"],
        "The maker",
    )
    again = bela.post(messages_of(ticket), {**said, "answers": came["id"]})
    assert again["side"] == made["id"]


def test_what_a_program_cannot_forward_is_said(cast: Cast, bela: Program, ticket: Ticket) -> None:
    said = {"kind": "forward", "text": "Known?", "to": ["zips@maker.example"]}
    other = a_ticket(cast.support, cast.frida).messages.get()
    for wrong, field in (
        ({"to": []}, "to"),
        ({"to": ["emil@acme.example"]}, "to"),
        ({"about": other.pk}, "about"),
        ({"answers": ticket.messages.get().pk}, "answers"),
        ({"kind": "reply", "about": ticket.messages.get().pk}, "about"),
    ):
        problem = bela.refused(422, "POST", messages_of(ticket), {**said, **wrong})
        assert problem["errors"][0]["field"] == field, wrong

"""/scheduled: letters that programs write now and that leave later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deskbell import clock as our_clock
from deskbell.channels.mail.models import Delivery, MailBox
from deskbell.people.models import Customer
from deskbell.tickets import drafts
from deskbell.tickets.drafts import Words
from deskbell.tickets.models import Draft, Message, Ticket
from deskbell.work.jobs import run_due
from tests.api.conftest import Program
from tests.cast import Cast
from tests.desk import a_ticket, writes_again

FIELDS = {
    "id", "kind", "ticket", "subject", "agent", "send_at", "then", "unless_something_comes",
    "from", "to", "cc", "bcc", "text", "html", "attachments",
}  # fmt: skip

HOUR = timedelta(hours=1)


@pytest.fixture
def ticket(clock: time_machine.Traveller, cast: Cast) -> Ticket:
    return a_ticket(cast.support, cast.emil)


def in_an_hour(**said: Any) -> dict[str, Any]:
    at = (our_clock.now() + HOUR).isoformat()
    return {"send_at": at, "text": "Good morning.", **said}


def on(ticket: Ticket) -> str:
    return f"/tickets/{ticket.code}/scheduled"


def mail(**said: Any) -> dict[str, Any]:
    """The mail with which a ticket is to begin."""
    gina = {"email": "gina@maker.example", "name": "Gina"}
    return in_an_hour(department="Support", customer=gina, subject="Your zips", **said)


def an_hour_passes(clock: time_machine.Traveller) -> None:
    clock.shift(HOUR)
    run_due()


def test_an_answer_waits_for_its_moment_and_leaves_in_its_writers_name(
    clock: time_machine.Traveller, cast: Cast, bela: Program, ticket: Ticket
) -> None:
    response = bela.send("POST", on(ticket), in_an_hour(then="resolved", cc=["boss@acme.example"]))
    made = bela.read(response, 201)
    assert set(made) == FIELDS
    assert (made["kind"], made["ticket"], made["text"]) == ("reply", ticket.code, "Good morning.")
    assert made["agent"] == {"id": cast.bela.pk, "name": "Bela Kerekes"}
    assert made["send_at"] == "2026-03-02T13:00:00Z"
    assert bela.get(response.headers["Location"]) == made
    assert bela.get("/scheduled")["items"] == [made]
    assert not ticket.messages.filter(kind="reply").exists()

    an_hour_passes(clock)
    [said] = bela.get(f"/tickets/{ticket.code}/messages")["items"][1:]
    assert (said["author"]["name"], said["text"]) == ("Bela Kerekes", "Good morning.")
    assert [one["email"] for one in said["to"] + said["cc"]] == [
        "emil@acme.example",
        "boss@acme.example",
    ]
    assert bela.get(f"/tickets/{ticket.code}")["status"] == "resolved"
    assert bela.get("/scheduled")["items"] == []


def test_files_that_were_sent_ahead_go_along(
    clock: time_machine.Traveller, bela: Program, ticket: Ticket
) -> None:
    file = bela.upload("/attachments", "bill.pdf", b"%PDF", "application/pdf")
    made = bela.post(on(ticket), in_an_hour(attachments=[file["token"]]))
    assert made["attachments"] == [{"name": "bill.pdf", "type": "application/pdf", "size": 4}]
    an_hour_passes(clock)
    [sent] = ticket.messages.get(kind="reply").attachments.all()
    assert (sent.name, sent.sha256) == ("bill.pdf", file["sha256"])


def test_what_its_writer_has_begun_on_the_page_stays_there(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    drafts.keep(cast.bela, ticket, Words("Half a sent"), version=0, writer="window")
    bela.post(on(ticket), in_an_hour())
    bela.post("/scheduled", mail())
    begun = drafts.of(cast.bela, ticket)
    assert begun is not None
    assert begun.text == "Half a sent"


def test_what_comes_before_keeps_it_here_unless_it_may_leave_all_the_same(
    clock: time_machine.Traveller, cast: Cast, bela: Program, ticket: Ticket
) -> None:
    bela.post(on(ticket), in_an_hour(text="Only if you are silent.", cc=["boss@acme.example"]))
    bela.post(on(ticket), in_an_hour(text="In any case.", unless_something_comes=False))
    writes_again(ticket, cast.emil, "It got worse.")
    an_hour_passes(clock)
    assert [one.text.plain for one in ticket.messages.filter(kind="reply")] == ["In any case."]
    kept = drafts.of(cast.bela, ticket)
    assert kept is not None
    assert kept.text == "Only if you are silent."
    assert kept.fields["cc"] == ["boss@acme.example"]


def test_what_came_meanwhile_is_shown_before_it_waits(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    seen = bela.get(f"/tickets/{ticket.code}")["step"]
    writes_again(ticket, cast.emil, "Never mind.")
    problem = bela.refused(409, "POST", on(ticket), in_an_hour(seen_step=seen))
    assert problem["code"] == "something_came"
    assert [entry["kind"] for entry in problem["entries"]] == ["message.received"]
    assert not Draft.objects.exists()
    bela.post(on(ticket), in_an_hour(seen_step=problem["entries"][-1]["step"]))


def test_a_letter_to_somebody_outside_leaves_later_too(
    clock: time_machine.Traveller, bela: Program, ticket: Ticket
) -> None:
    about = ticket.messages.get().pk
    to = [{"email": "zips@maker.example", "name": "The maker"}]
    made = bela.post(on(ticket), in_an_hour(kind="forward", to=to, about=about))
    assert (made["kind"], made["to"]) == ("forward", to)
    an_hour_passes(clock)
    assert ticket.messages.get(kind="forward").recipients.get(role="to").name == "The maker"


def test_a_mail_begins_its_ticket_when_it_leaves_and_nobody_is_met_before(
    clock: time_machine.Traveller, cast: Cast, bela: Program
) -> None:
    made = bela.post("/scheduled", mail(cc=["boss@maker.example", "GINA@maker.example"]))
    assert (made["kind"], made["ticket"], made["subject"]) == ("mail", None, "Your zips")
    assert [one["email"] for one in made["to"] + made["cc"]] == [
        "gina@maker.example",
        "boss@maker.example",
    ]
    assert not Ticket.objects.exists()
    assert not Customer.objects.filter(name="Gina").exists()
    an_hour_passes(clock)
    begun = Ticket.objects.get()
    assert (begun.subject.plain, begun.assignee) == ("Your zips", cast.bela)
    assert {one.address for one in Delivery.objects.all()} == {
        "gina@maker.example",
        "boss@maker.example",
    }


def test_whom_it_names_takes_part_when_it_leaves_and_not_before(
    clock: time_machine.Traveller, bela: Program, ticket: Ticket
) -> None:
    bela.post(on(ticket), in_an_hour(cc=["boss@acme.example"], bcc=["lawyer@acme.example"]))
    bela.post("/scheduled", mail(cc=["chief@maker.example"]))
    assert not Customer.objects.filter(addresses__value="boss@acme.example").exists()
    an_hour_passes(clock)
    begun = Ticket.objects.latest("pk")
    parties = [
        {one["email"] for one in bela.get(f"/tickets/{code}/participants")["items"]}
        for code in (ticket.code, begun.code)
    ]
    assert parties == [
        {"emil@acme.example", "boss@acme.example"},
        {"gina@maker.example", "chief@maker.example"},
    ]


def test_it_leaves_from_the_address_of_ours_that_its_writer_chose(
    clock: time_machine.Traveller, cast: Cast, bela: Program, ticket: Ticket
) -> None:
    for name, department in (("a", cast.support), ("b", cast.support), ("bills", cast.billing)):
        MailBox.objects.create(address=f"{name}@desk.example", department=department)
    chosen, bills = {"from": "b@desk.example"}, {"from": "bills@desk.example"}
    made = bela.post(on(ticket), in_an_hour(**chosen))
    assert (made["from"]["email"], made["to"][0]["email"]) == (
        "b@desk.example",
        "emil@acme.example",
    )
    outside = in_an_hour(kind="forward", to=["zips@maker.example"], **chosen)
    kept = bela.post(on(ticket), outside)
    first = bela.post("/scheduled", mail(**chosen))
    assert first["from"]["email"] == "b@desk.example"
    for path, body in ((on(ticket), in_an_hour(**bills)), ("/scheduled", mail(**bills))):
        assert bela.refused(422, "POST", path, body)["code"] == "sender_not_allowed"
    an_hour_passes(clock)
    sent = Message.objects.filter(kind__in=("reply", "forward"))
    assert {one.recipients.get(role="from").address for one in sent} == {"b@desk.example"}
    assert (sent.count(), kept["kind"]) == (3, "forward")


def test_what_is_a_draft_again_keeps_the_address_that_was_chosen(
    cast: Cast, bela: Program, ticket: Ticket
) -> None:
    MailBox.objects.create(address="help@desk.example", department=cast.support)
    made = bela.post(on(ticket), in_an_hour(**{"from": "help@desk.example"}))
    bela.delete(f"/scheduled/{made['id']}")
    assert Draft.objects.get().fields["from"] == ["help@desk.example"]


def test_it_is_sent_now_by_its_writer_alone(
    cast: Cast, anna: Program, bela: Program, ticket: Ticket
) -> None:
    waiting = bela.post(on(ticket), in_an_hour())
    anna.refused(403, "POST", f"/scheduled/{waiting['id']}/sending")
    response = bela.send("POST", f"/scheduled/{waiting['id']}/sending")
    sent = bela.read(response, 201)
    assert sent["text"] == "Good morning."
    assert bela.get(response.headers["Location"]) == sent
    bela.refused(404, "POST", f"/scheduled/{waiting['id']}/sending")


def test_what_shall_not_leave_is_a_draft_of_its_writer(
    clock: time_machine.Traveller, cast: Cast, anna: Program, bela: Program, ticket: Ticket
) -> None:
    first, second = bela.post(on(ticket), in_an_hour()), bela.post("/scheduled", mail())
    bela.delete(f"/scheduled/{second['id']}")
    anna.delete(f"/scheduled/{first['id']}")
    an_hour_passes(clock)
    assert not Message.objects.filter(kind="reply").exists()
    begun = {one.ticket_id: one for one in Draft.objects.filter(agent=cast.bela, send_at=None)}
    assert begun[ticket.pk].text == begun[None].text == "Good morning."
    assert begun[None].fields["customer"] == ["gina@maker.example"]
    assert begun[None].fields["subject"] == ["Your zips"]


def test_colleagues_see_that_something_leaves_and_its_words_are_its_writers(
    cast: Cast, anna: Program, bela: Program, cecil: Program, dora: Program, ticket: Ticket
) -> None:
    made = bela.post(on(ticket), in_an_hour(bcc=["boss@desk.example"]))
    [seen] = cecil.get(on(ticket))["items"]
    assert (seen["id"], seen["send_at"]) == (made["id"], made["send_at"])
    assert (seen["text"], seen["html"], seen["bcc"], seen["attachments"]) == (None, None, [], [])
    assert cecil.get("/scheduled")["items"] == []
    cecil.refused(404, "GET", f"/scheduled/{made['id']}")
    cecil.refused(404, "DELETE", f"/scheduled/{made['id']}")
    assert anna.get("/scheduled")["items"] == [made]
    dora.refused(404, "GET", on(ticket))
    cecil.refused(403, "POST", on(ticket), in_an_hour())


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"send_at": "2026-03-02T11:00:00Z"}, "send_at"),
        ({"send_at": "tomorrow"}, "send_at"),
        ({"text": ""}, "text"),
        ({"then": "postponed"}, "then"),
        ({"kind": "note"}, "kind"),
        ({"about": 1}, "about"),
        ({"kind": "forward", "to": []}, "to"),
        ({"kind": "forward", "to": ["zips@maker.example"], "about": 99}, "about"),
        ({"attachments": ["gone"]}, "attachments.0"),
        ({"cc": ["nobody"]}, "cc.0"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_waits(
    cast: Cast, bela: Program, ticket: Ticket, said: dict[str, Any], field: str
) -> None:
    problem = bela.refused(422, "POST", on(ticket), in_an_hour(**said))
    assert [one["field"] for one in problem["errors"]] == [field]
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"send_at": "2026-03-02T11:00:00Z"}, "send_at"),
        ({"text": ""}, "text"),
        ({"customer": {"email": "gina"}}, "customer.email"),
        ({"department": "Nowhere"}, "department"),
    ],
)
def test_what_is_wrong_with_a_first_mail_is_named(
    clock: time_machine.Traveller, cast: Cast, bela: Program, said: dict[str, Any], field: str
) -> None:
    problem = bela.refused(422, "POST", "/scheduled", {**mail(), **said})
    assert [one["field"] for one in problem["errors"]] == [field]


def test_a_list_costs_the_same_however_much_waits(bela: Program, ticket: Ticket) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            bela.get("/scheduled")
        return len(captured)

    bela.post(on(ticket), in_an_hour())
    bela.post("/scheduled", mail())
    few = queries()
    for _ in range(5):
        bela.post(on(ticket), in_an_hour())
        bela.post("/scheduled", mail())
    assert queries() == few

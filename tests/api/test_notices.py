"""/notices: what an agent is told, as their page has it; counted, and read there and here."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.translation import gettext

from deskbell.notices.models import Notice
from deskbell.people.agents import work_in
from deskbell.people.departments import Decisions, change_department
from deskbell.people.models import Account, Desk
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from deskbell.work import timetable
from deskbell.work.run import run_due
from tests.api.conftest import Program
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again


@pytest.fixture
def given(cast: Cast, clock: time_machine.Traveller) -> Ticket:
    """A ticket that Anna gave to Bela at noon, into which Emil wrote again an hour later."""
    ticket = a_ticket(cast.support, cast.emil)
    actions.assign(ticket, cast.bela, by=by(cast.anna))
    run_due()
    clock.shift(timedelta(hours=1))
    writes_again(ticket, cast.emil, "The strap, too.")
    run_due()
    return ticket


def listed(program: Program, **asked: object) -> list[str]:
    """Return why a program is told what it is told, the newest first."""
    return [one["why"] for one in program.get("/notices", **asked)["items"]]


def unread(program: Program) -> int:
    count: int = program.get("/notices/unread")["count"]
    return count


def test_bela_is_told_what_happened_newest_first(cast: Cast, bela: Program, given: Ticket) -> None:
    answer, assigned = bela.get("/notices")["items"]
    newest, oldest = Notice.objects.filter(agent=cast.bela)
    assert answer == {
        "id": newest.pk,
        "why": "answer",
        "sentence": "Emil Novák wrote",
        "words": "The strap, too.",
        "ticket": given.code,
        "subject": "The zip came apart",
        "step": newest.step,
        "at": "2026-03-02T13:00:00Z",
        "read_at": None,
    }
    assert (assigned["id"], assigned["why"]) == (oldest.pk, "assigned")
    assert (assigned["words"], assigned["at"]) == ("", "2026-03-02T12:00:00Z")


def test_each_step_is_that_of_the_entry_that_is_told(bela: Program, given: Ticket) -> None:
    kinds = [
        bela.get(f"/tickets/{given.code}/timeline/{one['step']}")["kind"]
        for one in bela.get("/notices")["items"]
    ]
    assert kinds == ["message.received", "ticket.assigned"]


def test_the_page_of_notices_says_the_same(cast: Cast, bela: Program, given: Ticket) -> None:
    page = Client()
    page.force_login(cast.bela.account, backend="django.contrib.auth.backends.ModelBackend")
    shown = page.get("/notices").content.decode()
    for one in bela.get("/notices")["items"]:
        assert f'id="notice-{one["id"]}"' in shown
        assert one["sentence"] in shown
        assert one["words"] in shown
    assert f'data-counter="notices">{unread(bela)}<' in shown


def test_sentences_come_in_the_language_of_who_asks(bela: Program, given: Ticket) -> None:
    bela.headers["Accept-Language"] = "hu"
    newest = bela.get("/notices")["items"][0]["sentence"]
    with translation.override("hu"):
        assert newest == gettext("%(by)s wrote") % {"by": "Emil Novák"}
    assert newest != "Emil Novák wrote"


@pytest.mark.parametrize(
    ("own", "desks", "said"),
    [("Asia/Tokyo", "UTC", "22:00"), ("", "Europe/Budapest", "14:00"), ("", "UTC", "13:00")],
)
def test_what_is_due_is_said_in_the_zone_of_who_asks(
    cast: Cast, clock: time_machine.Traveller, bela: Program, own: str, desks: str, said: str
) -> None:
    Account.objects.filter(agent=cast.bela).update(time_zone=own)
    Desk.objects.update(time_zone=desks)
    promised = Decisions(answer_within_minutes=60)
    change_department(cast.support, name="Support", decisions=promised)
    actions.take(a_ticket(cast.support, cast.emil), by=by(cast.bela))
    clock.shift(timedelta(minutes=50))
    timetable.tick()
    run_due()
    [due] = bela.get("/notices", unread="true")["items"]
    assert (due["why"], due["sentence"]) == ("due_soon", f"Due at {said}")


def test_a_long_list_is_read_part_by_part(cast: Cast, bela: Program, given: Ticket) -> None:
    first = bela.get("/notices", limit=1)
    assert [one["why"] for one in first["items"]] == ["answer"]
    actions.note(given, Content("Bela?"), by=by(cast.anna), mentions=[cast.bela])
    run_due()
    rest = bela.get("/notices", limit=1, after=first["next"])
    assert ([one["why"] for one in rest["items"]], rest["next"]) == (["assigned"], None)
    assert listed(bela) == ["mention", "answer", "assigned"]


@pytest.mark.parametrize(
    ("field", "asked"),
    [("after", "first"), ("limit", "0"), ("limit", "101"), ("unread", "maybe"), ("agent", "1")],
)
def test_what_no_list_can_be_asked_is_refused(bela: Program, field: str, asked: str) -> None:
    problem = bela.refused(422, "GET", "/notices", **{field: asked})
    assert [one["field"] for one in problem["errors"]] == [field]


def test_everybody_is_told_their_own_only(
    cast: Cast, bela: Program, cecil: Program, dora: Program, given: Ticket
) -> None:
    a_ticket(cast.billing, cast.frida)
    run_due()
    assert (listed(bela), unread(bela)) == (["answer", "assigned"], 2)
    assert (listed(cecil), unread(cecil)) == ([], 0)
    assert (listed(dora), unread(dora)) == (["new"], 1)


def test_cecil_hears_no_more_of_a_ticket_that_he_may_not_see_now(
    cast: Cast, cecil: Program, given: Ticket
) -> None:
    actions.follow(given, by=by(cast.cecil))
    writes_again(given, cast.emil)
    run_due()
    assert (listed(cecil), unread(cecil)) == (["followed"], 1)
    work_in(cast.cecil, [cast.billing])
    assert (listed(cecil), unread(cecil)) == ([], 0)
    assert listed(cecil, unread="true") == []
    cecil.refused(404, "DELETE", f"/tickets/{given.code}/unread")
    assert Notice.objects.get(agent=cast.cecil).read_at is None


def test_nothing_is_told_of_a_ticket_while_it_is_thrown_away(
    cast: Cast, anna: Program, bela: Program, given: Ticket
) -> None:
    actions.delete(given, by=by(cast.anna))
    run_due()
    assert (listed(bela), unread(bela)) == ([], 0)
    actions.restore(given, by=by(cast.anna))
    run_due()
    assert (listed(bela), unread(bela)) == (["answer", "assigned"], 2)
    actions.delete(given, by=by(cast.anna))
    assert anna.send("POST", f"/tickets/{given.code}/purge").status_code == 204
    assert (listed(bela), unread(bela)) == ([], 0)


def test_what_bela_read_of_one_ticket_is_read_and_all_else_is_not(
    cast: Cast, clock: time_machine.Traveller, bela: Program, given: Ticket
) -> None:
    other = a_ticket(cast.support, cast.frida)
    actions.note(given, Content("Cecil?"), by=by(cast.anna), mentions=[cast.cecil])
    run_due()
    assert (listed(bela, unread="true"), unread(bela)) == (["new", "answer", "assigned"], 3)
    clock.shift(timedelta(hours=1))
    bela.delete(f"/tickets/{given.code.lower().replace('-', '')}/unread")
    assert (listed(bela, unread="true"), unread(bela)) == (["new"], 1)
    assert listed(bela, unread="false") == ["answer", "assigned"]
    assert listed(bela) == ["new", "answer", "assigned"]
    read = [one["read_at"] for one in bela.get("/notices")["items"]]
    assert read == [None, *["2026-03-02T14:00:00Z"] * 2]
    assert Notice.objects.get(agent=cast.cecil).read_at is None, "his own was not read"
    clock.shift(timedelta(hours=1))
    bela.delete(f"/tickets/{given.code}/unread")
    assert [one["read_at"] for one in bela.get("/notices")["items"]] == read, "twice is once"
    bela.delete(f"/tickets/{other.code}/unread")
    assert unread(bela) == 0


def test_asking_for_a_ticket_reads_nothing(bela: Program, given: Ticket) -> None:
    bela.get(f"/tickets/{given.code}")
    bela.get(f"/tickets/{given.code}/messages")
    assert unread(bela) == 2


def test_all_is_read_at_once(cast: Cast, bela: Program, given: Ticket) -> None:
    a_ticket(cast.support, cast.frida)
    run_due()
    assert unread(bela) == 3
    bela.delete("/notices/unread")
    assert (unread(bela), listed(bela, unread="true")) == (0, [])
    assert len(listed(bela, unread="false")) == 3
    bela.delete("/notices/unread")
    assert Notice.objects.filter(agent=cast.anna, read_at=None).exists(), "hers stay hers to read"


def test_what_came_since_bela_looked_stays_unread(cast: Cast, bela: Program, given: Ticket) -> None:
    newest = bela.get("/notices")["items"][0]["id"]
    actions.note(given, Content("Bela?"), by=by(cast.anna), mentions=[cast.bela])
    run_due()
    bela.delete(f"/notices/unread?until={newest}")
    assert listed(bela, unread="true") == ["mention"]


@pytest.mark.parametrize("asked", ["until=0", "until=now", "until=9223372036854775808", "to=1"])
def test_all_is_not_read_by_a_number_that_is_none(bela: Program, given: Ticket, asked: str) -> None:
    bela.refused(422, "DELETE", f"/notices/unread?{asked}")
    assert unread(bela) == 2


def test_more_than_the_bell_counts_is_counted_as_more(
    cast: Cast, bela: Program, given: Ticket
) -> None:
    Notice.objects.bulk_create(
        Notice(agent=cast.bela, ticket=given, step=1000 + n, why="answer", at=given.created_at)
        for n in range(120)
    )
    assert unread(bela) == 100


def test_a_longer_list_costs_no_more_queries(cast: Cast, bela: Program, given: Ticket) -> None:
    counts = []
    for _ in range(2):
        for number in range(3):
            other = a_ticket(cast.support, cast.frida)
            actions.assign(other, cast.bela, by=by(cast.anna))
            writes_again(other, cast.frida, f"{number}")
            actions.note(other, Content("Bela?"), by=by(cast.anna), mentions=[cast.bela])
        run_due()
        bela.get("/notices")
        with CaptureQueriesContext(connection) as queries:
            shown = len(listed(bela))
        counts.append((shown, len(queries)))
    (few, first), (many, second) = counts
    assert many > few
    assert first == second <= 9

"""What may be done to a ticket from its head: each verb does it, refuses it, and asks who may."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from deskbell.tickets import actions
from deskbell.tickets.models import Attachment, Message, Ticket
from deskbell.web.desk import moments
from tests.cast import Cast, by
from tests.conftest import NOON
from tests.web.conftest import SignIn
from tests.web.desk.pages import fresh, page_of, press, refused, take_away

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("hour", datetime(2026, 3, 2, 13, 0, tzinfo=UTC)),
        ("tomorrow", datetime(2026, 3, 3, 6, 0, tzinfo=UTC)),
        ("monday", datetime(2026, 3, 9, 6, 0, tzinfo=UTC)),
    ],
)
def test_usual_moments_are_those_of_the_readers_zone(name: str, moment: datetime) -> None:
    assert moments.preset(name, NOON, ZoneInfo("Europe/Riga")) == moment


def test_next_monday_is_never_today_and_tomorrow_is_counted_in_the_zone() -> None:
    late = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)  # Monday morning already in Auckland
    assert moments.preset("monday", late, ZoneInfo("UTC")).day == 9
    assert moments.preset("monday", late, ZoneInfo("Pacific/Auckland")).day == 16


def test_a_ticket_rests_until_a_usual_moment_and_is_fetched_back(
    clock: time_machine.Traveller, bela: Client, ticket: Ticket
) -> None:
    assert 'data-key="p"' in page_of(bela, ticket)
    press(bela, ticket, "postponement", until="tomorrow", zone="Europe/Riga")
    assert fresh(ticket).postponed_until == datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
    page = page_of(bela, ticket)
    assert 'datetime="2026-03-03T06:00:00.000Z" data-local="when"' in page
    assert "Fetch back" in page
    take_away(bela, ticket, "postponement")
    assert fresh(ticket).status == "new"
    assert "Fetch back" not in page_of(bela, ticket)


def test_a_typed_moment_is_one_of_the_accounts_zone_where_no_script_says_another(
    clock: time_machine.Traveller, cast: Cast, bela: Client, ticket: Ticket
) -> None:
    cast.bela.account.time_zone = "Europe/Budapest"
    cast.bela.account.save()
    press(bela, ticket, "postponement", when="2026-03-04T09:30")
    assert fresh(ticket).postponed_until == datetime(2026, 3, 4, 8, 30, tzinfo=UTC)
    press(bela, ticket, "postponement", when="2026-03-04T09:30", zone="Asia/Tokyo")
    assert fresh(ticket).postponed_until == datetime(2026, 3, 4, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"when": "2020-01-01T00:00"}, "Choose a moment that lies ahead."),
        ({"when": "soon"}, "Write a day and a time"),
        ({"when": "9999-12-31T23:59", "zone": "America/Lima"}, "Write a day and a time"),
        ({"until": "never"}, "Choose one of the moments."),
        ({}, "Write a day and a time"),
    ],
)
def test_a_moment_that_cannot_be_is_refused(
    bela: Client, ticket: Ticket, form: dict[str, str], sentence: str
) -> None:
    status, page = refused(bela, ticket, "postponement", **form)
    assert (status, sentence in page) == (422, True)
    assert fresh(ticket).status == "new"


def test_an_answer_may_be_sent_and_the_ticket_rest(
    clock: time_machine.Traveller, bela: Client, ticket: Ticket
) -> None:
    assert 'value="postponed:monday"' in page_of(bela, ticket)
    press(bela, ticket, "messages", text="We ask the workshop.", then="postponed:monday")
    assert fresh(ticket).status == "postponed"
    assert fresh(ticket).postponed_until == datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    assert refused(bela, ticket, "messages", text="Again.", then="postponed:")[0] == 422
    assert Message.objects.filter(kind="reply").count() == 1


def test_urgency_is_shown_only_where_it_is_not_the_usual(bela: Client, ticket: Ticket) -> None:
    assert "Priority: normal" in page_of(bela, ticket)
    press(bela, ticket, "priority", priority="4")
    assert fresh(ticket).priority == 4
    page = page_of(bela, ticket)
    assert "Priority: normal" not in page
    assert "set its priority to urgent" in page
    for wrong in ("0", "5", "x", ""):
        assert refused(bela, ticket, "priority", priority=wrong)[0] == 422


def test_an_answer_that_went_another_way_is_marked(bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "answered")
    assert fresh(ticket).status == "answered"
    assert refused(bela, ticket, "answered")[0] == 409


def test_ones_own_ticket_is_handed_back(cast: Cast, bela: Client, ticket: Ticket) -> None:
    assert "Hand it back" not in page_of(bela, ticket)
    assert refused(bela, ticket, "resignation")[0] == 403
    actions.take(ticket, by=by(cast.bela))
    assert "Hand it back" in page_of(bela, ticket)
    press(bela, ticket, "resignation")
    assert fresh(ticket).assignee is None


def test_escalating_says_why_and_leads_away_where_it_leads_out_of_sight(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    assert "Reason" in bela.get(f"/tickets/{ticket.code}/escalation").content.decode()
    status, page = refused(bela, ticket, "escalation", reason=" ", agent=str(cast.anna.pk))
    assert (status, 'id="reason-error"' in page) == (422, True)
    assert f'value="{cast.anna.pk}" selected' in page
    press(bela, ticket, "escalation", reason="He calls every hour.", agent=str(cast.anna.pk))
    assert (fresh(ticket).priority, fresh(ticket).assignee) == (3, cast.anna)
    page = page_of(bela, ticket)
    assert "<dt>Reason</dt>" in page
    assert "He calls every hour." in page
    answer = bela.post(
        f"/tickets/{ticket.code}/escalation",
        {"reason": "It is about money.", "department": str(cast.billing.pk)},
    )
    assert answer["Location"].startswith("/?done=")


def test_spam_says_what_it_is_and_how_to_fetch_it_back(bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "spam")
    assert fresh(ticket).status == "spam"
    page = page_of(bela, ticket)
    assert "This ticket is spam." in page
    assert 'data-key="!"' in page
    assert refused(bela, ticket, "spam")[0] == 409
    take_away(bela, ticket, "spam")
    assert fresh(ticket).status == "new"
    assert "This ticket is spam." not in page_of(bela, ticket)


def test_what_was_deleted_is_restored_from_its_own_list(bela: Client, ticket: Ticket) -> None:
    press(bela, ticket, "deletion")
    assert ticket.code not in bela.get("/").content.decode()
    assert ticket.code not in bela.get("/?view=all").content.decode()
    assert ticket.code in bela.get("/?view=deleted").content.decode()
    page = page_of(bela, ticket)
    assert "This ticket was deleted." in page
    assert 'name="text"' not in page
    take_away(bela, ticket, "deletion")
    assert fresh(ticket).status == "new"


def test_removing_for_good_asks_first_and_is_for_admins(
    cast: Cast, as_: SignIn, bela: Client, ticket: Ticket
) -> None:
    anna = as_(cast.anna)
    assert anna.get(f"/tickets/{ticket.code}/purge").status_code == 409, "it is in no bin yet"
    actions.delete(ticket, by=by(cast.bela))
    assert "Remove for good" not in page_of(bela, ticket)
    assert bela.get(f"/tickets/{ticket.code}/purge").status_code == 403
    assert refused(bela, ticket, "purge")[0] == 403
    assert "Remove for good" in page_of(anna, ticket)
    asked = anna.get(f"/tickets/{ticket.code}/purge").content.decode()
    assert "1 message, with all its words" in asked
    assert f"{Attachment.objects.count()} files" in asked
    assert fresh(ticket).purged_at is None, "asking does nothing"
    press(anna, ticket, "purge")
    assert fresh(ticket).purged_at is not None
    assert anna.get(f"/tickets/{ticket.code}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "acts/1",
        "answered",
        "checklist",
        "customer",
        "deletion",
        "description",
        "escalation",
        "following",
        "links",
        "merging",
        "messages/1/redaction",
        "messages/1/split",
        "participants",
        "postponement",
        "priority",
        "purge",
        "redaction",
        "resignation",
        "spam",
        "tags",
    ],
)
def test_who_does_not_see_a_ticket_does_nothing_to_it(
    cast: Cast, as_: SignIn, ticket: Ticket, path: str
) -> None:
    before = fresh(ticket).last_step
    for form in ({}, {"_method": "DELETE"}):
        status, page = refused(as_(cast.dora), ticket, path, **form)
        assert (status, "The zip came apart" in page) == (404, False)
    assert fresh(ticket).last_step == before


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("answered", {}),
        ("checklist", {"check": "Call."}),
        ("customer", {"customer": "frida@acme.example"}),
        ("deletion", {}),
        ("description", {"subject": "Else"}),
        ("escalation", {"reason": "Why"}),
        ("merging", {"into": "AAA-AAAAA-222"}),
        ("participants", {"participant": "new@acme.example"}),
        ("postponement", {"until": "hour"}),
        ("priority", {"priority": "4"}),
        ("redaction", {"passage": "zip"}),
        ("spam", {}),
        ("tags", {"tag": "vip"}),
    ],
)
def test_a_light_agent_is_offered_none_of_it_and_may_do_none_of_it(
    cast: Cast, as_: SignIn, ticket: Ticket, path: str, form: dict[str, str]
) -> None:
    cecil = as_(cast.cecil)
    assert f'action="/tickets/{ticket.code}/{path}"' not in page_of(cecil, ticket)
    assert refused(cecil, ticket, path, **form)[0] == 403
    assert fresh(ticket).last_step == ticket.last_step


def test_htmx_is_told_to_go_away_whole_when_the_ticket_goes_out_of_sight(
    cast: Cast, bela: Client, ticket: Ticket
) -> None:
    answer = bela.post(
        f"/tickets/{ticket.code}/department",
        {"department": str(cast.billing.pk)},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert answer["HX-Redirect"].startswith("/?done=")

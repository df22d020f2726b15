"""Many tickets at once, from a list: picked, swept, looked at, taken back; without scripts."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deskbell.clock import now
from deskbell.saved_views import keeping
from deskbell.saved_views.keeping import Wish
from deskbell.sweeps.models import Sweep
from deskbell.tickets import actions
from deskbell.tickets.models import Entry, Message, Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def some_tickets(cast: Cast, number: int = 3) -> list[Ticket]:
    return [a_ticket(cast.support, cast.emil, subject=f"Zip {n}.") for n in range(number)]


def codes_of(tickets: list[Ticket]) -> list[str]:
    return [ticket.code for ticket in tickets]


def fresh(tickets: list[Ticket]) -> list[Ticket]:
    return list(Ticket.objects.filter(pk__in=[one.pk for one in tickets]).order_by("pk"))


def fields(page: str) -> dict[str, list[str]]:
    """Return the hidden fields of the form for sweeps on a page, as a browser would send them."""
    form = page.split('action="/sweeps"')[1].split("</form>", maxsplit=1)[0]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(unescape(value))
    return found


def test_every_row_of_a_list_has_a_box_and_the_past_has_none(cast: Cast, as_: SignIn) -> None:
    [ticket] = some_tickets(cast, 1)
    view = keeping.make(Wish("All", "status:new"), by=by(cast.bela))
    bela = as_(cast.bela)
    box = f'name="code" value="{ticket.code}" form="picked"'
    for address, asked in (
        ("/", "view=inbox"),
        ("/?view=new", "view=new"),
        ("/find?q=zip", "q=zip"),
        (f"/views/{view.pk}", f"saved={view.pk}"),
    ):
        page = bela.get(address).content.decode()
        assert box in page, address
        assert f'name="list" value="{asked}"' in page, address
    assert box in bela.get(f"/tickets/rows?view=inbox&codes={ticket.code}").content.decode()
    then = bela.get("/?view=inbox&at=2190-01-01T12:00:00Z").content.decode()
    assert ticket.code in then
    assert 'form="picked"' not in then


def test_without_scripts_a_page_asks_what_is_to_be_done(cast: Cast, as_: SignIn) -> None:
    tickets = some_tickets(cast)
    bela = as_(cast.bela)
    page = bela.post("/sweeps/new", {"code": codes_of(tickets[:2]), "list": "view=new"})
    shown = page.content.decode()
    assert "2 tickets are picked." in shown
    sent = fields(shown)
    assert sent["code"] == codes_of(tickets[:2])
    answer = bela.post("/sweeps", {**sent, "act": "take"})
    assert (answer.status_code, answer["Location"]) == (302, "/?view=new")
    run_due()
    assert [one.assignee for one in fresh(tickets)] == [cast.bela, cast.bela, None]


@pytest.mark.parametrize(
    ("act", "more", "kind"),
    [
        ("take", {}, "ticket.taken"),
        ("assign BELA", {}, "ticket.assigned"),
        ("transfer BILLING", {}, "ticket.transferred"),
        ("resolve", {}, "ticket.resolved"),
        ("postpone tomorrow", {}, "ticket.postponed"),
        ("postpone", {"when": "IN TWO DAYS", "zone": "Europe/Budapest"}, "ticket.postponed"),
        ("tag", {"tag": "zip"}, "ticket.tagged"),
        ("prioritise 4", {}, "ticket.prioritised"),
        ("note", {"text": "Known."}, "note.added"),
        ("spam", {}, "ticket.marked_spam"),
        ("delete", {}, "ticket.deleted"),
        ("mark_answered", {}, "ticket.marked_answered"),
        ("follow", {}, "ticket.followed"),
        ("merge", {"into": "OTHER"}, "ticket.merged"),
    ],
)
def test_every_act_of_the_bar(
    cast: Cast, as_: SignIn, act: str, more: dict[str, str], kind: str
) -> None:
    tickets = some_tickets(cast, 2)
    in_two_days = (now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    other = a_ticket(cast.billing, cast.frida).code
    stand_ins = {"IN TWO DAYS": in_two_days, "OTHER": other}
    more = {name: stand_ins.get(value, value) for name, value in more.items()}
    named = act.replace("BELA", str(cast.bela.pk)).replace("BILLING", str(cast.billing.pk))
    anna = as_(cast.anna)
    offered = anna.get("/sweeps/acts?view=inbox").content.decode()
    assert f'value="{named}"' in offered
    anna.post("/sweeps", {"act": named, "code": codes_of(tickets), "list": "view=inbox", **more})
    run_due()
    assert Entry.objects.filter(kind=kind, by_id=cast.anna.pk).count() == 2


def test_several_are_merged_into_one_of_them_and_taken_out_again(cast: Cast, as_: SignIn) -> None:
    tickets = some_tickets(cast, 4)
    bela, into = as_(cast.bela), tickets[1]
    bela.post("/sweeps", {"act": "merge", "into": into.code, "code": codes_of(tickets)})
    run_due()
    merged = Ticket.objects.filter(merged_into=into)
    assert {one.code for one in merged} == {*codes_of(tickets)} - {into.code}
    sweep = Sweep.objects.get()
    assert (sweep.done, sweep.same, sweep.refused) == (3, 1, 0)
    page = bela.get(f"/sweeps/{sweep.pk}").content.decode()
    assert f"Merge into {into.code}: 4 tickets" in page
    bela.post(f"/sweeps/{sweep.pk}", {"_method": "DELETE"})
    run_due()
    undo = Sweep.objects.latest("pk")
    assert (undo.act, undo.done, undo.refused) == ("undo", 3, 0)
    assert not merged.all().exists()


def test_nobody_merges_into_what_they_do_not_see(cast: Cast, as_: SignIn) -> None:
    hidden = a_ticket(cast.billing, cast.frida)
    sent = {"act": "merge", "into": hidden.code, "code": codes_of(some_tickets(cast, 1))}
    answer = as_(cast.bela).post("/sweeps", sent)
    assert (answer.status_code, Sweep.objects.count()) == (422, 0)


def test_acts_are_offered_to_who_may_do_them(cast: Cast, as_: SignIn) -> None:
    some_tickets(cast, 1)
    light = as_(cast.cecil).get("/sweeps/acts?view=inbox").content.decode()
    assert 'value="note"' in light
    for act in ("take", "resolve", "delete", "spam", "tag"):
        assert f'name="act" value="{act}"' not in light
    refused = as_(cast.cecil).post(
        "/sweeps", {"act": "delete", "code": codes_of(some_tickets(cast))}
    )
    assert refused.status_code == 403
    assert not Sweep.objects.exists()


def test_in_the_list_of_spam_the_key_says_that_it_is_none(cast: Cast, as_: SignIn) -> None:
    page = as_(cast.anna).get("/sweeps/acts?view=spam").content.decode()
    assert re.search(r'value="not_spam"[^>]*data-key="!"', page)
    assert not re.search(r'value="spam"[^>]*data-key="!"', page)


def test_all_that_match_asks_first_with_the_number(cast: Cast, as_: SignIn) -> None:
    tickets = some_tickets(cast, 4)
    a_ticket(cast.billing, cast.frida, subject="Zip, too.")  # which Bela does not see
    bela = as_(cast.bela)
    assert "All 4 that match" in bela.get("/sweeps/acts?q=zip").content.decode()
    sent = {"act": "tag", "tag": "zip", "list": "q=zip", "code": codes_of(tickets[:1]), "all": "1"}
    asked = bela.post("/sweeps", sent)
    assert asked.status_code == 200
    assert "Tag “zip”: 4 tickets?" in asked.content.decode()
    assert not Sweep.objects.exists()
    answer = bela.post("/sweeps", fields(asked.content.decode()))
    assert answer["Location"] == "/find?q=zip"
    run_due()
    sweep = Sweep.objects.get()
    assert (sweep.total, sweep.done, sweep.query) == (4, 4, "zip")


def test_what_customers_are_written_asks_first(cast: Cast, as_: SignIn) -> None:
    tickets = some_tickets(cast, 2)
    anna = as_(cast.anna)
    asked = anna.post(
        "/sweeps", {"act": "resolve loud", "list": "view=inbox", "code": codes_of(tickets)}
    ).content.decode()
    assert "Resolve, and ask the customers: 2 tickets?" in asked
    assert "It leaves ten seconds after the last ticket had its turn" in asked
    anna.post("/sweeps", fields(asked))
    assert Sweep.objects.get().values == {"silent": False}


def test_what_cannot_be_used_is_said_and_nothing_is_lost(cast: Cast, as_: SignIn) -> None:
    codes = codes_of(some_tickets(cast, 2))
    anna = as_(cast.anna)
    for wrong, sentence in (
        ({"act": "tag", "tag": " "}, "A tag is a word or two"),
        ({"act": "postpone", "when": "soon"}, "Write a day and a time"),
        ({"act": "assign 99999"}, "Choose one of the agents."),
        ({"act": "merge", "into": "nowhere"}, "There is no ticket with this code."),
        ({"act": "fly"}, "Choose what is to be done."),
        ({"act": ""}, "Choose what is to be done."),
    ):
        answer = anna.post("/sweeps", {"list": "view=inbox", "code": codes, **wrong})
        assert answer.status_code == 422
        assert sentence in answer.content.decode(), wrong
        assert fields(answer.content.decode())["code"] == codes
    nothing = anna.post("/sweeps", {"act": "take", "list": "view=inbox"})
    assert "Pick a ticket first." in nothing.content.decode()
    assert anna.post("/sweeps", {"act": "take", "list": "view=secret"}).status_code == 404


def test_a_form_that_is_sent_twice_begins_one(cast: Cast, as_: SignIn) -> None:
    sent = {
        "act": "take",
        "list": "view=inbox",
        "code": codes_of(some_tickets(cast)),
        "once": "form",
    }
    anna = as_(cast.anna)
    for _ in range(2):
        assert anna.post("/sweeps", sent).status_code == 302
    assert Sweep.objects.count() == 1


def test_a_colleagues_view_is_not_swept(cast: Cast, as_: SignIn) -> None:
    view = keeping.make(Wish("Mine", "status:new"), by=by(cast.bela))
    anna = as_(cast.anna)
    sent = {"act": "take", "list": f"saved={view.pk}", "all": "1"}
    assert anna.post("/sweeps", sent).status_code == 403
    assert anna.get(f"/sweeps/acts?saved={view.pk}").status_code == 403


def begun(client: Client, tickets: list[Ticket], act: str = "take", **more: str) -> Sweep:
    client.post("/sweeps", {"act": act, "code": codes_of(tickets), "list": "view=inbox", **more})
    return Sweep.objects.latest("pk")


def rail_of(client: Client, address: str = "/me") -> str:
    return client.get(address).content.decode().split("<main")[0]


def test_the_rail_shows_how_far_it_is_on_every_page_until_it_is_put_away(
    cast: Cast, as_: SignIn
) -> None:
    bela, tickets = as_(cast.bela), some_tickets(cast)
    assert "<sweep-bar" not in rail_of(bela)
    sweep = begun(bela, tickets)
    assert "Take: 3 tickets" in rail_of(bela)
    assert "0 %" in rail_of(bela)
    run_due()
    assert "3 done" in rail_of(bela)
    piece = bela.get("/sweeps/progress?back=/me").content.decode()
    assert 'data-state="ended"' in piece
    assert 'name="back" value="/me"' in piece
    assert "<sweep-bar" not in rail_of(as_(cast.anna))
    put_away = bela.post("/sweeps/progress", {"_method": "DELETE", "back": "/me"})
    assert put_away["Location"] == "/me"
    assert "<sweep-bar" not in rail_of(bela)
    assert "Take: 3 tickets" in bela.get("/sweeps").content.decode()
    assert sweep.pk


def test_it_is_taken_back_from_the_rail_and_that_is_shown_next(cast: Cast, as_: SignIn) -> None:
    bela, tickets = as_(cast.bela), some_tickets(cast)
    sweep = begun(bela, tickets)
    run_due()
    answer = bela.post(f"/sweeps/{sweep.pk}", {"_method": "DELETE", "back": "/?view=mine"})
    assert answer["Location"] == "/?view=mine"
    run_due()
    assert "Undo: 3 tickets" in rail_of(bela)
    assert [one.assignee for one in fresh(tickets)] == [None] * 3
    page = bela.get(f"/sweeps/{sweep.pk}").content.decode()
    assert "Taken back" in page
    assert 'value="DELETE"' not in page.split("sheet__title")[1].split("</main>")[0]


def test_it_is_stopped(cast: Cast, as_: SignIn) -> None:
    bela, tickets = as_(cast.bela), some_tickets(cast)
    sweep = begun(bela, tickets)
    assert bela.post(f"/sweeps/{sweep.pk}/stop")["Location"] == f"/sweeps/{sweep.pk}"
    run_due()
    assert [one.assignee for one in fresh(tickets)] == [None] * 3
    assert "Stopped" in bela.get(f"/sweeps/{sweep.pk}").content.decode()


def test_its_page_says_what_was_refused_and_why(cast: Cast, as_: SignIn) -> None:
    fits, resolved, gone = some_tickets(cast)
    actions.resolve(resolved, by=by(cast.anna))
    anna, bela = as_(cast.anna), as_(cast.bela)
    sweep = begun(anna, [fits, resolved, gone], "resolve")
    run_due()
    page = anna.get(f"/sweeps/{sweep.pk}").content.decode()
    assert "This cannot be done while the ticket is Resolved." in page
    assert "Zip 1." in page
    assert "2 done · 1 refused" in page
    # What went out of sight meanwhile is named by its code alone.
    own = begun(bela, [resolved], "resolve")
    actions.transfer(resolved, cast.billing, by=by(cast.anna))
    run_due()
    page = bela.get(f"/sweeps/{own.pk}").content.decode()
    assert resolved.code in page
    assert "Zip 1." not in page


def test_nobody_looks_at_a_colleagues(cast: Cast, as_: SignIn) -> None:
    sweep = begun(as_(cast.bela), some_tickets(cast, 1))
    anna = as_(cast.anna)
    assert anna.get(f"/sweeps/{sweep.pk}").status_code == 404
    assert anna.post(f"/sweeps/{sweep.pk}", {"_method": "DELETE"}).status_code == 404
    assert anna.post(f"/sweeps/{sweep.pk}/stop").status_code == 404
    assert "Take:" not in anna.get("/sweeps").content.decode()


def test_it_is_not_taken_back_too_late(
    cast: Cast, as_: SignIn, clock: time_machine.Traveller
) -> None:
    bela = as_(cast.bela)
    sweep = begun(bela, some_tickets(cast, 1))
    run_due()
    clock.shift(timedelta(minutes=11))
    answer = bela.post(f"/sweeps/{sweep.pk}", {"_method": "DELETE"})
    assert answer.status_code == 409
    assert "more than ten minutes ago" in answer.content.decode()
    assert "<sweep-bar" not in rail_of(bela)


def test_what_leads_back_leads_nowhere_else(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    sweep = begun(bela, some_tickets(cast, 1))
    for back in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""):
        answer = bela.post(f"/sweeps/{sweep.pk}/stop", {"back": back})
        assert answer["Location"] == f"/sweeps/{sweep.pk}"


def test_earlier_sweeps_come_when_asked_for(
    cast: Cast, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deskbell.web.desk import sweeps

    monkeypatch.setattr(sweeps, "ROWS", 2)
    bela, tickets = as_(cast.bela), some_tickets(cast, 1)
    for tag in ("one", "two", "three"):
        begun(bela, tickets, "tag", tag=tag)
        run_due()
    first = bela.get("/sweeps").content.decode()
    assert "“three”" in first
    assert "“one”" not in first.split("<main")[1]
    more = re.search(r'href="(\?after=\d+)"', first)
    assert more
    assert "“one”" in bela.get(f"/sweeps{more[1]}").content.decode()


def test_a_page_of_who_sweeps_nothing_costs_no_query_more(cast: Cast, as_: SignIn) -> None:
    bela, tickets = as_(cast.bela), some_tickets(cast)
    bela.get("/")
    with CaptureQueriesContext(connection) as before:
        bela.get("/")
    assert not any("sweeps_" in one["sql"] for one in before.captured_queries)
    begun(bela, tickets)
    with CaptureQueriesContext(connection) as during:
        bela.get("/")
    assert len([one for one in during.captured_queries if "sweeps_" in one["sql"]]) == 1


def test_the_same_note_on_each_says_what_was_written(cast: Cast, as_: SignIn) -> None:
    begun(as_(cast.bela), some_tickets(cast, 2), "note", text="Known to the workshop.")
    run_due()
    texts = Message.objects.filter(kind="note").values_list("text__plain", flat=True)
    assert list(texts) == ["Known to the workshop."] * 2

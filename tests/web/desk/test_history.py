"""The ticket as it stood after each of its entries, and a list as it stood at a moment."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by
from tests.conftest import NOON
from tests.desk import a_ticket, writes_again
from tests.web.conftest import SignIn
from tests.web.desk.pages import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(clock: time_machine.Traveller, cast: Cast) -> Ticket:
    """Opened at noon, taken at one, described and tagged at two, resolved at three, written to at four."""
    ticket = a_ticket(cast.support, cast.emil)
    an_hour = timedelta(hours=1)
    clock.shift(an_hour)
    actions.take(ticket, by=by(cast.bela))
    clock.shift(an_hour)
    actions.describe(ticket, by=by(cast.bela), subject="A new zip", description="The left one.")
    actions.tag(ticket, by=by(cast.bela), add=["zip"])
    actions.add_check(ticket, "Order a slider", by=by(cast.bela))
    clock.shift(an_hour)
    actions.resolve(ticket, by=by(cast.bela))
    clock.shift(an_hour)
    writes_again(ticket, cast.emil, "It broke again.")
    return fresh(ticket)


def test_each_step_shows_what_was_true_then(cast: Cast, as_: SignIn, ticket: Ticket) -> None:
    bela, address = as_(cast.bela), f"/tickets/{ticket.code}/history"
    first = bela.get(address, {"step": "2"}).content.decode()
    assert ">The zip came apart</h1>" in first
    assert "Assigned to nobody" in first
    assert "took it" not in first
    described = bela.get(address, {"step": "4"}).content.decode()
    assert ">A new zip</h1>" in described
    assert "The left one." in described
    assert "tagged it" not in described, "several entries share a moment"
    tagged = bela.get(address, {"step": "6"}).content.decode()
    assert "Order a slider" in tagged
    assert 'data-status="open"' not in tagged.split('id="then"')[1].split("</main>")[0]
    last = bela.get(address).content.decode()
    assert "It broke again." in last
    assert f'value="{ticket.last_step}"' in last


def test_the_past_is_walked_without_scripts_and_nothing_is_done_in_it(
    cast: Cast, as_: SignIn, ticket: Ticket
) -> None:
    address = f"/tickets/{ticket.code}/history"
    page = as_(cast.bela).get(address, {"step": "3"}).content.decode()
    main = page.split('id="history"')[1].split("</main>")[0]
    assert f'href="{address}?step=2"' in main
    assert f'href="{address}?step=4"' in main
    assert '<input class="past__slider" id="step" name="step" type="range"' in main
    assert 'method="post"' not in main
    begin = as_(cast.bela).get(address, {"step": "1"}).content.decode()
    assert "?step=0" not in begin
    assert f"?step={ticket.last_step + 1}" not in as_(cast.bela).get(address).content.decode()


def test_a_moment_leads_to_the_step_that_stood_then(
    cast: Cast, as_: SignIn, ticket: Ticket
) -> None:
    bela, address = as_(cast.bela), f"/tickets/{ticket.code}/history"
    half_past = (NOON + timedelta(minutes=90)).isoformat()
    assert ' value="3"' in bela.get(address, {"at": half_past}).content.decode()
    assert ' value="3"' in bela.get(f"{address}?at={half_past}").content.decode()
    local = {"at": "2026-03-02T14:30", "zone": "Europe/Budapest"}
    assert ' value="3"' in bela.get(address, local).content.decode()
    assert bela.get(address, {"at": "2026-03-02T11:00"}).status_code == 404
    for wrong in ({"at": "then"}, {"step": "x"}, {"step": "-1"}, {"step": "9" * 30}):
        assert bela.get(address, wrong).status_code == 422
    assert bela.get(address, {"step": "0"}).status_code == 404
    assert as_(cast.dora).get(address).status_code == 404


def test_a_merged_in_tickets_thread_is_part_of_the_past(
    cast: Cast, as_: SignIn, ticket: Ticket
) -> None:
    other = a_ticket(cast.support, cast.emil, subject="Same", text="Did you get it?")
    before = ticket.last_step
    actions.merge(other, ticket, by=by(cast.bela))
    bela, address = as_(cast.bela), f"/tickets/{ticket.code}/history"
    assert "Did you get it?" not in bela.get(address, {"step": str(before)}).content.decode()
    page = bela.get(address).content.decode()
    assert "Did you get it?" in page
    assert f"from {other.code}" in page


def test_a_page_of_the_past_costs_the_same_however_long_it_was(
    cast: Cast, as_: SignIn, ticket: Ticket
) -> None:
    bela, address = as_(cast.bela), f"/tickets/{ticket.code}/history"
    bela.get(address)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            bela.get(address)
        return len(caught)

    short = queries()
    for number in range(6):
        actions.note(ticket, Content(f"Note {number}."), by=by(cast.bela))
    assert queries() <= short


def test_a_list_is_shown_as_it_stood(
    clock: time_machine.Traveller, cast: Cast, as_: SignIn, ticket: Ticket
) -> None:
    clock.shift(timedelta(hours=1))
    later = a_ticket(cast.support, cast.frida, subject="Came later")
    bela = as_(cast.bela)
    at = (NOON + timedelta(hours=3, minutes=30)).isoformat()
    page = bela.get("/", {"view": "resolved", "at": at}).content.decode()
    assert ticket.code in page
    assert f'href="/tickets/{ticket.code}/history?at=2026-03-02T15%3A30%3A00' in page
    assert "As it stood on" in page
    assert 'value="2026-03-02T15:30"' in page
    assert "desk-list" not in page, "the past is not live"
    assert later.code not in bela.get("/", {"at": at}).content.decode()
    assert ticket.code not in bela.get("/", {"view": "resolved"}).content.decode()
    early = bela.get("/", {"at": "2026-03-02T11:00"}).content.decode()
    assert "Nothing stood here" in early
    assert bela.get("/", {"at": "yesterday"}).status_code == 422
    assert ticket.code not in as_(cast.dora).get("/", {"at": at}).content.decode()


def test_a_long_list_of_the_past_leads_on(
    clock: time_machine.Traveller, cast: Cast, as_: SignIn
) -> None:
    for number in range(52):
        a_ticket(cast.support, cast.emil, subject=f"Ticket {number}.")
        clock.shift(timedelta(seconds=1))
    bela = as_(cast.bela)
    page = bela.get("/", {"at": "2026-03-03T00:00", "view": "new"}).content.decode()
    more = page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert bela.get(f"/{more}").content.decode().count('class="row__subject"') == 2

"""In a real browser: what is due soon rings the bell of whoever has it, and an answer takes that away."""

from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Browser, expect

from deskbell.clock import now
from deskbell.people.departments import Decisions, add_department, set_members
from deskbell.sla.warnings import warn_when_due
from deskbell.tickets import actions
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.live.test_bell import cast, desk, of_agent, open_page
from tests.web.front_server import RunningFront
from tests.web.writing import words

__all__ = ["cast", "desk"]  # the same desk as the bell's

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


def test_the_bell_says_due_soon_until_the_customer_is_answered(
    desk: RunningFront,
    cast: Cast,
    browser: Browser,
) -> None:
    # A department of its own: what others left in Support is not promised anything.
    repairs = add_department(name="Repairs", decisions=Decisions(answer_within_minutes=60))
    set_members(repairs, [cast.bela])
    with time_machine.travel(now() - timedelta(minutes=50)):
        ticket = a_ticket(repairs, cast.emil)
        actions.take(ticket, by=by(cast.bela))
        run_due()
    context = of_agent(browser, desk, cast.bela)
    page = open_page(context, "/?view=mine")
    due = page.locator(".row .due")
    expect(due).to_have_attribute("data-due", "soon")
    expect(due).to_contain_text("10m")
    bell = page.locator('.rail [data-counter="notices"]')
    expect(bell).to_have_text("")

    # This line of the timetable alone: another adopts the letters that other tests left in the folder.
    warn_when_due()
    run_due()
    expect(bell).to_have_text("1")
    page.goto("/notices")
    expect(page.locator("main")).to_contain_text("Due at")

    page.goto(f"/tickets/{ticket.code}")
    page.get_by_title("Why this time?").click()
    expect(page.locator(".due__why")).to_contain_text("Repairs answers within 60 minutes")
    page.keyboard.press("Escape")
    words(page).fill("Send it in, we sew it.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".ticket__facts .due")).to_have_count(0)
    run_due()
    page.goto("/")
    expect(page.locator('.rail [data-counter="notices"]')).to_have_text("")
    expect(page.locator(".row .due")).to_have_count(0)
    context.close()

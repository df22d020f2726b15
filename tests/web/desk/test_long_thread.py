"""A thread that is longer than a page shows: what came earlier is reached, and handed on like all else."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from deskbell.tickets import actions, thread
from deskbell.tickets.content import Content
from deskbell.tickets.models import Draft, Entry, Message, Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

EARLIER = re.compile(r'<a class="button button--small" href="([^"]*\?before=[0-9]+)" hx-get')
ENTRY = re.compile(r'<li class="entry[^>]* id="entry-([0-9]+)"')


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread, "MOST_ENTRIES", 5)
    # What was worked out for pages of five is kept for nobody else.
    monkeypatch.setattr(
        thread,
        "_own",
        lambda ticket, since: thread._newest(Entry.objects.filter(ticket=ticket, step__gt=since)),
    )


@pytest.fixture
def long(cast: Cast) -> Ticket:
    """A ticket into which another was merged, with more to say than three pages show."""
    part = a_ticket(cast.support, cast.emil, subject="The strap", text="The strap tore.")
    ticket = a_ticket(cast.support, cast.emil)
    for number in range(6):
        writes_again(part, cast.emil, f"On the strap, {number}.")
        writes_again(ticket, cast.emil, f"On the zip, {number}.")
    actions.merge(part, ticket, by=by(cast.bela))
    ticket.refresh_from_db()
    return ticket


def _walk(client: Client, ticket: Ticket) -> list[str]:
    """Go up the thread by its links; return the pages, the newest first."""
    pages, path = [], f"/tickets/{ticket.code}"
    while path:
        answer = client.get(path)
        assert answer.status_code == 200
        pages.append(answer.content.decode())
        above = EARLIER.search(pages[-1])
        path = above[1] if above else ""
    return pages


def test_what_came_earlier_is_reached_to_the_first_word_each_thing_once(
    cast: Cast, long: Ticket, as_: SignIn
) -> None:
    pages = _walk(as_(cast.bela), long)
    shown = [number for page in reversed(pages) for number in ENTRY.findall(page)]
    everything = Entry.objects.filter(ticket__in=Ticket.objects.all()).order_by("at", "id")
    assert shown == [str(one.pk) for one in everything]
    assert "Show what came last" not in pages[0]
    assert all("Show what came last" in page for page in pages[1:])
    assert "The strap tore." in pages[-1]


def test_a_thread_that_fits_has_nothing_earlier(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    assert len(_walk(as_(cast.bela), ticket)) == 1


def test_what_came_earlier_is_as_hidden_as_the_ticket(
    cast: Cast, long: Ticket, as_: SignIn
) -> None:
    other = a_ticket(cast.billing, cast.frida)
    of_other = other.entries.latest("step").pk
    own = long.entries.latest("step").pk
    assert as_(cast.dora).get(f"/tickets/{long.code}?before={own}").status_code == 404
    assert as_(cast.bela).get(f"/tickets/{long.code}?before={own}").status_code == 200
    assert as_(cast.bela).get(f"/tickets/{long.code}?before={of_other}").status_code == 404
    for wrong in ("x", "-1", "9" * 19):
        assert as_(cast.bela).get(f"/tickets/{long.code}?before={wrong}").status_code == 422


def test_what_was_taken_back_later_is_shown_so_on_an_earlier_page(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.take(ticket, by=by(cast.bela))
    taken = ticket.entries.latest("step")
    for number in range(6):
        writes_again(ticket, cast.emil, f"And {number}.")
    actions.undo(ticket, taken.step, by=by(cast.bela))
    [first] = [page for page in _walk(as_(cast.bela), ticket) if f"entry-{taken.pk}" in page]
    assert re.search(rf'id="entry-{taken.pk}"[^>]*data-undone', first)


def test_an_early_letter_and_the_whole_thread_are_handed_on_and_quoted(
    cast: Cast, long: Ticket, as_: SignIn
) -> None:
    bela, early = as_(cast.bela), Message.objects.earliest("pk")
    for number in range(6):
        actions.note(long, Content(f"Note {number}."), by=by(cast.bela))
    for place, fields in (
        ("forwarding", {"message": str(early.pk)}),
        ("forwarding", {}),
        ("quotation", {"message": str(early.pk)}),
    ):
        Draft.objects.all().delete()
        bela.post(f"/tickets/{long.code}/{place}", fields)
        assert "The strap tore." in Draft.objects.get().html
    Draft.objects.all().delete()
    bela.post(f"/tickets/{long.code}/quotation")
    assert "On the zip, 5." in Draft.objects.get().html


def test_who_reads_what_came_long_ago_answers_where_the_last_words_stand(
    cast: Cast, long: Ticket, as_: SignIn
) -> None:
    last, *pages = _walk(as_(cast.bela), long)
    assert 'id="writes"' in last
    for page in pages:
        assert 'id="writes"' not in page
        assert f'href="/tickets/{long.code}">Show what came last' in page

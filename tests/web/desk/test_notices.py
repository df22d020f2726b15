"""The bell, the list of what an agent was told, the marks on rows, and the page of their wishes."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from deskbell.notices.models import Notice, Wished
from deskbell.notices.telling import wishes_of
from deskbell.notices.wishes import USUAL, Way, Why
from deskbell.people.agents import work_in
from deskbell.tickets import actions
from deskbell.tickets.content import Content
from deskbell.tickets.models import Ticket
from deskbell.work.run import run_due
from tests.cast import Cast, by
from tests.desk import a_ticket, writes_again
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def page_at(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def bell(page: str) -> str:
    found = re.search(r'data-counter="notices">([^<]*)<', page)
    assert found
    return found[1]


@pytest.fixture
def given(cast: Cast, ticket: Ticket) -> Ticket:
    """A ticket that Anna gave to Bela."""
    actions.assign(ticket, cast.bela, by=by(cast.anna))
    run_due()
    return ticket


def test_the_bell_counts_what_is_unread(cast: Cast, bela: Client, given: Ticket) -> None:
    writes_again(given, cast.emil)
    run_due()
    assert bell(page_at(bela, "/")) == "2"
    assert bell(page_at(bela, "/tickets/rows")) == "2"


def test_opening_the_ticket_reads_what_was_told_of_it(
    cast: Cast, bela: Client, given: Ticket
) -> None:
    other = a_ticket(cast.support, cast.frida)
    run_due()
    assert bell(page_at(bela, f"/tickets/{given.code}")) == "1"
    assert bell(page_at(bela, f"/tickets/{other.code}")) == ""
    assert not Notice.objects.filter(agent=cast.bela, read_at=None).exists()
    # Only for who opened it.
    assert Notice.objects.filter(agent=cast.anna, read_at=None).exists()


def test_a_row_of_a_list_says_that_something_of_it_is_unread(
    cast: Cast, bela: Client, as_: SignIn, given: Ticket
) -> None:
    assert "Not read yet" in page_at(bela, "/").split('id="rows"')[1]
    assert "Not read yet" in page_at(bela, f"/tickets/rows?codes={given.code}")
    assert "Not read yet" not in page_at(as_(cast.anna), "/").split('id="rows"')[1]
    page_at(bela, f"/tickets/{given.code}")
    assert "Not read yet" not in page_at(bela, "/").split('id="rows"')[1]


def test_the_list_tells_what_happened_and_pages_on(
    cast: Cast, bela: Client, given: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes_again(given, cast.emil, "The strap, too.")
    run_due()
    page = page_at(bela, "/notices")
    assert page.index("The strap, too.") < page.index("Anna van der Meulen assigned it to you")
    assert page.count("Not read yet") == 2
    first, second = Notice.objects.filter(agent=cast.bela).order_by("id")
    earlier = page_at(bela, f"/notices?before={second.pk}")
    assert f'id="notice-{first.pk}"' in earlier
    assert f'id="notice-{second.pk}"' not in earlier
    assert bela.get("/notices?before=x").status_code == 404


def test_an_empty_list_says_what_comes_there(bela: Client) -> None:
    assert "When a ticket is assigned to you" in page_at(bela, "/notices")
    assert "Mark all as read" not in page_at(bela, "/notices")


def test_mark_all_as_read_reads_what_the_page_showed_and_nothing_newer(
    cast: Cast, bela: Client, given: Ticket
) -> None:
    until = Notice.objects.get(agent=cast.bela).pk
    assert f'name="until" value="{until}"' in page_at(bela, "/notices")
    writes_again(given, cast.emil)
    run_due()
    form = {"_method": "DELETE", "until": str(until)}
    assert bela.post("/notices/unread", form).status_code == 302
    assert bell(page_at(bela, "/")) == "1"
    assert bela.post("/notices/unread", {"until": str(until)}).status_code == 405


def test_a_page_asks_for_the_news_with_how_it_wishes_to_be_told(
    cast: Cast, bela: Client, given: Ticket
) -> None:
    Wished.objects.create(agent=cast.bela, ways={"answer": ["sound"], "assigned": ["browser"]})
    writes_again(given, cast.emil)
    run_due()
    piece = page_at(bela, "/notices/news?since=0")
    first, second = re.findall(r"<li [^>]*>[^<]*</li>", piece)
    assert "data-browser" in first
    assert "data-sound" not in first
    assert "data-sound" in second
    assert "Emil Novák wrote</li>" in second
    newest = Notice.objects.latest("id").pk
    assert "<li" not in page_at(bela, f"/notices/news?since={newest}")


def test_who_looks_at_the_ticket_reads_what_comes(
    cast: Cast, bela: Client, as_: SignIn, given: Ticket
) -> None:
    address = f"/tickets/{given.code}/unread"
    assert as_(cast.dora).post(address, {"_method": "DELETE"}).status_code == 404
    answer = bela.post(address, {"_method": "DELETE"})
    assert answer.status_code == 200
    assert bell(answer.content.decode()) == ""
    assert bela.post(address).status_code == 405


def test_what_may_no_longer_be_seen_is_not_shown(
    cast: Cast, bela: Client, as_: SignIn, given: Ticket
) -> None:
    actions.follow(given, by=by(cast.cecil))
    writes_again(given, cast.emil)
    run_due()
    cecil = as_(cast.cecil)
    assert bell(page_at(cecil, "/")) == "1"
    work_in(cast.cecil, [])
    assert bell(page_at(cecil, "/")) == ""
    assert given.code not in page_at(cecil, "/notices")
    assert given.code not in page_at(cecil, "/notices/news?since=0")


def test_many_are_counted_as_many(cast: Cast, bela: Client, given: Ticket) -> None:
    Notice.objects.bulk_create(
        Notice(agent=cast.bela, ticket=given, step=1000 + n, why="answer", at=given.created_at)
        for n in range(120)
    )
    assert bell(page_at(bela, "/")) == "99+"


def test_wishes_are_shown_as_usual_and_kept_when_changed(cast: Cast, bela: Client) -> None:
    page = page_at(bela, "/me/notices")
    assert 'value="60" selected' in page
    form = {
        "ways_mention": ["page", "sound"],
        "mail_mention": "mail",
        "mail_answer": "gathered",
        "gather_minutes": "15",
        "answer": "reply",
    }
    answer = bela.post("/me/notices", form)
    assert answer.status_code == 302
    assert "You are told so from now on." in page_at(bela, answer["Location"])
    wish = wishes_of([cast.bela.pk])[cast.bela.pk]
    assert wish.ways[Why.MENTION] == {Way.PAGE, Way.SOUND, Way.MAIL}
    # Whatever else somebody chooses includes the page.
    assert wish.ways[Why.ANSWER] == {Way.PAGE, Way.GATHERED}
    assert wish.ways[Why.NEW] == frozenset()
    assert (wish.gather_minutes, wish.answer) == (15, True)
    assert wishes_of([cast.anna.pk])[cast.anna.pk].ways == USUAL


@pytest.mark.parametrize(
    ("field", "value"), [("gather_minutes", "7"), ("gather_minutes", ""), ("mail_answer", "pigeon")]
)
def test_a_wish_that_is_none_is_refused_and_what_was_chosen_stays(
    cast: Cast, bela: Client, field: str, value: str
) -> None:
    form = {"ways_mention": ["sound"], "gather_minutes": "15", "answer": "note", field: value}
    answer = bela.post("/me/notices", form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'name="ways_mention" value="sound" checked' in page
    assert not Wished.objects.exists()


def test_a_light_agent_is_not_offered_to_answer_customers(cast: Cast, as_: SignIn) -> None:
    assert 'name="answer"' not in page_at(as_(cast.cecil), "/me/notices")


def test_nobody_reads_notices_without_signing_in(cast: Cast) -> None:
    for address in ("/notices", "/notices/news", "/me/notices"):
        assert Client().get(address).status_code == 302
    assert Client().post("/notices/unread", {"_method": "DELETE"}).status_code == 302


def test_the_list_costs_the_same_whatever_it_shows(
    cast: Cast, bela: Client, given: Ticket, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(12):
        actions.note(given, Content(f"{number}"), by=by(cast.anna), mentions=[cast.bela])
    run_due()
    page_at(bela, "/notices")
    with django_assert_max_num_queries(13):  # type: ignore[operator]
        page_at(bela, "/notices")

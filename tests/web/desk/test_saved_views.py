"""Queries kept under a name: made, shared, opened, put in order, counted."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deskbell.people.agents import archive_agent
from deskbell.people.departments import archive_department
from deskbell.saved_views import keeping
from deskbell.saved_views.keeping import Wish
from deskbell.saved_views.models import SavedView
from deskbell.tickets import actions
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def a_view(cast: Cast, name: str = "New ones", query: str = "status:new") -> SavedView:
    return keeping.make(Wish(name, query), by=by(cast.bela))


def a_shared_view(cast: Cast, name: str = "New ones", query: str = "status:new") -> SavedView:
    return keeping.make(Wish(name, query, audience="all"), by=by(cast.anna))


def names_in_the_rail(client: Client) -> list[str]:
    page = client.get("/me").content.decode()
    rail = page.split('id="rail-saved"')[1].split("</nav>")[0] if "rail-saved" in page else ""
    return [piece.split("</span>")[0] for piece in rail.split('<span class="rail__label">')[1:]]


def test_what_was_found_is_saved_as_a_view_and_stands_in_the_rail(cast: Cast, as_: SignIn) -> None:
    a_ticket(cast.support, cast.emil, subject="The zip came apart")
    a_ticket(cast.support, cast.emil, subject="A pole broke", text="It broke.")
    bela = as_(cast.bela)
    found = bela.get("/find", {"q": "subject:zip"}).content.decode()
    assert 'href="/views/new?q=subject%3Azip"' in found
    assert 'value="subject:zip"' in bela.get("/views/new?q=subject%3Azip").content.decode()
    sent = {"name": "Zips", "query": "subject:zip", "audience": "mine", "sort": "-activity"}
    made = bela.post("/views/new", sent | {"shows": list(keeping.PARTS)})
    page = bela.get(made["Location"]).content.decode()
    assert '<h1 class="inbox__title" dir="auto">Zips</h1>' in page
    assert "The zip came apart" in page
    assert "A pole broke" not in page
    assert '<h2 class="day__name">Today</h2>' in page
    assert names_in_the_rail(bela) == ["Zips"]
    assert names_in_the_rail(as_(cast.anna)) == []


def test_what_cannot_be_saved_is_refused_beside_its_field(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    for wrong, sentence in (
        ({"name": ""}, 'id="name-error"'),
        ({"query": "colour:red"}, 'id="query-error"'),
        ({"query": " "}, "Say what the view is to find"),
        ({"sort": "luck"}, "Choose one of the orders."),
        ({"audience": "nobody"}, "Choose for whom it is."),
    ):
        sent = {"name": "Zips", "query": "zip", "audience": "mine", "sort": "due"} | wrong
        answer = bela.post("/views/new", sent)
        assert answer.status_code == 422
        assert sentence in answer.content.decode(), wrong
    assert not SavedView.objects.exists()


def test_who_may_not_share_keeps_views_for_themselves(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    assert "Everybody" not in bela.get("/views/new").content.decode()
    sent = {"name": "Zips", "query": "zip", "audience": "all", "sort": "due"}
    assert bela.post("/views/new", sent).status_code == 403
    shared = a_shared_view(cast)
    assert bela.get(f"/views/{shared.pk}").status_code == 200
    assert bela.get(f"/views/{shared.pk}/change").status_code == 403
    assert bela.post(f"/views/{shared.pk}/place", {"way": "up"}).status_code == 403
    assert bela.post(f"/views/{shared.pk}", {"_method": "DELETE"}).status_code == 403
    assert SavedView.objects.get() == shared


def test_a_departments_view_stands_in_the_rail_of_who_works_there(cast: Cast, as_: SignIn) -> None:
    sent = {
        "name": "Support's", "query": "status:new", "audience": "department", "sort": "due",
        "department": str(cast.support.pk),
    }  # fmt: skip
    made = as_(cast.anna).post("/views/new", sent)
    assert names_in_the_rail(as_(cast.bela)) == ["Support&#39;s"]
    assert names_in_the_rail(as_(cast.dora)) == []
    assert as_(cast.dora).get(made["Location"]).status_code == 404


def test_whoever_opens_a_shared_view_sees_what_they_may_see(cast: Cast, as_: SignIn) -> None:
    a_ticket(cast.support, cast.emil, subject="A zip")
    a_ticket(cast.billing, cast.frida, subject="An invoice")
    shared = a_shared_view(cast)
    pages = {
        who: as_(who).get(f"/views/{shared.pk}").content.decode() for who in (cast.bela, cast.dora)
    }
    assert "A zip" in pages[cast.bela]
    assert "An invoice" not in pages[cast.bela]
    assert "An invoice" in pages[cast.dora]
    assert "A zip" not in pages[cast.dora]


def test_the_link_of_a_private_view_says_that_it_is_private(cast: Cast, as_: SignIn) -> None:
    own = a_view(cast, query="subject:secret")
    answer = as_(cast.anna).get(f"/views/{own.pk}")
    assert answer.status_code == 403
    assert "This view is a colleague&#39;s own." in answer.content.decode()
    assert "secret" not in answer.content.decode()
    assert as_(cast.anna).post(f"/views/{own.pk}", {"_method": "DELETE"}).status_code == 403
    assert as_(cast.anna).get(f"/views/{own.pk + 1}").status_code == 404


def test_views_stand_in_the_order_that_their_keeper_gives_them(cast: Cast, as_: SignIn) -> None:
    first, _second, third = (a_view(cast, name=name) for name in ("One", "Two", "Three"))
    bela = as_(cast.bela)
    bela.post(f"/views/{third.pk}/place", {"way": "up"})
    assert names_in_the_rail(bela) == ["One", "Three", "Two"]
    bela.post(f"/views/{first.pk}/place", {"way": "down"})
    assert names_in_the_rail(bela) == ["Three", "One", "Two"]
    bela.post(f"/views/{third.pk}/place", {"way": "up"})
    assert names_in_the_rail(bela) == ["Three", "One", "Two"], "the first stays the first"


def test_a_view_is_changed_and_deleted(cast: Cast, as_: SignIn) -> None:
    own = a_view(cast)
    bela = as_(cast.bela)
    sent = {"name": "Due", "query": "status:open", "audience": "mine", "sort": "due"}
    bela.post(f"/views/{own.pk}/change", sent | {"shows": ["status"]})
    own.refresh_from_db()
    assert (own.name, own.query, own.sort) == ("Due", "status:open", "due")
    assert own.hidden_parts == [part for part in keeping.PARTS if part != "status"]
    assert f'data-hides="{own.hides}"' in bela.get(f"/views/{own.pk}").content.decode()
    bela.post(f"/views/{own.pk}", {"_method": "DELETE"})
    assert bela.get(f"/views/{own.pk}").status_code == 404
    assert names_in_the_rail(bela) == []


def test_a_view_shows_more_of_its_tickets_when_it_is_told_to(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    actions.tag(ticket, add=("vip", "Alps"), by=by(cast.bela))
    actions.prioritise(ticket, 4, by=by(cast.bela))
    bela = as_(cast.bela)
    sent = {"name": "New ones", "query": "status:new", "audience": "mine", "sort": "due"}
    plain = bela.post("/views/new", sent | {"shows": list(keeping.PARTS)})["Location"]
    assert "row__besides" not in bela.get(plain).content.decode()
    rich = bela.post("/views/new", sent | {"shows": list(keeping.PARTS | keeping.EXTRAS)})[
        "Location"
    ]
    number = rich.rsplit("/", 1)[1]
    for page in (rich, f"/tickets/rows?saved={number}&codes={ticket.code}"):
        shown = (
            bela.get(page)
            .content.decode()
            .split('class="row__besides"')[1]
            .split('class="row__words"')[0]
        )
        assert re.findall(r"<span[^>]*>([^<]+)</span>", shown) == ["Urgent", "Acme", "Alps", "vip"]
        assert 'data-local="day"' in shown
    form = bela.get(f"/views/{number}/change").content.decode()
    assert re.search(r'value="tags"\s+checked', form)


def test_what_a_view_names_may_be_archived_and_the_page_says_so(cast: Cast, as_: SignIn) -> None:
    a_ticket(cast.billing, cast.emil, subject="An invoice")
    view = keeping.make(
        Wish("Bills", "dept:billing,support assignee:none,dora@desk.example"), by=by(cast.anna)
    )
    archive_agent(cast.dora)
    archive_department(cast.billing)
    page = as_(cast.anna).get(f"/views/{view.pk}").content.decode()
    assert "The department Billing is archived; its tickets are still found." in page
    assert "Dora Lind no longer works here" in page
    assert "An invoice" in page


def test_a_view_that_names_what_is_gone_says_so_and_loses_nothing(cast: Cast, as_: SignIn) -> None:
    view = a_view(cast, query="dept:billing")
    cast.billing.name = "Invoices"
    cast.billing.save(update_fields=["name"])
    answer = as_(cast.bela).get(f"/views/{view.pk}")
    assert answer.status_code == 200
    assert "This view cannot be searched any more" in answer.content.decode()
    assert "dept:billing" in answer.content.decode()
    assert '<span data-counter="saved-' in as_(cast.bela).get("/views/counters").content.decode()


def test_who_leaves_leaves_what_they_shared(cast: Cast, as_: SignIn) -> None:
    keeping.make(Wish("For all", "status:new", audience="all"), by=by(cast.anna))
    keeping.make(Wish("Anna's own", "status:new"), by=by(cast.anna))
    cast.bela.role = "owner"
    cast.bela.save(update_fields=["role"])
    archive_agent(cast.anna)
    assert names_in_the_rail(as_(cast.bela)) == ["For all"]


def test_numbers_are_told_beside_the_page_and_for_whoever_asks(cast: Cast, as_: SignIn) -> None:
    shared = a_shared_view(cast, query="assignee:me")
    ticket = a_ticket(cast.support, cast.emil)
    a_ticket(cast.support, cast.frida)
    actions.take(ticket, by=by(cast.bela))
    for agent, number in ((cast.bela, "1"), (cast.anna, "")):
        page = as_(agent).get("/views/counters").content.decode()
        assert f'<span data-counter="saved-{shared.pk}">{number}</span>' in page


def test_rows_on_screen_say_whether_the_view_lists_them(cast: Cast, as_: SignIn) -> None:
    view = a_view(cast, query="assignee:me")
    mine, other = (a_ticket(cast.support, cast.emil) for _ in range(2))
    actions.take(mine, by=by(cast.bela))
    codes = f"{mine.code},{other.code}"
    page = as_(cast.bela).get(f"/tickets/rows?saved={view.pk}&codes={codes}").content.decode()
    assert f'id="row-{mine.pk}" data-waits data-belongs' in page
    assert page.count("data-belongs") == 1
    assert as_(cast.anna).get(f"/tickets/rows?saved={view.pk}&codes={codes}").status_code == 403


def test_views_in_the_rail_cost_a_page_no_query(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    bela.get("/")
    with CaptureQueriesContext(connection) as before:
        bela.get("/")
    for name in ("One", "Two", "Three"):
        a_view(cast, name=name)
    bela.get("/")
    with CaptureQueriesContext(connection) as after:
        assert "Three" in bela.get("/").content.decode()
    assert len(after) == len(before)


def test_from_a_ticket_one_goes_back_to_the_view(cast: Cast, as_: SignIn) -> None:
    view, ticket = a_view(cast), a_ticket(cast.support, cast.emil)
    came = {"referer": f"http://testserver/views/{view.pk}"}
    page = as_(cast.bela).get(f"/tickets/{ticket.code}", headers=came).content.decode()
    assert f'href="/views/{view.pk}"' in page.split("<main")[1]

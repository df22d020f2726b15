"""The inbox, its rows while it is on screen, and going to a ticket by its code."""

from urllib.parse import parse_qs, urlsplit

import pytest

from deskbell.people.customers import also_reached_at, customer_for
from deskbell.people.models import Address
from deskbell.tickets import actions
from deskbell.tickets.models import Ticket
from tests.cast import Cast, by
from tests.desk import a_ticket
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_each_sees_the_tickets_of_their_departments(cast: Cast, as_: SignIn) -> None:
    a_ticket(cast.support, cast.emil, subject="A zip")
    a_ticket(cast.billing, cast.frida, subject="An invoice")
    anna, bela = (as_(agent).get("/").content.decode() for agent in (cast.anna, cast.bela))
    assert "A zip" in anna
    assert "An invoice" in anna
    assert "A zip" in bela
    assert "An invoice" not in bela
    assert "Billing" not in bela


def test_a_view_holds_what_its_name_says(cast: Cast, as_: SignIn) -> None:
    taken = a_ticket(cast.support, cast.emil, subject="Taken by Bela")
    actions.take(taken, by=by(cast.bela))
    a_ticket(cast.support, cast.emil, subject="Of nobody")
    bela = as_(cast.bela)
    assert "Taken by Bela" in bela.get("/?view=mine").content.decode()
    assert "Of nobody" not in bela.get("/?view=mine").content.decode()
    assert "Taken by Bela" not in bela.get("/?view=unassigned").content.decode()
    assert bela.get("/?view=secret").status_code == 404
    assert bela.get(f"/?department={cast.billing.pk}").status_code == 404
    assert "Of nobody" in bela.get(f"/?department={cast.support.pk}").content.decode()


@pytest.mark.parametrize("view", ["inbox", "mine", "unassigned", "answered", "closed", "all"])
def test_an_empty_view_says_what_to_do_next(cast: Cast, as_: SignIn, view: str) -> None:
    page = as_(cast.anna).get(f"/?view={view}").content.decode()
    assert 'class="empty__title"' in page


def test_earlier_tickets_come_when_asked_for(cast: Cast, as_: SignIn) -> None:
    for number in range(53):
        a_ticket(cast.support, cast.emil, subject=f"Ticket {number}.")
    bela = as_(cast.bela)
    first = bela.get("/").content.decode()
    assert "Ticket 52." in first
    assert "Ticket 2." not in first
    more = first.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    second = bela.get(f"/{more}").content.decode()
    assert "Ticket 2." in second
    assert "Ticket 52." not in second
    assert "Show earlier ones" not in second
    assert '<h2 class="day__name">' not in second, "the heading of the day stands already"
    assert bela.get("/?after=forged").status_code == 422


def test_rows_on_screen_are_given_as_they_are_now(cast: Cast, as_: SignIn) -> None:
    mine = a_ticket(cast.support, cast.emil, subject="Mine now")
    actions.take(mine, by=by(cast.bela))
    other = a_ticket(cast.support, cast.emil, subject="Of nobody")
    hidden = a_ticket(cast.billing, cast.emil, subject="Not for Bela")
    codes = ",".join(ticket.code for ticket in (mine, other, hidden))
    page = as_(cast.bela).get(f"/tickets/rows?view=mine&codes={codes}").content.decode()
    assert f'id="row-{mine.pk}" data-waits data-belongs' in page
    assert f'id="row-{other.pk}" data-waits >' in page
    assert "Not for Bela" not in page
    assert '<span data-counter="view-mine">1</span>' in page


def test_a_list_costs_the_same_number_of_queries_however_long_it_is(
    cast: Cast, as_: SignIn, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    bela = as_(cast.bela)
    for number in range(20):
        a_ticket(cast.support, cast.emil, subject=f"Ticket {number}.")
    bela.get("/")  # the first page writes down that they are here
    with django_assert_max_num_queries(11):  # type: ignore[operator]
        bela.get("/")


def test_somebody_without_a_name_goes_by_their_address(cast: Cast, as_: SignIn) -> None:
    nameless = customer_for("jw@shop.example")
    Address.objects.create(customer=nameless.customer, value="second@shop.example")
    a_ticket(cast.support, nameless)
    page = as_(cast.bela).get("/").content.decode()
    assert '<span class="row__name" dir="auto">jw@shop.example</span>' in page
    assert "Nobody yet" not in page
    assert 'aria-hidden="true">J</span>' in page


def test_a_code_leads_to_its_ticket_however_it_is_typed(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    bela = as_(cast.bela)
    for typed in (ticket.code, ticket.code.lower(), f" {ticket.code.replace('-', '')} "):
        answer = bela.get("/find", {"q": typed})
        assert answer["Location"] == f"/tickets/{ticket.code}"
    hidden = as_(cast.dora).get("/find", {"q": ticket.code})
    assert hidden.status_code == 404
    assert f"No ticket “{ticket.code}”" in hidden.content.decode()
    assert Ticket.objects.count() == 1


def test_words_and_terms_find_what_the_api_finds(cast: Cast, as_: SignIn) -> None:
    a_ticket(cast.support, cast.emil, subject="The zip came apart")
    a_ticket(cast.support, cast.frida, subject="A zip for the tent")
    a_ticket(cast.billing, cast.emil, subject="Not for Bela: a zip")
    bela = as_(cast.bela)
    page = bela.get("/find", {"q": "zip from:emil@acme.example"}).content.decode()
    assert page.count('class="row__subject"') == 1
    assert "The <mark>zip</mark> came apart" in page
    assert "After two nights the <mark>zip</mark> came apart." in page
    assert 'value="zip from:emil@acme.example"' in page
    assert "Nothing fits “&lt;b&gt;”" in bela.get("/find", {"q": "<b>"}).content.decode()


@pytest.mark.parametrize(("typed", "meant"), [("form", "from"), ("Tags", "tag")])
def test_a_mistyped_term_is_told_what_it_may_mean(
    cast: Cast, as_: SignIn, typed: str, meant: str
) -> None:
    page = as_(cast.bela).get("/find", {"q": f"{typed}:emil"}).content.decode()
    assert f"There is no term “{typed.lower()}:”. Did you mean “{meant}:”?" in page


def test_how_many_were_found_is_told_beside_the_page(cast: Cast, as_: SignIn) -> None:
    a_ticket(cast.support, cast.emil, subject="The zip of a tent")
    a_ticket(cast.billing, cast.emil, subject="The zip of a bag")
    anna, bela = as_(cast.anna), as_(cast.bela)
    page = anna.get("/find", {"q": "zip & tent"}).content.decode()
    assert 'data-count-from="/find/count?q=zip+%26+tent"' in page
    found = '<span data-counter="found">{}</span>'
    for client, number in ((anna, 2), (bela, 1)):
        assert found.format(number) in client.get("/find/count", {"q": "zip"}).content.decode()
    for nothing in ("colour:red", "nowhere"):
        assert found.format("") in anna.get("/find/count", {"q": nothing}).content.decode()


def test_a_term_that_nobody_knows_is_explained_beside_the_box(cast: Cast, as_: SignIn) -> None:
    answer = as_(cast.bela).get("/find", {"q": "colour:red"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is no term “colour:” to search by." in page
    assert 'aria-describedby="query-error"' in page
    assert 'value="colour:red"' in page
    assert "<mark>colour:red</mark>" in page


def test_the_form_beside_the_field_writes_the_query(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    chosen = {"q": "zip status:open -tag:vip", "status": "new", "department": "technical help"}
    written = bela.get("/find/narrowed", chosen)["Location"]
    assert parse_qs(urlsplit(written).query)["q"] == [
        'zip -tag:vip status:new dept:"technical help"'
    ]
    assert bela.get("/find/narrowed", {"q": "status:open"})["Location"] == "/"


def test_terms_and_values_are_offered_while_one_types(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)

    def offered(text: str) -> list[str]:
        return [one[0] for one in bela.get("/find/completions", {"q": text}).json()["offers"]]

    assert offered("zip sta") == ["status:"]
    assert offered("status:op") == ["open "]
    assert offered("status:new,po") == ["postponed "]
    assert offered("dept:") == ["Support "]  # Billing is not Bela's
    assert offered("assignee:bel") == ["bela@desk.example "]
    assert offered("from:emi") == ["emil@acme.example "]
    also_reached_at(cast.emil.customer, "+3612345678", kind="phone")
    assert offered('from:"+36 1 23') == offered("from:0036123") == ["+3612345678 "]
    assert offered("from:36123") == ["+3612345678 "]
    assert offered("colour:b") == offered("zip ") == []
    assert bela.get("/find/completions", {"q": "sta zip", "at": "3"}).json()["start"] == 0


def test_an_empty_query_stays_where_it_was_asked(cast: Cast, as_: SignIn) -> None:
    bela = as_(cast.bela)
    came = {"referer": "http://testserver/?view=mine"}
    assert bela.get("/find", {"q": " "}, headers=came)["Location"] == "/?view=mine"
    assert bela.get("/find")["Location"] == "/"


def test_what_fits_a_query_is_paged_and_kept_fresh(cast: Cast, as_: SignIn) -> None:
    tickets = [a_ticket(cast.support, cast.emil, subject=f"Zip {n}.") for n in range(52)]
    bela = as_(cast.bela)
    first = bela.get("/find", {"q": "zip"}).content.decode()
    assert first.count('class="row__subject"') == 50
    more = first.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    second = bela.get(f"/find{more}").content.decode()
    assert second.count('class="row__subject"') == 2
    assert "<mark>Zip</mark> 0." in second
    rows = bela.get(
        "/tickets/rows", {"q": "subject:1", "codes": f"{tickets[1].code},{tickets[2].code}"}
    )
    assert rows.content.decode().count("data-belongs") == 1


def test_a_ticket_is_found_at_once_in_html_without_scripts(cast: Cast, as_: SignIn) -> None:
    ticket = a_ticket(cast.support, cast.emil)
    page = as_(cast.bela).get("/").content.decode()
    assert f'<a class="row__subject" href="/tickets/{ticket.code}"' in page


def test_of_the_tickets_opened_last_those_are_offered_that_one_may_see(
    cast: Cast, as_: SignIn
) -> None:
    ours = a_ticket(cast.support, cast.emil, subject="A zip")
    theirs = a_ticket(cast.billing, cast.emil, subject="An invoice")
    asked = {"codes": f"{theirs.code},{ours.code},nonsense"}
    assert as_(cast.bela).get("/find/recent", asked).json() == {"offers": [[ours.code, "A zip"]]}
